import type { SessionRow } from '../../sql/schema.ts'
import { toSession } from '../../sql/sessions.ts'
import type { SessionStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'

export function hotSessions(engine: SqliteEngine): Pick<SessionStore, 'findByBrowser'> {
  const findByBrowser = engine.prepare<SessionRow>(`select * from sessions
    where workspace_id = ? and browser_hash = ? and expires_at > ?
    order by last_used_at desc, auth_time desc, sid`)
  return {
    findByBrowser: (workspaceId, browserHash, now) =>
      engine.read(() => findByBrowser.all(workspaceId, browserHash, now).map(toSession)),
  }
}
