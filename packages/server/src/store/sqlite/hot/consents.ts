import { toConsent } from '../../sql/consents.ts'
import type { ConsentRow } from '../../sql/schema.ts'
import type { ConsentStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'

export function hotConsents(engine: SqliteEngine): Pick<ConsentStore, 'find'> {
  const find = engine.prepare<ConsentRow>(
    'select * from consents where workspace_id = ? and user_id = ? and client_id = ?',
  )
  return {
    find: (workspaceId, userId, clientId) =>
      engine.read(() => {
        const row = find.get(workspaceId, userId, clientId)
        return row && toConsent(row)
      }),
  }
}
