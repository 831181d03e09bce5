import type { FlowEventRecord } from '../records.ts'
import type { FlowEventStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { FlowEventRow } from './schema.ts'

const LONGEST_FLOW = 500

export const flowEventStore = (engine: SqlEngine): FlowEventStore => {
  const { db } = engine

  const insert = (event: FlowEventRecord) =>
    db
      .insertInto('flow_events')
      .values((eb) => ({
        ...fromEvent(event),
        ordinal: eb
          .selectFrom('flow_events')
          .select((max) => max.fn.coalesce(max(max.fn.max('ordinal'), '+', 1), max.lit(0)).as('ordinal'))
          .where('flow_id', '=', event.flowId),
      }))
      .onConflict((conflict) => conflict.columns(['workspace_id', 'at', 'event_id']).doNothing())

  const byId = (column: 'flow_id' | 'event_id', id: string) =>
    db
      .selectFrom('flow_events')
      .selectAll()
      .where(column, '=', id)
      .orderBy('at')
      .orderBy('ordinal')
      .limit(LONGEST_FLOW)
      .execute()

  return {
    async insertMany(events) {
      await engine.atomically(events.map((event) => ({ query: insert(event).compile() })))
    },

    async findByFlow(id) {
      const flow = await byId('flow_id', id)
      return (flow.length > 0 ? flow : await byId('event_id', id)).map(toEvent)
    },

    async list(workspaceId, limit) {
      let query = db.selectFrom('flow_events').selectAll()
      if (workspaceId !== null) query = query.where('workspace_id', '=', workspaceId)
      const rows = await query.orderBy('at', 'desc').orderBy('ordinal', 'desc').limit(limit).execute()
      return rows.map(toEvent)
    },
  }
}

function toEvent(row: FlowEventRow): FlowEventRecord {
  return {
    workspaceId: row.workspace_id,
    eventId: row.event_id,
    flowId: row.flow_id,
    at: row.at,
    kind: row.kind,
    clientId: row.client_id,
    reason: row.reason,
    detail: row.detail,
    expiresAt: row.expires_at,
  }
}

function fromEvent(event: FlowEventRecord): Omit<FlowEventRow, 'ordinal'> {
  return {
    workspace_id: event.workspaceId,
    event_id: event.eventId,
    flow_id: event.flowId,
    at: event.at,
    kind: event.kind,
    client_id: event.clientId,
    reason: event.reason,
    detail: event.detail,
    expires_at: event.expiresAt,
  }
}
