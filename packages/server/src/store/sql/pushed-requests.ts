import type { PushedRequestRecord } from '../records.ts'
import type { PushedRequestStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { PushedRequestRow } from './schema.ts'

export const pushedRequestStore = ({ db }: SqlEngine): PushedRequestStore => ({
  async insert(request) {
    await db.insertInto('pushed_requests').values(fromRequest(request)).execute()
  },

  async find(workspaceId, requestHash) {
    const row = await db
      .selectFrom('pushed_requests')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('request_hash', '=', requestHash)
      .executeTakeFirst()
    return row && toRequest(row)
  },

  async consume(workspaceId, requestHash, at) {
    const { numUpdatedRows } = await db
      .updateTable('pushed_requests')
      .set({ consumed_at: at, request: '' })
      .where('workspace_id', '=', workspaceId)
      .where('request_hash', '=', requestHash)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', at)
      .executeTakeFirstOrThrow()
    return numUpdatedRows === 1n
  },
})

function toRequest(row: PushedRequestRow): PushedRequestRecord {
  return {
    workspaceId: row.workspace_id,
    requestHash: row.request_hash,
    clientId: row.client_id,
    flowId: row.flow_id,
    request: row.request,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    consumedAt: row.consumed_at,
  }
}

function fromRequest(request: PushedRequestRecord): PushedRequestRow {
  return {
    workspace_id: request.workspaceId,
    request_hash: request.requestHash,
    client_id: request.clientId,
    flow_id: request.flowId,
    request: request.request,
    created_at: request.createdAt,
    expires_at: request.expiresAt,
    consumed_at: request.consumedAt,
  }
}
