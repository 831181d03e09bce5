import { fromAccessToken, toAccessToken } from '../../sql/access-tokens.ts'
import type { AccessTokenRow } from '../../sql/schema.ts'
import type { AccessTokenStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'
import { prepareInsert } from './insert.ts'

export function hotAccessTokens(engine: SqliteEngine): Pick<AccessTokenStore, 'insert' | 'find'> {
  const find = engine.prepare<AccessTokenRow>(
    'select * from access_tokens where workspace_id = ? and token_hash = ?',
  )
  const revoked = engine.prepare<{ one: 1 }>(`select 1 as one from grants
    where workspace_id = ? and grant_id = ? and revoked_at is not null`)
  const insertToken = prepareInsertToken(engine)

  return {
    /** A token whose grant has been revoked meanwhile is not stored: it must not outlive its grant. */
    async insert(token) {
      const row = fromAccessToken(token)
      await engine.writes.statement(() => {
        if (row.grant_id === null || !revoked.get(row.workspace_id, row.grant_id)) insertToken(row)
      })
    },

    find: (workspaceId, tokenHash) =>
      engine.read(() => {
        const row = find.get(workspaceId, tokenHash)
        return row && toAccessToken(row)
      }),
  }
}

export function prepareInsertToken(engine: SqliteEngine): (token: AccessTokenRow) => number {
  return prepareInsert<AccessTokenRow>(engine, 'access_tokens', [
    'workspace_id',
    'token_hash',
    'grant_id',
    'client_id',
    'user_id',
    'scope',
    'audience',
    'issued_at',
    'expires_at',
    'actor',
  ])
}
