import { toGrant } from '../../sql/grants.ts'
import type { GrantRow } from '../../sql/schema.ts'
import type { GrantStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'
import { prepareInsert } from './insert.ts'

export function hotGrants(engine: SqliteEngine): Pick<GrantStore, 'find'> {
  const find = prepareFindGrant(engine)
  return {
    find: (workspaceId, grantId) =>
      engine.read(() => {
        const row = find.get(workspaceId, grantId)
        return row && toGrant(row)
      }),
  }
}

export function prepareFindGrant(engine: SqliteEngine) {
  return engine.prepare<GrantRow>('select * from grants where workspace_id = ? and grant_id = ?')
}

export function prepareInsertGrant(engine: SqliteEngine): (grant: GrantRow) => number {
  return prepareInsert<GrantRow>(engine, 'grants', [
    'workspace_id',
    'grant_id',
    'authorization',
    'created_at',
    'expires_at',
    'revoked_at',
    'revoked_reason',
    'client_id',
    'user_id',
    'ends_with_sid',
    'family_hash',
  ])
}
