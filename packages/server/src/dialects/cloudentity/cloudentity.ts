import type { Dialect } from '../dialect.ts'
import { selfRevocation } from './revocation.ts'
import { signInWithoutCookies } from './sign-in-page.ts'
import { tokenRequest } from './token-request.ts'

/**
 * Cloudentity: single-page apps by code and PKCE. Authorization, userinfo and most of the token endpoint are the standard's
 * own; what its documentation and its SDK do besides is translated here.
 */
export const cloudentity: Dialect = {
  name: 'cloudentity',
  routes: new Map(),
  around: new Map([
    ['POST /oauth2/token', tokenRequest],
    ['POST /oauth2/revoke', selfRevocation],
    ['GET /sign-in', signInWithoutCookies],
  ]),
  deviations: {
    cloudentity_code_parameter: {
      summary: 'Sends the code as authorization_code.',
      rule: 'RFC 6749 §4.1.3',
      fix: 'Send it as code: grant_type=authorization_code&client_id=…&code=…&code_verifier=…',
    },
    cloudentity_client_inferred: {
      summary: 'Redeems a code without grant_type or client_id.',
      rule: 'RFC 6749 §4.1.3',
      fix: 'Add grant_type=authorization_code and client_id to the token request.',
    },
    cloudentity_code_challenge_at_token: {
      summary: 'Repeats code_challenge in the token request, where it proves nothing.',
      rule: 'RFC 7636 §4.5',
      fix: 'Leave code_challenge out of the token request; code_verifier alone is compared.',
    },
    cloudentity_subject_token_type: {
      summary: 'Exchanges a token without subject_token_type.',
      rule: 'RFC 8693 §2.1',
      fix: 'Add subject_token_type=urn:ietf:params:oauth:token-type:access_token.',
    },
    cloudentity_self_revocation: {
      summary: 'Revokes an access token with that token in the Authorization header, without client_id.',
      rule: 'RFC 7009 §2.1',
      fix: 'Send client_id in the body, beside token, and no Authorization header.',
    },
  },
}
