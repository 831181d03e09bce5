import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { UserRecord } from '../../store/records.ts'
import { verifyPassword } from '../accounts/verify-password.ts'
import { providersOf } from '../authorization/identity-sources.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { checkForm, csrfToken } from '../interaction/forms.ts'
import { currentStep, dispatch, finishWithError } from '../interaction/interaction.ts'
import { type Interaction, loadInteraction } from '../interaction/load-interaction.ts'
import { clientDisplay, pageReply } from '../interaction/page-reply.ts'
import { pageUrl } from '../interaction/page-url.ts'
import type { SignInProblem } from '../interaction/pages.ts'
import { createFederatedAccount, linkAccount, linkedAccount } from './accounts.ts'
import { isWanted, providerProblem, signInFederated } from './finish.ts'
import type { PendingLink } from './progress.ts'
import { providerName } from './provider.ts'

const PAGE = 'link-account'

/**
 * GET: asks whether the account here with the same e-mail address is the same person's.
 *
 * Security: this tells that the account exists, but to nobody else than whom the provider knows as the owner of its
 * address, verified. Reset mails would tell them as much.
 */
export async function showLinkAccount(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  const pending = interaction.progress.federation?.pending
  if (step.step !== PAGE || !pending) return dispatch(exchange, interaction, step)
  return linkPage(exchange, interaction, pending, null)
}

/** POST: the password of that account, or neither (`separate`), or cancel. */
export async function submitLinkAccount(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  checkForm(exchange, form, interaction.transaction, interaction.record.flowId, PAGE)
  const step = await currentStep(exchange, interaction)
  const pending = interaction.progress.federation?.pending
  if (step.step !== PAGE || !pending) return dispatch(exchange, interaction, step)
  switch (form.get('action')) {
    case 'cancel':
      return finishWithError(exchange, interaction, new Refusal('user_denied'))
    case 'separate':
      return goOnSeparately(exchange, interaction, pending)
    default:
      return link(exchange, interaction, pending, form.get('password') ?? '')
  }
}

async function goOnSeparately(
  exchange: Exchange,
  interaction: Interaction,
  { identity }: PendingLink,
): Promise<OAuthReply> {
  const known = await linkedAccount(exchange, identity)
  if (!isWanted(exchange, interaction, known?.userId)) {
    // Nothing is made: it would stand in the way of connecting the two later.
    return providerProblem(exchange, interaction, identity.sourceId, 'provider_account_mismatch')
  }
  const user = known ?? (await createFederatedAccount(exchange, identity))
  return signInFederated(exchange, interaction, user, identity)
}

/** The password proves that the account is theirs: by the same throttles as any sign-in. */
async function link(
  exchange: Exchange,
  interaction: Interaction,
  pending: PendingLink,
  password: string,
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const account = await deps.store.users.find(workspace.id, pending.userId)
  const result = await verifyPassword(exchange, interaction.client, account?.username ?? '', password)
  if (result.kind !== 'ok') {
    flow.decisions.push({
      rule: result.kind === 'throttled' ? 'sign_in_throttled' : 'sign_in_failed',
      outcome: 'refused',
    })
    return linkPage(exchange, interaction, pending, result)
  }
  // Security: the account that was offered, should the client's sources have changed meanwhile.
  flow.check('interaction_step_skipped', result.user.userId === pending.userId)
  const user = await linked(exchange, pending, result.user)
  const amr = user.userId === result.user.userId ? ['pwd'] : []
  const proven = { amr, cookies: result.cookies }
  return signInFederated(exchange, interaction, user, pending.identity, proven)
}

/** Where another tab was faster, the account that it chose. */
async function linked(exchange: Exchange, { identity }: PendingLink, user: UserRecord): Promise<UserRecord> {
  if (await linkAccount(exchange, identity, user)) return user
  return (await linkedAccount(exchange, identity)) ?? user
}

const STATUS = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  throttled: 429,
  busy: 503,
} as const

async function linkPage(
  exchange: Exchange,
  { client, request, record, transaction }: Interaction,
  { identity, userId }: PendingLink,
  problem: SignInProblem | null,
): Promise<OAuthReply> {
  const { deps, workspace } = exchange
  const account = await deps.store.users.find(workspace.id, userId)
  const source = providersOf(exchange, client).find(({ id }) => id === identity.sourceId)
  const props = {
    action: pageUrl(exchange, PAGE, record.flowId),
    csrf: csrfToken(transaction, record.flowId, PAGE),
    client: clientDisplay(client),
    provider: source ? providerName(source) : identity.sourceId,
    account: account?.username ?? '',
    problem,
  }
  const wait = problem && 'retryAfter' in problem ? problem.retryAfter : undefined
  return pageReply(exchange, PAGE, props, {
    status: problem ? STATUS[problem.kind] : 200,
    formAction: redirectOrigin(request.redirectUri),
    uiLocales: request.uiLocales,
    flowId: record.flowId,
    headers: wait === undefined ? {} : { 'retry-after': String(wait) },
  })
}
