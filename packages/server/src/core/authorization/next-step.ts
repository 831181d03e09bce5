import { isNative, isPublicClient } from '../../protocol/client-metadata.ts'
import { isLoopbackRedirect } from '../../protocol/redirect-uri.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientRecord, ConsentRecord, SessionRecord, UserRecord } from '../../store/records.ts'
import { isAssigned } from '../accounts/assignment.ts'
import type { Reason } from '../decisions/reasons.ts'
import type { Exchange } from '../exchange.ts'
import { enabledUser } from '../sessions/browser-session.ts'
import { subjectFor } from '../tokens/subject.ts'
import { scopeSetting } from '../workspaces/scopes.ts'
import { isAcrReachable } from './acr.ts'
import { scopeToConsent } from './claims-consent.ts'
import { reachableAcrs, signUpSource, sourcesOf } from './identity-sources.ts'
import type { Progress } from './progress.ts'
import type { AuthorizationRequest } from './request.ts'

/** Where an authorization stands: at a page, at an answer to the client, or at its code. */
export type NextStep =
  | { readonly step: 'sign-in' | 'sign-up' | 'link-account' | 'select-account' }
  | {
      readonly step: 'consent'
      readonly session: SessionRecord
      readonly user: UserRecord
      readonly consent: ConsentRecord | undefined
    }
  /** In place of consent and issue, where a device asked: only the form of its own page answers it. */
  | { readonly step: 'device-confirm'; readonly session: SessionRecord; readonly user: UserRecord }
  | {
      readonly step: 'issue'
      readonly session: SessionRecord
      readonly user: UserRecord
      readonly scope: readonly string[]
    }
  | { readonly step: 'refuse'; readonly reason: Reason }

/**
 * The one dispatcher: every page returns here, and none knows the next (OIDC Core §3.1.2.3–3.1.2.6). It decides from
 * what is stored, so reload, Back and a second tab all come out right.
 */
export async function nextStep(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  progress: Progress,
  sessions: readonly SessionRecord[],
): Promise<NextStep> {
  const silent = request.prompt.includes('none')
  if (!isAcrReachable(request.claims, reachableAcrs(exchange, client))) {
    return { step: 'refuse', reason: 'acr_unmet' }
  }
  if (progress.federation?.pending && !progress.authenticated) return { step: 'link-account' }

  const session = await chooseSession(exchange, client, request, progress, sessions)
  const canSignUp = signUpSource(exchange, client) !== undefined
  const needsPage = accountPage(exchange, request, progress, sessions, session, canSignUp)
  if (needsPage) return silent ? { step: 'refuse', reason: 'login_required' } : { step: needsPage }
  if (!session) return silent ? { step: 'refuse', reason: 'login_required' } : { step: 'sign-in' }

  const { user } = session
  if (!isAssigned(client, user)) {
    return { step: 'refuse', reason: 'user_not_assigned' }
  }
  if (request.device) return { step: 'device-confirm', session: session.session, user }
  const granted = await consentedScope(exchange, client, request, progress, user)
  if (granted.scope) return { step: 'issue', session: session.session, user, scope: granted.scope }
  if (silent) return { step: 'refuse', reason: 'consent_required' }
  return { step: 'consent', session: session.session, user, consent: granted.earlier }
}

interface Chosen {
  readonly session: SessionRecord
  readonly user: UserRecord
}

/** The session to go on with: the one of this interaction, else the last used one that fits the request. */
async function chooseSession(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  progress: Progress,
  sessions: readonly SessionRecord[],
): Promise<Chosen | undefined> {
  const candidates =
    progress.sid === null ? sessions : sessions.filter((session) => session.sid === progress.sid)
  const allowedSources = sourcesOf(exchange, client)
  for (const session of candidates) {
    const user = await enabledUser(exchange, session.userId)
    // Security: who was vouched for by one source is not signed in to a client that trusts another.
    if (!user || !allowedSources.includes(session.sourceId ?? user.sourceId)) continue
    if (!isAcrReachable(request.claims, [session.acr])) continue
    const { requiredSubject } = request
    if (
      requiredSubject !== null &&
      subjectFor(exchange.workspace, client.metadata, user.userId) !== requiredSubject
    )
      continue
    return { session, user }
  }
  return undefined
}

function accountPage(
  { deps }: Exchange,
  { prompt, maxAge }: AuthorizationRequest,
  progress: Progress,
  sessions: readonly SessionRecord[],
  chosen: Chosen | undefined,
  canSignUp: boolean,
): 'sign-in' | 'sign-up' | 'select-account' | undefined {
  if (progress.authenticated && chosen) return undefined
  if (progress.signInAsOther) return 'sign-in'
  if (prompt.includes('create') && canSignUp) return 'sign-up'
  if (prompt.includes('select_account') && !progress.selected)
    return sessions.length > 0 ? 'select-account' : 'sign-in'
  if (!chosen || prompt.includes('login')) return 'sign-in'
  return maxAge !== null && isOlderThan(chosen.session, maxAge, deps.clock.now()) ? 'sign-in' : undefined
}

/** `max_age` (OIDC Core §3.1.2.1); 0 always asks again. */
function isOlderThan(session: SessionRecord, maxAge: number, now: EpochSeconds): boolean {
  return maxAge === 0 || now - session.authTime > maxAge
}

async function consentedScope(
  { deps, workspace }: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  progress: Progress,
  user: UserRecord,
): Promise<{ readonly scope?: readonly string[]; readonly earlier?: ConsentRecord | undefined }> {
  if (progress.consented) return { scope: progress.consented }
  const asked = scopeToConsent({ workspace }, client, request)
  const implied = client.metadata.consent === 'implied'
  const sensitive = asked.some((scope) => scopeSetting(workspace, scope)?.sensitive === true)
  const wanted = request.prompt.includes('consent')
  if (implied && !sensitive && !wanted) return { scope: asked }

  const earlier = await deps.store.consents.find(workspace.id, user.userId, client.clientId)
  const live = earlier && earlier.expiresAt > deps.clock.now() ? earlier : undefined
  if (wanted || !live || mustAskAgain(client, request)) return { earlier: live }
  const covered = asked.every((scope) => live.scope.includes(scope) || live.declined.includes(scope))
  return covered
    ? { scope: asked.filter((scope) => live.scope.includes(scope)), earlier: live }
    : { earlier: live }
}

/**
 * A native public client cannot prove that it is the one that was consented to: any program can listen on its loopback
 * port or claim its scheme (RFC 8252 §8.6).
 */
function mustAskAgain({ metadata }: ClientRecord, { redirectUri }: AuthorizationRequest): boolean {
  const native = metadata.application_type === 'native' && isNative(metadata) && isPublicClient(metadata)
  return native && (isLoopbackRedirect(redirectUri) || !/^https?:/i.test(redirectUri))
}
