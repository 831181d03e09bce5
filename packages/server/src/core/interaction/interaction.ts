import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord, InteractionRecord, SessionRecord } from '../../store/records.ts'
import { makeCode } from '../authorization/issue-code.ts'
import { type NextStep, nextStep } from '../authorization/next-step.ts'
import { NO_PROGRESS, type Progress } from '../authorization/progress.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { authorizationError, authorizationResponse } from '../authorization/response.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { readQuery } from '../form.ts'
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

/** Stores the request, and sends the browser on by GET: `/sign-in?flow=…` or wherever it stands. */
export async function beginInteraction(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  page: PagePath,
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const transaction = browserTransaction(exchange)
  const now = deps.clock.now()
  await deps.store.interactions.insert({
    workspaceId: workspace.id,
    flowId: flow.id,
    browserHash: transaction.hash,
    clientId: client.clientId,
    request: JSON.stringify(request),
    progress: JSON.stringify(NO_PROGRESS),
    createdAt: now,
    expiresAt: now + INTERACTION_LIFE,
    finishedAt: null,
  })
  return redirectReply(pageUrl(exchange, page, flow.id), transaction.cookies)
}

export type PagePath = 'sign-in' | 'sign-up' | 'select-account' | 'consent' | 'continue'

export function pageUrl({ workspace }: Exchange, page: PagePath, flowId: string): string {
  return `${workspace.issuer}/${page}?flow=${flowId}`
}

const FLOW_ID = /^flow_[A-Za-z0-9]{22}$/

/**
 * The interaction named by `?flow=`, for the browser that started it (RFC 6819 §4.4.1.8).
 *
 * @throws {Refusal} `interaction_*`
 */
export async function loadInteraction(exchange: Exchange): Promise<Interaction> {
  const { deps, workspace, flow } = exchange
  const flowId = readQuery(exchange).get('flow')
  if (flowId === undefined || !FLOW_ID.test(flowId)) return flow.refuse('interaction_unknown')
  const record = await deps.store.interactions.find(workspace.id, flowId)
  if (!record) return flow.refuse('interaction_unknown', { received: flowId })
  flow.id = record.flowId
  flow.clientId = record.clientId
  const transaction = knownTransaction(exchange)
  if (!transaction || transaction.hash !== record.browserHash) {
    return flow.refuse('interaction_other_browser', {
      received: transaction ? 'the cookie of another browser' : 'no transaction cookie',
    })
  }
  flow.check('interaction_finished', record.finishedAt === null)
  flow.check('interaction_expired', record.expiresAt > deps.clock.now())
  const client = await workspace.client(record.clientId ?? '')
  if (!client || client.disabled) return flow.refuse('authorization_client_unknown')
  return {
    record,
    client,
    request: JSON.parse(record.request) as AuthorizationRequest,
    progress: JSON.parse(record.progress) as Progress,
    transaction,
  }
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
  return loadInteraction(exchange)
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
  return authorizationResponse(exchange, client, request, [['code', issued.code]], cookies)
}

/** Ends the interaction with an error for the client. */
export async function finishWithError(
  exchange: Exchange,
  { client, request, record }: Interaction,
  refusal: Refusal,
  cookies: readonly string[] = [],
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const first = await deps.store.interactions.finish(workspace.id, record.flowId, deps.clock.now(), undefined)
  flow.check('interaction_finished', first)
  flow.decisions.push({ rule: refusal.reason, outcome: 'refused', ...refusal.detail })
  return authorizationError(exchange, client, request, refusal, cookies)
}
