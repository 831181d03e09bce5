import { sql } from 'kysely'
import type { UserRecord } from '../records.ts'
import type { UserStore } from '../store.ts'
import { deleteAuthorizations } from './end-authorizations.ts'
import type { SqlEngine } from './engine.ts'
import type { UserRow } from './schema.ts'
import { flag, fromJson, toJson } from './values.ts'

/**
 * Follows every other character, in UTF-8 byte order: what starts with `x` lies between `x` and `x` + this.
 */
const LAST_CHARACTER = '\u{10ffff}'

export const userStore = (engine: SqlEngine): UserStore => {
  const { db } = engine
  const users = (workspaceId: string) =>
    db.selectFrom('users').selectAll().where('workspace_id', '=', workspaceId)
  const deleteFrom = (
    table: 'users' | 'linked_identities' | 'sessions' | 'consents',
    workspaceId: string,
    userId: string,
  ) => db.deleteFrom(table).where('workspace_id', '=', workspaceId).where('user_id', '=', userId)

  return {
    async find(workspaceId, userId) {
      const row = await users(workspaceId).where('user_id', '=', userId).executeTakeFirst()
      return row && toUser(row)
    },

    async findByUsername(workspaceId, sourceId, usernameKey) {
      const row = await users(workspaceId)
        .where('username_key', '=', usernameKey)
        .where('source_id', '=', sourceId)
        .executeTakeFirst()
      return row && toUser(row)
    },

    async list(workspaceId, { limit, after, search }) {
      let query = users(workspaceId)
      if (after !== undefined) query = query.where('user_id', '>', after)
      if (search) {
        query = query.where('username_key', '>=', search).where('username_key', '<', search + LAST_CHARACTER)
      }
      const rows = await query.orderBy('user_id').limit(limit).execute()
      return rows.map(toUser)
    },

    async insert(user) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('users')
        .values(fromUser(user))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },

    /** Also `false` where the new name is another's. */
    async update(user) {
      const { workspace_id, user_id, ...changes } = fromUser(user)
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set(changes)
        .where('workspace_id', '=', workspace_id)
        .where('user_id', '=', user_id)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('users as other')
                .select(sql`1`.as('one'))
                .where('other.workspace_id', '=', workspace_id)
                .where('other.username_key', '=', changes.username_key)
                .where('other.source_id', '=', changes.source_id)
                .where('other.user_id', '<>', user_id),
            ),
          ),
        )
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async refreshClaims(workspaceId, userId, claims, at) {
      const text = toJson(claims)
      await db
        .updateTable('users')
        .set({ claims: text, updated_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('user_id', '=', userId)
        .where('claims', '<>', text)
        .execute()
    },

    /** With everything that was theirs. */
    async delete(workspaceId, userId) {
      const rows = await engine.atomically([
        { query: deleteFrom('users', workspaceId, userId).compile(), expectRows: 1 },
        { query: deleteFrom('linked_identities', workspaceId, userId).compile() },
        { query: deleteFrom('sessions', workspaceId, userId).compile() },
        { query: deleteFrom('consents', workspaceId, userId).compile() },
        ...deleteAuthorizations(engine, { workspaceId, userId }),
      ])
      return rows !== false
    },
  }
}

export function toUser(row: UserRow): UserRecord {
  return {
    workspaceId: row.workspace_id,
    userId: row.user_id,
    sourceId: row.source_id,
    username: row.username,
    usernameKey: row.username_key,
    passwordHash: row.password_hash,
    enabled: row.enabled === 1,
    claims: fromJson(row.claims),
    clients: fromJson(row.clients),
    owner: row.owner,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function fromUser(user: UserRecord): UserRow {
  return {
    workspace_id: user.workspaceId,
    user_id: user.userId,
    source_id: user.sourceId,
    username: user.username,
    username_key: user.usernameKey,
    password_hash: user.passwordHash,
    enabled: flag(user.enabled),
    claims: toJson(user.claims),
    clients: toJson(user.clients),
    owner: user.owner,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}
