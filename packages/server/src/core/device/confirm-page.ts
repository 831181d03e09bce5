import type { OAuthReply } from '../../protocol/types.ts'
import type { DeviceCodeRecord, UserRecord } from '../../store/records.ts'
import { scopeToConsent } from '../authorization/claims-consent.ts'
import { agreed } from '../authorization/issue-code.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { readForm } from '../form.ts'
import { accountLabel, isRequired, offeredScopes } from '../interaction/consent.ts'
import { checkForm, csrfToken } from '../interaction/forms.ts'
import { currentStep, dispatch, finishWithError } from '../interaction/interaction.ts'
import { type Interaction, loadInteraction } from '../interaction/load-interaction.ts'
import { clientDisplay, pageReply } from '../interaction/page-reply.ts'
import { pageUrl } from '../interaction/page-url.ts'
import { findResource } from '../workspaces/workspace.ts'
import { answerDevice } from './answer-device.ts'
import { isWaiting } from './find-device.ts'
import { requestOrigin } from './request-origin.ts'
import { showUserCode } from './user-code.ts'

const PAGE = 'device-confirm'

/** GET: who asks, for what, from where, and a warning (RFC 8628 §5.4); or wherever the interaction stands. */
export async function showConfirmDevice(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  if (step.step !== 'device-confirm') return dispatch(exchange, interaction, step)
  const { client, request, record, transaction } = interaction
  const device = await waitingDevice(exchange, interaction)
  const props = {
    action: pageUrl(exchange, PAGE, record.flowId),
    csrf: csrfToken(transaction, record.flowId, formOf(step.user)),
    client: clientDisplay(client),
    account: accountLabel(step.user),
    userCode: showUserCode(request.device?.userCode ?? ''),
    origin: requestOrigin(exchange, device),
    scopes: offeredScopes(exchange, scopeToConsent(exchange, client, request), undefined),
    resources: request.resources.map(
      (resource) => findResource(exchange.workspace, resource)?.name ?? resource,
    ),
    switchAccountUrl: pageUrl(exchange, 'select-account', record.flowId),
  }
  return pageReply(exchange, PAGE, props, { flowId: record.flowId })
}

/**
 * POST: the answer. It is not remembered: a device proves nothing about itself, so the next one is asked about again, and
 * what was said to a device counts nowhere else.
 */
export async function submitConfirmDevice(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const form = readForm(exchange)
  const { record, request, client, transaction } = interaction
  const step = await currentStep(exchange, interaction)
  checkForm(exchange, form, transaction, record.flowId, 'user' in step ? formOf(step.user) : PAGE)
  if (step.step !== 'device-confirm') return dispatch(exchange, interaction, step)
  const action = form.get('action')
  exchange.flow.check('interaction_step_skipped', action === 'allow' || action === 'deny', () => ({
    expected: 'action allow or deny',
  }))
  const asked = scopeToConsent(exchange, client, request)
  const ticked = form.getAll('scope')
  const allowed = asked.filter((scope) => isRequired(exchange, scope) || ticked.includes(scope))
  if (action === 'deny' || (allowed.length === 0 && asked.length > 0)) {
    return finishWithError(exchange, interaction, new Refusal('user_denied'))
  }
  return answerDevice(exchange, interaction, agreed(request, step.session, allowed, record.flowId))
}

/** As on the consent page: bound to the account, or it could be answered for another one. */
function formOf({ userId }: UserRecord): string {
  return `${PAGE} ${userId}`
}

/** @throws {Refusal} where the device was answered meanwhile, or nobody came in time */
async function waitingDevice(
  { deps, workspace, flow }: Exchange,
  { request }: Interaction,
): Promise<DeviceCodeRecord> {
  const device = await deps.store.deviceCodes.find(workspace.id, request.device?.codeHash ?? '')
  if (!device || !isWaiting(device, deps.clock.now())) return flow.refuse('user_code_unknown')
  return device
}
