import type { SigningKeyRecord } from '../records.ts'
import type { SigningKeyStore } from '../store.ts'
import { changeConfiguration } from './configuration-version.ts'
import type { SqlEngine } from './engine.ts'
import type { SigningKeyRow } from './schema.ts'
import { fromJson, toJson } from './values.ts'

export const signingKeyStore = (engine: SqlEngine): SigningKeyStore => ({
  /** The oldest first. */
  async list(workspaceId) {
    const rows = await engine.db
      .selectFrom('signing_keys')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .orderBy('created_at')
      .orderBy('kid')
      .execute()
    return rows.map(toKey)
  },

  async insert(key) {
    await changeConfiguration(engine, {
      query: engine.db.insertInto('signing_keys').values(fromKey(key)).compile(),
    })
  },

  async setState(workspaceId, kid, from, to, { activateAt, withdrawAt, deleteAt }) {
    const query = engine.db
      .updateTable('signing_keys')
      .set({
        state: to,
        ...(activateAt !== undefined && { activate_at: activateAt }),
        ...(withdrawAt !== undefined && { withdraw_at: withdrawAt }),
        ...(deleteAt !== undefined && { delete_at: deleteAt }),
      })
      .where('workspace_id', '=', workspaceId)
      .where('kid', '=', kid)
      .where('state', '=', from)
    return changeConfiguration(engine, { query: query.compile(), expectRows: 1 })
  },
})

function toKey(row: SigningKeyRow): SigningKeyRecord {
  return {
    workspaceId: row.workspace_id,
    kid: row.kid,
    alg: row.alg,
    state: row.state,
    publicJwk: fromJson(row.public_jwk),
    privateSealed: row.private_sealed,
    createdAt: row.created_at,
    activateAt: row.activate_at,
    withdrawAt: row.withdraw_at,
    deleteAt: row.delete_at,
  }
}

export function fromKey(key: SigningKeyRecord): SigningKeyRow {
  return {
    workspace_id: key.workspaceId,
    kid: key.kid,
    alg: key.alg,
    state: key.state,
    public_jwk: toJson(key.publicJwk),
    private_sealed: key.privateSealed,
    created_at: key.createdAt,
    activate_at: key.activateAt,
    withdraw_at: key.withdrawAt,
    delete_at: key.deleteAt,
  }
}
