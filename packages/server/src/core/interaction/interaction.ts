import { findRedirectUri } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord, InteractionRecord, SessionRecord } from '../../store/records.ts'
import { makeCode } from '../authorization/issue-code.ts'
import { type NextStep, nextStep } from '../authorization/next-step.ts'
import { NO_PROGRESS, type Progress } from '../authorization/progress.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { authorizationError, codeResponse } from '../authorization/response.ts'
import { Refusal } from '../decisions/refusal.ts'
import { refuseDevice } from '../device/answer-device.ts'
import type { Exchange } from '../exchange.ts'
import { SETTLED } from '../federation/progress.ts'
import { readQuery } from '../form.ts'
import { hashHandle, newHandle } from '../handles.ts'
import { redirectReply } from '../replies.ts'
import { browserSessions } from '../sessions/browser-session.ts'
import { type BrowserTransaction, browserTransaction, knownTransaction } from './forms.ts'

/** A pending authorization request, with the browser it belongs to. */
export interface Interaction {
  readonly record: InteractionRecord
  readonly client: ClientRecord
  readonly request: AuthorizationRequest
  readonly progress: Progress
  readonly transaction: BrowserTransaction
}

const INTERACTION_LIFE = 3600

/** Of a posted request: its browser is known once it has followed to `/continue`. */
const NO_BROWSER_YET = ''

/** Stores the request, and sends the browser on by GET: `/sign-in?flow=…` or wherever it stands. */
export async function beginInteraction(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  page: PagePath,
): Promise<OAuthReply> {
  const transaction = browserTransaction(exchange, exchange.flow.id)
  await insertInteraction(exchange, client, request, transaction.hash)
  return redirectReply(pageUrl(exchange, page, exchange.flow.id), transaction.cookies)
}

/**
 * Stores a request that was posted from the client's page. Such a post carries no SameSite=Lax cookie, so it cannot
 * tell which browser it is from (a cookie set now would replace the one that other tabs depend on): our own GET does
 * (`security.md` §4.5).
 */
export async function beginPostedInteraction(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
): Promise<OAuthReply> {
  await insertInteraction(exchange, client, request, NO_BROWSER_YET)
  return redirectReply(pageUrl(exchange, 'continue', exchange.flow.id))
}

async function insertInteraction(
  { deps, workspace, flow }: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  browserHash: string,
): Promise<void> {
  const now = deps.clock.now()
  await deps.store.interactions.insert({
    workspaceId: workspace.id,
    flowId: flow.id,
    browserHash,
    clientId: client.clientId,
    request: JSON.stringify(request),
    progress: JSON.stringify(NO_PROGRESS),
    createdAt: now,
    expiresAt: now + INTERACTION_LIFE,
    finishedAt: null,
  })
}

export type PagePath =
  | 'sign-in'
  | 'sign-up'
  | 'link-account'
  | 'select-account'
  | 'consent'
  | 'device-confirm'
  | 'continue'

export function pageUrl({ workspace }: Exchange, page: PagePath, flowId: string): string {
  return `${workspace.issuer}/${page}?flow=${flowId}`
}

const FLOW_ID = /^flow_[A-Za-z0-9]{22}$/

/**
 * The interaction named by `?flow=`, or by `flowId`, for the browser that started it (RFC 6819 §4.4.1.8).
 *
 * @throws {Refusal} `interaction_*`
 */
export async function loadInteraction(exchange: Exchange, flowId?: string): Promise<Interaction> {
  const record = await findRecord(exchange, flowId)
  return openInteraction(exchange, record, knownTransaction(exchange, record.flowId))
}

/**
 * The same at `/continue`: the first browser that follows a posted request there is the one that it belongs to.
 *
 * @throws {Refusal} `interaction_*`
 */
