import type { EpochSeconds } from '../../protocol/types.ts'
import type { SessionRecord, UserRecord } from '../../store/records.ts'
import { FEDERATED_ACR, PASSWORD_ACR } from '../authorization/acr.ts'
import type { Exchange } from '../exchange.ts'
import { hashHandle, newHandle, newId } from '../handles.ts'
import { browserHashOf, browserSessions } from './browser-session.ts'
import { writeCookie } from './cookies.ts'

/** Without remember-me a session ends with the browser, and at the latest after a day. */
const UNREMEMBERED_LIFE = 86_400

export interface SignedIn {
  readonly persistent: boolean
  readonly amr: readonly string[]
  /** Another OpenID provider that vouches for the person, and when they signed in there. */
  readonly provider?: { readonly sourceId: string; readonly authTime: EpochSeconds }
}

/**
 * Signs a person in: a new session, and a new cookie value whatever the browser sent (session fixation). Other accounts
 * of the same browser move along.
 *
 * Security: who signs in again keeps the `sid`. Else what was granted under the old one would outlive the sign-out.
 */
export async function startSession(
  exchange: Exchange,
  user: UserRecord,
  { persistent, amr, provider }: SignedIn,
): Promise<{ readonly session: SessionRecord; readonly cookies: readonly string[] }> {
  const { deps, workspace } = exchange
  const now = deps.clock.now()
  const life = workspace.settings.lifetimes.session
  const cookie = newHandle(deps.random)
  const earlier = (await browserSessions(exchange)).find(({ userId }) => userId === user.userId)
  const session: SessionRecord = {
    workspaceId: workspace.id,
    sid: earlier?.sid ?? newId(deps.random, 'ses'),
    browserHash: hashHandle(cookie),
    userId: user.userId,
    authTime: provider?.authTime ?? now,
    acr: provider ? FEDERATED_ACR : PASSWORD_ACR,
    amr,
    persistent,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + (persistent ? life : Math.min(life, UNREMEMBERED_LIFE)),
    sourceId: provider?.sourceId ?? null,
  }
  await deps.store.sessions.signIn(session, browserHashOf(exchange))
  return { session, cookies: [writeCookie(workspace, 'session', cookie, persistent ? life : null)] }
}
