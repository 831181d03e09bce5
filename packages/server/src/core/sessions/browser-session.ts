import type { SessionRecord, UserRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { hashHandle, looksLikeHandle } from '../handles.ts'
import { readCookie } from './cookies.ts'

/** The sessions of the browser that sent this request, the last used first. Empty without a cookie of ours. */
export async function browserSessions(exchange: Exchange): Promise<readonly SessionRecord[]> {
  const browserHash = browserHashOf(exchange)
  if (browserHash === null) return []
  const { store, clock } = exchange.deps
  return store.sessions.findByBrowser(exchange.workspace.id, browserHash, clock.now())
}

/** The stored form of the browser's session cookie. */
export function browserHashOf(exchange: Exchange): string | null {
  const cookie = readCookie(exchange, 'session')
  return cookie !== undefined && looksLikeHandle(cookie) ? hashHandle(cookie) : null
}

/** The account of a session, where it may still sign in. */
export async function enabledUser(exchange: Exchange, userId: string): Promise<UserRecord | undefined> {
  const user = await exchange.deps.store.users.find(exchange.workspace.id, userId)
  return user?.enabled ? user : undefined
}