export async function takeUpInteraction(
  exchange: Exchange,
): Promise<{ readonly interaction: Interaction; readonly cookies: readonly string[] }> {
  const record = await findRecord(exchange)
  const progress = JSON.parse(record.progress) as Progress
  if (record.browserHash !== NO_BROWSER_YET || progress.browser !== null) {
    const known = knownTransaction(exchange, record.flowId)
    return { interaction: await openInteraction(exchange, record, known), cookies: [] }
  }
  const transaction = browserTransaction(exchange, record.flowId)
  const text = JSON.stringify({ ...progress, browser: transaction.hash } satisfies Progress)
  const { store } = exchange.deps
  const first = await store.interactions.advance(record.workspaceId, record.flowId, record.progress, text)
  const taken = first ? { ...record, progress: text } : await findRecord(exchange)
  return { interaction: await openInteraction(exchange, taken, transaction), cookies: transaction.cookies }
}

async function findRecord(
  exchange: Exchange,
  flowId = readQuery(exchange).get('flow'),
): Promise<InteractionRecord> {
  const { deps, workspace, flow } = exchange
  if (flowId === undefined || !FLOW_ID.test(flowId)) return flow.refuse('interaction_unknown')
  const record = await deps.store.interactions.find(workspace.id, flowId)
  if (!record) return flow.refuse('interaction_unknown', { received: flowId })
  flow.id = record.flowId
  flow.clientId = record.clientId
  return record
}

/**
 * The same after its end, for a page that tells how it ended.
 *
 * @throws {Refusal} `interaction_*`
 */
export async function loadFinishedInteraction(exchange: Exchange): Promise<Interaction> {
  const record = await findRecord(exchange)
  const transaction = checkBrowser(exchange, record, knownTransaction(exchange, record.flowId))
  return withClient(exchange, record, transaction)
}

/**
 * An interaction that nobody has answered yet, for whoever shows no cookie. Its transaction is nobody's: a form made of it
 * is never taken. `undefined` where it has come further, is a device's, or its client is not one that `serves` takes.
 *
 * @throws {Refusal} `interaction_unknown`
 */
export async function peekInteraction(
  exchange: Exchange,
  serves: (client: ClientRecord | undefined) => boolean,
): Promise<Interaction | undefined> {
  const { deps, workspace } = exchange
  const record = await findRecord(exchange)
  // Security: before anything is checked of it, since who is not its browser learns nothing of any other client.
  if (!serves(await workspace.client(record.clientId ?? ''))) return undefined
  const isOver = record.finishedAt !== null || record.expiresAt <= deps.clock.now()
  if (isOver || record.progress !== JSON.stringify(NO_PROGRESS)) return undefined
  const value = newHandle(deps.random)
  const interaction = await withClient(exchange, record, { value, hash: hashHandle(value), cookies: [] })
  return interaction.request.device ? undefined : interaction
}

async function openInteraction(
  exchange: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction | undefined,
): Promise<Interaction> {
  const { deps, flow } = exchange
  const own = checkBrowser(exchange, record, transaction)
  flow.check('interaction_finished', record.finishedAt === null)
  flow.check('interaction_expired', record.expiresAt > deps.clock.now())
  return withClient(exchange, record, own)
}

function checkBrowser(
  { flow }: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction | undefined,
): BrowserTransaction {
  const progress = JSON.parse(record.progress) as Progress
  const browser = record.browserHash === NO_BROWSER_YET ? progress.browser : record.browserHash
  if (!transaction || transaction.hash !== browser) {
    return flow.refuse('interaction_other_browser', {
      received: transaction ? 'the cookie of another browser' : 'no transaction cookie',
    })
  }
  return transaction
}

async function withClient(
  { workspace, flow }: Exchange,
  record: InteractionRecord,
  transaction: BrowserTransaction,
): Promise<Interaction> {
  const progress = JSON.parse(record.progress) as Progress
  const client = await workspace.client(record.clientId ?? '')
  if (!client || client.disabled) return flow.refuse('authorization_client_unknown')
  // An interaction that an earlier version began does not say what its response tells.
  const request = { tells: ['iss'], ...JSON.parse(record.request) } as AuthorizationRequest
  if (request.device) return { record, client, request, progress, transaction }
  // Security: what was taken away because it leads to an attacker by now gets no answer of a request from before.
  const target = findRedirectUri(client.metadata.redirect_uris ?? [], request.redirectUri)
  flow.check('redirect_uri_mismatch', target !== undefined)
  return { record, client, request, progress, transaction }
}

