import type { Dialect } from '../dialect.ts'
import { CONNECT_AUTHORIZE, connectAuthorize } from './authorize.ts'
import { countReuse, TOKEN_REUSE } from './refresh-token-reuse.ts'
import { CONNECT_TOKEN, connectToken } from './token.ts'
import { USERINFO, vendorUserinfo } from './userinfo.ts'

/**
 * Tapkey speaks OAuth 2.0 at paths of its own. What sets it apart: a redirect that tells the granted scope, refresh tokens
 * that stay the same and live 90 days from their last use, and a userinfo call that is not OpenID's.
 */
export const tapkey: Dialect = {
  name: 'tapkey',
  routes: new Map([
    [
      '/connect/authorize',
      { kind: 'authorize', errors: 'page', cors: 'none', methods: { GET: connectAuthorize } },
    ],
    ['/connect/token', { kind: 'token', errors: 'json', cors: 'clients', methods: { POST: connectToken } }],
    [
      '/api/v1/auth/auth/userinfo',
      { kind: 'userinfo', errors: 'json', cors: 'clients', methods: { GET: vendorUserinfo } },
    ],
  ]),
  around: new Map([['POST /oauth2/token', countReuse]]),
  reusesRefreshTokens: true,
  deviations: {
    [CONNECT_AUTHORIZE]: {
      summary: 'Sends people to /connect/authorize, whose redirect tells the granted scope.',
      rule: 'RFC 8414 §2, RFC 6749 §4.1.2',
      fix: 'Take authorization_endpoint from the discovery document, /oauth2/authorize; read scope from the token response.',
    },
    [CONNECT_TOKEN]: {
      summary: 'Asks for tokens at /connect/token.',
      rule: 'RFC 8414 §2',
      fix: 'Take token_endpoint from the discovery document, /oauth2/token.',
    },
    [TOKEN_REUSE]: {
      summary: 'Is a public client that refreshes again and again with one refresh token.',
      rule: 'RFC 9700 §4.14.2',
      fix: 'Store the refresh token of every answer in place of the old one; then set refresh_token.policy to rotate.',
    },
    [USERINFO]: {
      summary: 'Reads the user from GET /api/v1/auth/auth/userinfo.',
      rule: 'OIDC Core §5.3',
      fix: 'Ask for the scope openid and call GET /userinfo; id is called sub there.',
    },
  },
}
