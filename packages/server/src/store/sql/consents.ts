import type { ConsentRecord } from '../records.ts'
import type { ConsentStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { ConsentRow } from './schema.ts'
import { fromScope, toScope } from './values.ts'

export const consentStore = ({ db }: SqlEngine): ConsentStore => ({
  async find(workspaceId, userId, clientId) {
    const row = await db
      .selectFrom('consents')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    return row && toConsent(row)
  },

  async put(consent) {
    const row = fromConsent(consent)
    const { workspace_id: _workspace, user_id: _user, client_id: _client, ...changes } = row
    await db
      .insertInto('consents')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'user_id', 'client_id']).doUpdateSet(changes),
      )
      .execute()
  },

  async delete(workspaceId, userId, clientId) {
    const { numDeletedRows } = await db
      .deleteFrom('consents')
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .executeTakeFirstOrThrow()
    return numDeletedRows === 1n
  },
})

export function toConsent(row: ConsentRow): ConsentRecord {
  return {
    workspaceId: row.workspace_id,
    userId: row.user_id,
    clientId: row.client_id,
    scope: fromScope(row.scope),
    declined: fromScope(row.declined),
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
  }
}

function fromConsent(consent: ConsentRecord): ConsentRow {
  return {
    workspace_id: consent.workspaceId,
    user_id: consent.userId,
    client_id: consent.clientId,
    scope: toScope(consent.scope),
    declined: toScope(consent.declined),
    granted_at: consent.grantedAt,
    expires_at: consent.expiresAt,
  }
}