/** Where this interaction stands now, with the browser's sessions as they are. */
export async function currentStep(
  exchange: Exchange,
  interaction: Interaction,
  sessions?: readonly SessionRecord[],
): Promise<NextStep> {
  const known = sessions ?? (await browserSessions(exchange))
  return nextStep(exchange, interaction.client, interaction.request, interaction.progress, known)
}

/**
 * Moves an interaction on. Of two submits of one page the second finds other progress than it read: it goes on from
 * what the first one made.
 */
export async function advance(
  exchange: Exchange,
  interaction: Interaction,
  progress: Progress,
): Promise<Interaction> {
  const { store } = exchange.deps
  const text = JSON.stringify(progress)
  const { workspaceId, flowId } = interaction.record
  const moved = await store.interactions.advance(workspaceId, flowId, interaction.record.progress, text)
  if (moved) return { ...interaction, progress, record: { ...interaction.record, progress: text } }
  return loadInteraction(exchange, flowId)
}

/**
 * Notes who has just signed in. Of two submits at once the last one counts, as its cookie does in the browser. A consent
 * that was given before was another person's.
 */
export async function advanceSignedIn(
  exchange: Exchange,
  interaction: Interaction,
  { sid }: SessionRecord,
): Promise<Interaction> {
  for (let current = interaction; ; ) {
    current = await advance(exchange, current, {
      ...current.progress,
      sid,
      authenticated: true,
      selected: true,
      signInAsOther: false,
      consented: null,
      federation: current.progress.federation ? SETTLED : null,
    })
    if (current.progress.sid === sid) return current
  }
}

/** Answers with the next page, or with the authorization response where nothing is left to ask. */
export async function goOn(
  exchange: Exchange,
  interaction: Interaction,
  cookies: readonly string[] = [],
  sessions?: readonly SessionRecord[],
): Promise<OAuthReply> {
  const step = await currentStep(exchange, interaction, sessions)
  return dispatch(exchange, interaction, step, cookies)
}

export async function dispatch(
  exchange: Exchange,
  interaction: Interaction,
  step: NextStep,
  cookies: readonly string[] = [],
): Promise<OAuthReply> {
  switch (step.step) {
    case 'refuse':
      return finishWithError(exchange, interaction, new Refusal(step.reason), cookies)
    case 'issue':
      return finishWithCode(exchange, interaction, step, cookies)
    default:
      return redirectReply(pageUrl(exchange, step.step, interaction.record.flowId), cookies)
  }
}

async function finishWithCode(
  exchange: Exchange,
  { client, request, record }: Interaction,
  { session, scope }: Extract<NextStep, { step: 'issue' }>,
  cookies: readonly string[],
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const issued = makeCode(exchange, request, session, scope)
  const first = await deps.store.interactions.finish(
    workspace.id,
    record.flowId,
    deps.clock.now(),
    issued.record,
  )
  flow.check('interaction_finished', first)
  return codeResponse(exchange, client, request, issued, cookies)
}

/** Ends the interaction with an error for the client. */
export async function finishWithError(
  exchange: Exchange,
  interaction: Interaction,
  refusal: Refusal,
  cookies: readonly string[] = [],
): Promise<OAuthReply> {
  const { client, request, record } = interaction
  if (request.device) return refuseDevice(exchange, interaction, refusal, cookies)
  const { deps, workspace, flow } = exchange
  const first = await deps.store.interactions.finish(workspace.id, record.flowId, deps.clock.now(), undefined)
  flow.check('interaction_finished', first)
  flow.decisions.push({ rule: refusal.reason, outcome: 'refused', ...refusal.detail })
  return authorizationError(exchange, client, request, refusal, cookies)
}
