import type { Dialect } from '../dialect.ts'
import { withUserId } from './user-id.ts'
import { USERINFO_PATH, userinfoOf } from './userinfo.ts'

/**
 * TOKI names the user beside the tokens, and again in the path of userinfo. All else it does is OAuth 2.0 as it stands;
 * that one flow does without PKCE is a setting of the client (`require_pkce`), not of the dialect.
 */
export const toki: Dialect = {
  name: 'toki',
  routes: new Map(),
  prefixes: new Map([
    ['/userinfo/', { kind: 'userinfo', errors: 'json', cors: 'clients', methods: { GET: userinfoOf } }],
  ]),
  around: new Map([['POST /oauth2/token', withUserId]]),
  deviations: {
    // Whoever reads `userId` calls this path with it: the member alone cannot be seen to be used, so it is not counted.
    [USERINFO_PATH]: {
      summary: 'Puts a user id behind the userinfo endpoint: GET /userinfo/{user_id}.',
      rule: 'OIDC Core §5.3.1',
      fix: 'Call GET /userinfo without an id, and read sub of the ID token where userId of the token response was read.',
    },
  },
}
