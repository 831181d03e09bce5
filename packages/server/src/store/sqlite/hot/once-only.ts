import type { OnceOnlyStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'

export function hotOnceOnly(engine: SqliteEngine): OnceOnlyStore {
  const claim = engine.prepare(
    'insert into once_only (workspace_id, name, expires_at) values (?, ?, ?) on conflict do nothing',
  )
  const has = engine.prepare<{ one: 1 }>('select 1 as one from once_only where workspace_id = ? and name = ?')
  return {
    claim: (workspaceId, name, expiresAt) =>
      engine.writes.statement(() => claim.run(workspaceId, name, expiresAt) === 1),
    has: (workspaceId, name) => engine.read(() => has.get(workspaceId, name) !== undefined),
  }
}
