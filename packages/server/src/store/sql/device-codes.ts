import type { DeviceCodeRecord } from '../records.ts'
import type { DeviceCodeStore } from '../store.ts'
import { insertIssued } from './codes.ts'
import type { SqlEngine } from './engine.ts'
import { endsWithSid } from './grants.ts'
import type { DeviceCodeRow } from './schema.ts'
import { fromJson, fromScope, toJson, toScope } from './values.ts'

export const deviceCodeStore = (engine: SqlEngine): DeviceCodeStore => {
  const { db } = engine
  const find = (workspaceId: string) =>
    db.selectFrom('device_codes').selectAll().where('workspace_id', '=', workspaceId)
  const update = (workspaceId: string, codeHash: string) =>
    db.updateTable('device_codes').where('workspace_id', '=', workspaceId).where('code_hash', '=', codeHash)

  return {
    async insert(code) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('device_codes')
        .values(fromDeviceCode(code))
        .onConflict((conflict) => conflict.columns(['workspace_id', 'user_code_hash']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },

    async find(workspaceId, codeHash) {
      const row = await find(workspaceId).where('code_hash', '=', codeHash).executeTakeFirst()
      return row && toDeviceCode(row)
    },

    async findByUserCode(workspaceId, userCodeHash) {
      const row = await find(workspaceId).where('user_code_hash', '=', userCodeHash).executeTakeFirst()
      return row && toDeviceCode(row)
    },

    async countUnspent(workspaceId, clientId, network, at) {
      const { count, firstEnd } = await db
        .selectFrom('device_codes')
        .select((eb) => [eb.fn.countAll().as('count'), eb.fn.min('expires_at').as('firstEnd')])
        .where('workspace_id', '=', workspaceId)
        .where('client_id', '=', clientId)
        .where('network', '=', network)
        .where('expires_at', '>', at)
        .where('consumed_at', 'is', null)
        .executeTakeFirstOrThrow()
      return { count: Number(count), firstEnd }
    },

    async poll(workspaceId, codeHash, at, penalty) {
      const { numUpdatedRows } = await update(workspaceId, codeHash)
        .where((eb) =>
          eb.or([
            eb('last_polled_at', 'is', null),
            eb(eb('last_polled_at', '+', eb.ref('poll_interval')), '<=', at),
          ]),
        )
        .set({ last_polled_at: at })
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 1n) return true
      await update(workspaceId, codeHash)
        .set((eb) => ({ last_polled_at: at, poll_interval: eb('poll_interval', '+', penalty) }))
        .execute()
      return false
    },

    async answer(workspaceId, codeHash, at, flowId, authorization) {
      const answer = update(workspaceId, codeHash)
        .where('answered_at', 'is', null)
        .where('expires_at', '>', at)
        .set({
          answered_at: at,
          authorization: authorization && toJson(authorization),
          user_id: authorization?.userId ?? null,
          ends_with_sid: authorization && endsWithSid(authorization),
        })
      const finish = db
        .updateTable('interactions')
        .set({ finished_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('flow_id', '=', flowId)
        .where('finished_at', 'is', null)
      const rows = await engine.atomically([
        { query: answer.compile(), expectRows: 1 },
        { query: finish.compile(), expectRows: 1 },
      ])
      return rows !== false
    },

    async redeem(workspaceId, codeHash, at, issued) {
      const spend = update(workspaceId, codeHash)
        .where('authorization', 'is not', null)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', at)
        .set({ consumed_at: at })
      const rows = await engine.atomically([
        { query: spend.compile(), expectRows: 1 },
        ...insertIssued(engine, issued),
      ])
      return rows !== false
    },
  }
}

function toDeviceCode(row: DeviceCodeRow): DeviceCodeRecord {
  return {
    workspaceId: row.workspace_id,
    codeHash: row.code_hash,
    userCodeHash: row.user_code_hash,
    grantId: row.grant_id,
    clientId: row.client_id,
    scope: fromScope(row.scope),
    resources: fromJson(row.resources),
    network: row.network,
    flowId: row.flow_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    interval: row.poll_interval,
    lastPolledAt: row.last_polled_at,
    answeredAt: row.answered_at,
    authorization: row.authorization === null ? null : fromJson(row.authorization),
    consumedAt: row.consumed_at,
  }
}

function fromDeviceCode(code: DeviceCodeRecord): DeviceCodeRow {
  const { authorization } = code
  return {
    workspace_id: code.workspaceId,
    code_hash: code.codeHash,
    user_code_hash: code.userCodeHash,
    grant_id: code.grantId,
    client_id: code.clientId,
    scope: toScope(code.scope),
    resources: toJson(code.resources),
    network: code.network,
    flow_id: code.flowId,
    issued_at: code.issuedAt,
    expires_at: code.expiresAt,
    poll_interval: code.interval,
    last_polled_at: code.lastPolledAt,
    answered_at: code.answeredAt,
    authorization: authorization && toJson(authorization),
    user_id: authorization?.userId ?? null,
    ends_with_sid: authorization && endsWithSid(authorization),
    consumed_at: code.consumedAt,
  }
}
