import type { LinkedIdentityRecord } from '../records.ts'
import type { LinkedIdentityStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { LinkedIdentityRow } from './schema.ts'
import { fromUser } from './users.ts'

export const linkedIdentityStore = (engine: SqlEngine): LinkedIdentityStore => {
  const { db } = engine
  const insert = (identity: LinkedIdentityRecord) =>
    db
      .insertInto('linked_identities')
      .values(fromLinkedIdentity(identity))
      .onConflict((conflict) => conflict.doNothing())

  return {
    async find({ workspaceId, sourceId, issuer, subject }) {
      const row = await db
        .selectFrom('linked_identities')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('source_id', '=', sourceId)
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return row && toLinkedIdentity(row)
    },

    async insert(identity) {
      const { numInsertedOrUpdatedRows } = await insert(identity).executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },

    async insertWithUser(identity, user) {
      const account = db
        .insertInto('users')
        .values(fromUser(user))
        .onConflict((conflict) => conflict.doNothing())
      const rows = await engine.atomically([
        { query: account.compile(), expectRows: 1 },
        { query: insert(identity).compile(), expectRows: 1 },
      ])
      return rows !== false
    },
  }
}

function toLinkedIdentity(row: LinkedIdentityRow): LinkedIdentityRecord {
  return {
    workspaceId: row.workspace_id,
    sourceId: row.source_id,
    issuer: row.issuer,
    subject: row.subject,
    userId: row.user_id,
    linkedAt: row.linked_at,
  }
}

function fromLinkedIdentity(identity: LinkedIdentityRecord): LinkedIdentityRow {
  return {
    workspace_id: identity.workspaceId,
    source_id: identity.sourceId,
    issuer: identity.issuer,
    subject: identity.subject,
    user_id: identity.userId,
    linked_at: identity.linkedAt,
  }
}
