import type { OAuthReply } from '../../protocol/types.ts'
import type { SessionRecord } from '../../store/records.ts'
import { makeCode } from '../authorization/issue-code.ts'
import { type NextStep, nextStep } from '../authorization/next-step.ts'
import type { Progress } from '../authorization/progress.ts'
import { authorizationError, codeResponse } from '../authorization/response.ts'
import { Refusal } from '../decisions/refusal.ts'
import { refuseDevice } from '../device/answer-device.ts'
import type { Exchange } from '../exchange.ts'
import { SETTLED } from '../federation/progress.ts'
import { redirectReply } from '../replies.ts'
import { browserSessions } from '../sessions/browser-session.ts'
import { type Interaction, loadInteraction } from './load-interaction.ts'
import { pageUrl } from './page-url.ts'

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
