import { sql } from 'kysely'
import type { ClientDeviationRecord } from '../records.ts'
import type { DeviationStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { ClientDeviationRow } from './schema.ts'

export const deviationStore = (engine: SqlEngine): DeviationStore => {
  const { db } = engine

  /** Read from `clients`, so that what was counted for a client that is gone by now leaves nothing behind. */
  const add = (deviation: ClientDeviationRecord) =>
    db
      .insertInto('client_deviations')
      .columns(['workspace_id', 'client_id', 'deviation', 'count', 'first_used_at', 'last_used_at'])
      .expression((eb) =>
        eb
          .selectFrom('clients')
          .select([
            'workspace_id',
            'client_id',
            sql<string>`cast(${deviation.deviation} as text)`.as('deviation'),
            sql<number>`cast(${deviation.count} as bigint)`.as('count'),
            sql<number>`cast(${deviation.firstUsedAt} as bigint)`.as('first_used_at'),
            sql<number>`cast(${deviation.lastUsedAt} as bigint)`.as('last_used_at'),
          ])
          .where('workspace_id', '=', deviation.workspaceId)
          .where('client_id', '=', deviation.clientId),
      )
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'client_id', 'deviation']).doUpdateSet({
          count: sql<number>`client_deviations.count + excluded.count`,
          first_used_at: sql<number>`case when excluded.first_used_at < client_deviations.first_used_at
            then excluded.first_used_at else client_deviations.first_used_at end`,
          last_used_at: sql<number>`case when excluded.last_used_at > client_deviations.last_used_at
            then excluded.last_used_at else client_deviations.last_used_at end`,
        }),
      )

  return {
    async addMany(deviations) {
      await engine.atomically(deviations.map((deviation) => ({ query: add(deviation).compile() })))
    },

    async list(workspaceId, clientId) {
      const rows = await db
        .selectFrom('client_deviations')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('client_id', '=', clientId)
        .orderBy('last_used_at', 'desc')
        .orderBy('deviation')
        .execute()
      return rows.map(toDeviation)
    },

    async clear(workspaceId, clientId) {
      const { numDeletedRows } = await db
        .deleteFrom('client_deviations')
        .where('workspace_id', '=', workspaceId)
        .where('client_id', '=', clientId)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function toDeviation(row: ClientDeviationRow): ClientDeviationRecord {
  return {
    workspaceId: row.workspace_id,
    clientId: row.client_id,
    deviation: row.deviation,
    count: row.count,
    firstUsedAt: row.first_used_at,
    lastUsedAt: row.last_used_at,
  }
}
