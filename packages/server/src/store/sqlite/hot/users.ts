import type { UserRow } from '../../sql/schema.ts'
import { toUser } from '../../sql/users.ts'
import type { UserStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'

export function hotUsers(engine: SqliteEngine): Pick<UserStore, 'find'> {
  const find = engine.prepare<UserRow>('select * from users where workspace_id = ? and user_id = ?')
  return {
    find: (workspaceId, userId) =>
      engine.read(() => {
        const row = find.get(workspaceId, userId)
        return row && toUser(row)
      }),
  }
}
