import type { OAuthReply } from '../../protocol/types.ts'
import type { Authorization } from '../../store/records.ts'
import type { Refusal } from '../decisions/refusal.ts'
import { errorPage } from '../error-page.ts'
import type { Exchange } from '../exchange.ts'
import type { Interaction } from '../interaction/load-interaction.ts'
import { redirectReply } from '../replies.ts'

/**
 * Answers the device, and ends the interaction with that. Without `authorization` it is denied. One conditional statement
 * decides: a device is answered once, by whoever is first.
 */
export async function answerDevice(
  exchange: Exchange,
  { record, request }: Interaction,
  authorization: Authorization | null,
  cookies: readonly string[] = [],
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const first = await deps.store.deviceCodes.answer(
    workspace.id,
    request.device?.codeHash ?? '',
    deps.clock.now(),
    record.flowId,
    authorization,
  )
  flow.check('user_code_unknown', first)
  return redirectReply(`${workspace.issuer}/device-done?flow=${record.flowId}`, cookies)
}

/**
 * Ends the interaction of a device with an error. A no is the answer to the device; all else is told to the person alone,
 * who may not be the one that the device waits for.
 */
export async function refuseDevice(
  exchange: Exchange,
  interaction: Interaction,
  refusal: Refusal,
  cookies: readonly string[],
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  flow.decisions.push({ rule: refusal.reason, outcome: 'refused', ...refusal.detail })
  if (refusal.reason === 'user_denied') return answerDevice(exchange, interaction, null, cookies)
  const { flowId } = interaction.record
  const first = await deps.store.interactions.finish(workspace.id, flowId, deps.clock.now(), undefined)
  flow.check('interaction_finished', first)
  const page = await errorPage(exchange, refusal)
  return cookies.length > 0 ? { ...page, headers: { ...page.headers, 'set-cookie': [...cookies] } } : page
}
