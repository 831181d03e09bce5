import { fromAccessToken } from '../../sql/access-tokens.ts'
import type { AccessTokenStore } from '../../store.ts'
import type { PostgresEngine } from '../engine.ts'
import { TOKEN } from './columns.ts'
import { insertFrom, valuesOf } from './insert.ts'

/**
 * Holds the grant while the token is stored: whoever revokes it at the same moment waits, and then deletes this token
 * with the others.
 */
const INSERT = `
  with revocable as (select revoked_at from grants where workspace_id = $1 and grant_id = $3 for share)
  ${insertFrom('access_tokens', TOKEN, '(select 1) as one', 1)}
  where not exists (select 1 from revocable where revoked_at is not null)`

export function hotAccessTokens(engine: PostgresEngine): Pick<AccessTokenStore, 'insert'> {
  return {
    /** A token whose grant has been revoked meanwhile is not stored: it must not outlive its grant. */
    async insert(token) {
      await engine.run(INSERT, valuesOf(TOKEN, fromAccessToken(token)))
    },
  }
}
