import type { Parameters } from '../../protocol/parameters.ts'
import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { verifyPassword } from '../accounts/verify-password.ts'
import { providersOf, signInWays, signUpSource } from '../authorization/identity-sources.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { providerName } from '../federation/provider.ts'
import { providerUrl, sendToProvider, straightTo } from '../federation/start.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { startSession } from '../sessions/start-session.ts'
import { isKnownDevice } from '../throttling/known-device.ts'
import { subjectFor } from '../tokens/subject.ts'
import { checkForm, csrfToken } from './forms.ts'
import { advanceSignedIn, currentStep, dispatch, finishWithError, goOn } from './interaction.ts'
import { type Interaction, loadInteraction } from './load-interaction.ts'
import { clientDisplay, pageReply } from './page-reply.ts'
import { pageUrl } from './page-url.ts'
import type { ProviderProblem, SignInProblem } from './pages.ts'

const PAGE = 'sign-in'

/**
 * GET: the sign-in page while it is due, or straight on to the one provider people sign in by; else wherever the
 * interaction stands.
 */
export async function showSignIn(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  if (step.step !== 'sign-in' && step.step !== 'sign-up') return dispatch(exchange, interaction, step)
  const straight = step.step === 'sign-in' ? straightTo(exchange, interaction) : undefined
  if (straight) return sendToProvider(exchange, interaction, straight)
  return signInPage(exchange, interaction, {
    username: await hintedUsername(exchange, interaction),
    problem: providerProblem(exchange, interaction),
  })
}

/**
 * The sign-in page of an interaction that `peekInteraction` found: to look at, for a program that keeps no cookies. It
 * names nobody, and its form leads nowhere. `undefined` where another page is due.
 */
export async function showSignInOnly(
  exchange: Exchange,
  interaction: Interaction,
): Promise<OAuthReply | undefined> {
  const { step } = await currentStep(exchange, interaction, [])
  return step === 'sign-in' ? signInPage(exchange, interaction, { username: '', problem: null }) : undefined
}

/** POST: the password, or cancel. */
export async function submitSignIn(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  checkForm(exchange, form, interaction.transaction, interaction.record.flowId, PAGE)
  if (form.get('action') === 'cancel')
    return finishWithError(exchange, interaction, new Refusal('user_denied'))
  return signIn(exchange, interaction, form)
}

async function signIn(exchange: Exchange, interaction: Interaction, form: Parameters): Promise<OAuthReply> {
  const fixed = await requiredUsername(exchange, interaction)
  const username = fixed ?? form.get('username') ?? ''
  const password = form.get('password') ?? ''
  const result = await verifyPassword(exchange, interaction.client, username, password)
  if (result.kind !== 'ok') {
    exchange.flow.decisions.push({
      rule: result.kind === 'throttled' ? 'sign_in_throttled' : 'sign_in_failed',
      outcome: 'refused',
    })
    return signInPage(exchange, interaction, { username, problem: result, remember: form.has('remember') })
  }
  const started = await startSession(exchange, result.user, {
    persistent: form.has('remember'),
    amr: ['pwd'],
  })
  const moved = await advanceSignedIn(exchange, interaction, started.session)
  return goOn(exchange, moved, [...started.cookies, ...result.cookies], [started.session])
}

interface SignInState {
  readonly username: string
  readonly problem: SignInProblem | ProviderProblem | null
  readonly remember?: boolean
}

const STATUS = {
  wrong_credentials: 401,
  missing_username: 400,
  missing_password: 400,
  throttled: 429,
  busy: 503,
  provider_denied: 403,
  provider_refused: 502,
  provider_unreachable: 503,
  provider_answer_invalid: 502,
  provider_sign_in_outdated: 400,
  provider_sign_in_too_old: 403,
  provider_account_mismatch: 403,
  provider_account_disabled: 403,
} as const

async function signInPage(
  exchange: Exchange,
  interaction: Interaction,
  state: SignInState,
): Promise<OAuthReply> {
  const { client, request, record, transaction } = interaction
  const { problem } = state
  const ways = signInWays(exchange, client, request)
  const canSignUp = ways.password !== undefined && signUpSource(exchange, client) !== undefined
  const headers: Record<string, string> =
    problem && 'retryAfter' in problem ? { 'retry-after': String(problem.retryAfter) } : {}
  return pageReply(
    exchange,
    PAGE,
    {
      action: pageUrl(exchange, PAGE, record.flowId),
      csrf: csrfToken(transaction, record.flowId, PAGE),
      client: clientDisplay(client),
      username: state.username.slice(0, 320),
      usernameFixed: (await requiredUsername(exchange, interaction)) !== undefined,
      problem,
      signUpUrl: canSignUp ? pageUrl(exchange, 'sign-up', record.flowId) : null,
      password: ways.password !== undefined,
      providers: ways.providers.map((source) => ({
        id: source.id,
        name: providerName(source),
        href: providerUrl(exchange, record.flowId, source),
      })),
      remember: state.remember ?? false,
      again: request.prompt.includes('login') || request.maxAge !== null,
    },
    {
      status: problem ? STATUS[problem.kind] : 200,
      formAction: redirectOrigin(request.redirectUri),
      uiLocales: request.uiLocales,
      flowId: record.flowId,
      headers,
    },
  )
}

/** What the last try at a provider came to. */
function providerProblem(exchange: Exchange, { client, progress }: Interaction): ProviderProblem | null {
  const problem = progress.federation?.problem
  if (!problem) return null
  const source = providersOf(exchange, client).find(({ id }) => id === problem.sourceId)
  return { kind: problem.kind, provider: source ? providerName(source) : problem.sourceId }
}

async function hintedUsername(exchange: Exchange, interaction: Interaction): Promise<string> {
  return (await requiredUsername(exchange, interaction)) ?? interaction.request.loginHint ?? ''
}

/**
 * The account that an `id_token_hint` insists on. Pairwise subjects cannot be turned back: those are only checked.
 *
 * Security: named only in a browser that has signed in to it before. A client, or a stranger who knows a `sub`, would
 * learn the e-mail address from the page without anybody's consent.
 */
async function requiredUsername(
  exchange: Exchange,
  { request, client }: Interaction,
): Promise<string | undefined> {
  const { requiredSubject } = request
  if (requiredSubject === null) return undefined
  const user = await exchange.deps.store.users.find(exchange.workspace.id, requiredSubject)
  if (!user || subjectFor(exchange.workspace, client.metadata, user.userId) !== requiredSubject)
    return undefined
  if (!isKnownDevice(exchange, user.userId)) return undefined
  return user.username
}
