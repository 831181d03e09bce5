import type { Exchange } from '../../core/exchange.ts'
import { shown } from '../../core/form.ts'
import type { ErrorDetail } from '../../protocol/oauth-error.ts'

/** What a client should send in place of a call of ATM's, for refusals. */
type Standard = Required<Pick<ErrorDetail, 'received' | 'expected' | 'fix'>>

const CHALLENGE = 'code_challenge=<base64url of the SHA-256, 43 characters>&code_challenge_method=S256'

export function standardOfLogin({ workspace }: Exchange, clientId: string | undefined): Standard {
  return {
    received: clientId === undefined ? 'GET /login without clientId' : 'GET /login',
    expected: authorizationUrl(workspace.issuer, clientId),
    fix: 'Send the browser to /oauth2/authorize with client_id, response_type=code, redirect_uri, scope, state and an S256 code_challenge.',
  }
}

export function standardOfPasswordSignIn({ workspace }: Exchange, clientId: string | undefined): Standard {
  return {
    received: 'POST /auth',
    expected: authorizationUrl(workspace.issuer, clientId),
    fix: 'No standard lets an application take the password (RFC 9700 §2.4): send the browser to /oauth2/authorize, where people sign in.',
  }
}

export function standardOfToken(
  { workspace }: Exchange,
  clientId: string | undefined,
  grantType: string | undefined,
): Standard {
  const id = `client_id=${shown(clientId ?? 'ID')}`
  const form =
    grantType === 'refresh_token'
      ? `grant_type=refresh_token&refresh_token=…&${id}`
      : `grant_type=authorization_code&code=…&code_verifier=…&${id}`
  return {
    received: 'POST /auth/token',
    expected: `POST ${workspace.issuer}/oauth2/token, Content-Type: application/x-www-form-urlencoded, ${form}`,
    fix: 'Send a form to /oauth2/token, with grant_type, client_id and (of a confidential client) client_secret in place of grant_types, clientId and clientSecret.',
  }
}

function authorizationUrl(issuer: string, clientId = 'ID'): string {
  return `GET ${issuer}/oauth2/authorize?response_type=code&client_id=${shown(clientId)}&redirect_uri=…&scope=openid&state=…&${CHALLENGE}`
}
