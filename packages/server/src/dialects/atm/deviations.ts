import type { Deviation } from '../dialect.ts'

/** What ATM clients do in a way of their own, by the id under which it is counted. */
export const deviations = {
  atm_login_path: {
    summary: 'Sends the browser to /login, and gets code alone back.',
    rule: 'RFC 6749 §3.1, RFC 9207 §2',
    fix: 'Send the browser to /oauth2/authorize, with state; check state and iss in the answer.',
  },
  atm_bare_request: {
    summary: 'Leaves out response_type, redirect_uri or scope.',
    rule: 'RFC 6749 §4.1.1, OIDC Core §3.1.2.1',
    fix: 'Send response_type=code, the redirect_uri and the scope that is needed.',
  },
  atm_client_id_name: {
    summary: 'Sends clientId.',
    rule: 'RFC 6749 §2.2',
    fix: 'Call it client_id.',
  },
  atm_client_secret_name: {
    summary: 'Sends clientSecret.',
    rule: 'RFC 6749 §2.3.1',
    fix: 'Call it client_secret.',
  },
  atm_grant_types_name: {
    summary: 'Sends grant_types.',
    rule: 'RFC 6749 §4.1.3',
    fix: 'Call it grant_type.',
  },
  atm_grant_type_camel_name: {
    summary: 'Sends grantType.',
    rule: 'RFC 6749 §6',
    fix: 'Call it grant_type.',
  },
  atm_hex_challenge: {
    summary: 'Sends the SHA-256 in hexadecimal digits as code_challenge.',
    rule: 'RFC 7636 §4.2',
    fix: 'Send base64url of the SHA-256, 43 characters, with code_challenge_method=S256.',
  },
  atm_sha512_challenge: {
    summary: 'Sends a SHA-512 in hexadecimal digits as code_challenge.',
    rule: 'RFC 7636 §4.3',
    fix: 'Send base64url of the SHA-256, 43 characters, with code_challenge_method=S256.',
  },
  atm_short_verifier: {
    summary: 'Has a code_verifier that is short, or has characters that the standard does not know.',
    rule: 'RFC 7636 §4.1',
    fix: 'Make a new one for every sign-in: base64url of 32 random bytes, 43 characters.',
  },
  atm_undotted_scheme: {
    summary: 'Takes its code by a scheme without a dot, such as MyApp://.',
    rule: 'RFC 8252 §7.1',
    fix: 'Use a domain of yours in reverse, such as com.example.app:/callback, or an https link that the app claims.',
  },
  atm_json_body: {
    summary: 'Sends JSON.',
    rule: 'RFC 6749 §4.1.3',
    fix: 'Send a form to /oauth2/token: application/x-www-form-urlencoded.',
  },
  atm_password_sign_in: {
    summary: 'Takes the password itself and posts it to /auth.',
    rule: 'OAuth 2.1 §10, RFC 9700 §2.4',
    fix: 'Send the browser to /oauth2/authorize: only there do second factors and single sign-on work.',
  },
  atm_refresh_by_id_token: {
    summary: 'Refreshes without its secret; the ID token stands in.',
    rule: 'RFC 6749 §6',
    fix: 'Send client_secret at each refresh, or make the client public.',
  },
  atm_token_response: {
    summary: 'Reads exp_access_token, and gets neither token_type nor expires_in.',
    rule: 'RFC 6749 §5.1',
    fix: 'Use /oauth2/token, and read expires_in.',
  },
  atm_access_token: {
    summary: 'Gets access tokens with the issuer "atm" and a scope that is an object.',
    rule: 'RFC 9068 §2.2',
    fix: 'Let its APIs check iss, aud and the scopes of RFC 9068 tokens, which /oauth2/token gives; ask /userinfo for names.',
  },
} as const satisfies Readonly<Record<string, Deviation>>

export type AtmDeviation = keyof typeof deviations
