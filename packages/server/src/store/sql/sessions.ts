import type { SessionRecord } from '../records.ts'
import type { SessionStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'
import type { SessionRow } from './schema.ts'
import { flag, fromJson, toJson } from './values.ts'

export const sessionStore = (engine: SqlEngine): SessionStore => {
  const { db } = engine
  const sessions = (workspaceId: string) =>
    db.selectFrom('sessions').selectAll().where('workspace_id', '=', workspaceId)
  const deleteSessions = (workspaceId: string) =>
    db.deleteFrom('sessions').where('workspace_id', '=', workspaceId)

  return {
    async findByBrowser(workspaceId, browserHash, now) {
      const rows = await sessions(workspaceId)
        .where('browser_hash', '=', browserHash)
        .where('expires_at', '>', now)
        .orderBy('last_used_at', 'desc')
        .orderBy('auth_time', 'desc')
        .orderBy('sid')
        .execute()
      return rows.map(toSession)
    },

    async find(workspaceId, sid) {
      const row = await sessions(workspaceId).where('sid', '=', sid).executeTakeFirst()
      return row && toSession(row)
    },

    async signIn(session, previousBrowserHash) {
      const { workspaceId, browserHash, userId, sid } = session
      const browser = previousBrowserHash === null ? [browserHash] : [browserHash, previousBrowserHash]
      // By `sid` too: of two sign-ins at once the first has moved it to its own cookie already.
      const earlier = deleteSessions(workspaceId)
        .where('user_id', '=', userId)
        .where((eb) => eb.or([eb('browser_hash', 'in', browser), eb('sid', '=', sid)]))
      const others = db
        .updateTable('sessions')
        .set({ browser_hash: browserHash })
        .where('workspace_id', '=', workspaceId)
        .where('browser_hash', 'in', browser)
      await engine.atomically([
        { query: earlier.compile() },
        { query: others.compile() },
        { query: db.insertInto('sessions').values(fromSession(session)).compile() },
      ])
    },

    async touch(workspaceId, sid, at) {
      await db
        .updateTable('sessions')
        .set({ last_used_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('sid', '=', sid)
        .where('last_used_at', '<', at)
        .execute()
    },

    async delete(workspaceId, sid) {
      await deleteSessions(workspaceId).where('sid', '=', sid).execute()
    },

    async deleteByBrowser(workspaceId, browserHash) {
      const rows = await deleteSessions(workspaceId)
        .where('browser_hash', '=', browserHash)
        .returningAll()
        .execute()
      return rows.map(toSession)
    },

    async deleteByUser(workspaceId, userId) {
      await deleteSessions(workspaceId).where('user_id', '=', userId).execute()
    },
  }
}

export function toSession(row: SessionRow): SessionRecord {
  return {
    workspaceId: row.workspace_id,
    sid: row.sid,
    browserHash: row.browser_hash,
    userId: row.user_id,
    authTime: row.auth_time,
    acr: row.acr,
    amr: fromJson(row.amr),
    persistent: row.persistent === 1,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    sourceId: row.source_id,
  }
}

function fromSession(session: SessionRecord): SessionRow {
  return {
    workspace_id: session.workspaceId,
    sid: session.sid,
    browser_hash: session.browserHash,
    user_id: session.userId,
    auth_time: session.authTime,
    acr: session.acr,
    amr: toJson(session.amr),
    persistent: flag(session.persistent),
    created_at: session.createdAt,
    last_used_at: session.lastUsedAt,
    expires_at: session.expiresAt,
    source_id: session.sourceId,
  }
}
