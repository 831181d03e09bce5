import type { Parameters } from '../../protocol/parameters.ts'
import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { createAccount, MIN_PASSWORD_LENGTH } from '../accounts/create-account.ts'
import { signUpSource } from '../authorization/identity-sources.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { startSession } from '../sessions/start-session.ts'
import { rememberDevice } from '../throttling/known-device.ts'
import { signUpLimit } from '../throttling/limits.ts'
import { networkOf } from '../throttling/network-of.ts'
import { throttleKey } from '../throttling/throttle-key.ts'
import { checkForm, csrfToken } from './forms.ts'
import { advanceSignedIn, currentStep, dispatch, finishWithError, goOn } from './interaction.ts'
import { type Interaction, loadInteraction } from './load-interaction.ts'
import { clientDisplay, pageReply } from './page-reply.ts'
import { pageUrl } from './page-url.ts'
import type { SignUpProblem } from './pages.ts'

const PAGE = 'sign-up'

/** Beside accounts that were made: what tells whether one is there, and what costs us an estimate. */
const COUNTED: ReadonlySet<string> = new Set(['taken', 'password_common', 'password_guessable'])

/** GET: the form for a new account, where the workspace allows people to make their own. */
export async function showSignUp(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await openInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  if (step.step !== 'sign-in' && step.step !== 'sign-up') return dispatch(exchange, interaction, step)
  return signUpPage(exchange, interaction, {
    username: interaction.request.loginHint ?? '',
    name: '',
    problem: null,
  })
}

/** POST: makes the account, and signs the person in. */
export async function submitSignUp(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await openInteraction(exchange)
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  checkForm(exchange, form, interaction.transaction, interaction.record.flowId, PAGE)
  if (form.get('action') === 'cancel')
    return finishWithError(exchange, interaction, new Refusal('user_denied'))
  return signUp(exchange, interaction, form)
}

async function openInteraction(exchange: Exchange): Promise<Interaction> {
  const interaction = await loadInteraction(exchange)
  exchange.flow.check('sign_up_closed', signUpSource(exchange, interaction.client) !== undefined)
  return interaction
}

async function signUp(exchange: Exchange, interaction: Interaction, form: Parameters): Promise<OAuthReply> {
  const { deps, workspace, request } = exchange
  const username = form.get('username') ?? ''
  const name = form.get('name') ?? ''
  const address = throttleKey(workspace, `sign-up ${networkOf(request.remote)}`)
  const now = deps.clock.now()
  const blocked = (await deps.store.throttles.find(workspace.id, [address])).get(address)?.blockedUntil ?? 0
  if (blocked > now) {
    return signUpPage(exchange, interaction, {
      username,
      name,
      problem: { kind: 'throttled', retryAfter: blocked - now },
    })
  }
  const created = await createAccount(exchange, {
    sourceId: signUpSource(exchange, interaction.client) ?? '',
    username,
    name,
    password: form.get('password') ?? '',
    confirmation: form.get('password_confirm') ?? '',
  })
  if ('kind' in created) {
    if (COUNTED.has(created.kind)) await deps.store.throttles.fail(workspace.id, address, now, signUpLimit)
    return signUpPage(exchange, interaction, { username, name, problem: created })
  }
  await deps.store.throttles.fail(workspace.id, address, now, signUpLimit)
  const started = await startSession(exchange, created, { persistent: false, amr: ['pwd'] })
  const moved = await advanceSignedIn(exchange, interaction, started.session)
  return goOn(
    exchange,
    moved,
    [...started.cookies, ...rememberDevice(exchange, created.userId)],
    [started.session],
  )
}

interface SignUpState {
  readonly username: string
  readonly name: string
  readonly problem: SignUpProblem | null
}

function signUpPage(
  exchange: Exchange,
  { client, request, record, transaction }: Interaction,
  state: SignUpState,
): OAuthReply {
  const { problem } = state
  const wait = problem && 'retryAfter' in problem ? problem.retryAfter : undefined
  const props = {
    action: pageUrl(exchange, PAGE, record.flowId),
    csrf: csrfToken(transaction, record.flowId, PAGE),
    client: clientDisplay(client),
    username: state.username.slice(0, 320),
    name: state.name.slice(0, 200),
    problem,
    signInUrl: pageUrl(exchange, 'sign-in', record.flowId),
    minPasswordLength: MIN_PASSWORD_LENGTH,
  }
  return pageReply(exchange, PAGE, props, {
    status: problem === null ? 200 : problem.kind === 'throttled' ? 429 : problem.kind === 'busy' ? 503 : 400,
    formAction: redirectOrigin(request.redirectUri),
    uiLocales: request.uiLocales,
    flowId: record.flowId,
    headers: wait === undefined ? {} : { 'retry-after': String(wait) },
  })
}
