import type { FlowEventStore } from '../../store.ts'
import type { SqliteEngine } from '../engine.ts'

export function hotFlowEvents(engine: SqliteEngine): Pick<FlowEventStore, 'insertMany'> {
  const insert = engine.prepare(`insert into flow_events
    (workspace_id, event_id, flow_id, ordinal, at, kind, client_id, reason, detail, expires_at)
    values (?, ?, ?, (select coalesce(max(ordinal) + 1, 0) from flow_events where flow_id = ?),
      ?, ?, ?, ?, ?, ?)
    on conflict do nothing`)
  return {
    async insertMany(events) {
      if (events.length === 0) return
      await engine.writes.statements(() => {
        for (const event of events) {
          insert.run(
            ...[event.workspaceId, event.eventId, event.flowId, event.flowId, event.at, event.kind],
            ...[event.clientId, event.reason, event.detail, event.expiresAt],
          )
        }
      })
    },
  }
}
