import type { FlowEventStore } from '../../store.ts'
import type { PostgresEngine } from '../engine.ts'

/** A batch as one array a column; each event is counted on from the last one of its flow. */
const INSERT = `
  insert into flow_events
    (workspace_id, event_id, flow_id, at, kind, client_id, reason, detail, expires_at, ordinal)
  select e.workspace_id, e.event_id, e.flow_id, e.at, e.kind, e.client_id, e.reason, e.detail, e.expires_at,
    (select coalesce(max(f.ordinal) + 1, 0) from flow_events f where f.flow_id = e.flow_id)
      + row_number() over (partition by e.flow_id order by e.place) - 1
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::bigint[]) with ordinality
    as e (workspace_id, event_id, flow_id, at, kind, client_id, reason, detail, expires_at, place)
  on conflict do nothing`

export function hotFlowEvents(engine: PostgresEngine): Pick<FlowEventStore, 'insertMany'> {
  return {
    async insertMany(events) {
      if (events.length === 0) return
      await engine.run(INSERT, [
        events.map(({ workspaceId }) => workspaceId),
        events.map(({ eventId }) => eventId),
        events.map(({ flowId }) => flowId),
        events.map(({ at }) => at),
        events.map(({ kind }) => kind),
        events.map(({ clientId }) => clientId),
        events.map(({ reason }) => reason),
        events.map(({ detail }) => detail),
        events.map(({ expiresAt }) => expiresAt),
      ])
    },
  }
}
