import type { OAuthReply } from '../../protocol/types.ts'
import { type ProviderSource, providersOf } from '../authorization/identity-sources.ts'
import { type Exchange, header } from '../exchange.ts'
import { checkNotRepeated, readQuery, shown } from '../form.ts'
import { hashHandle } from '../handles.ts'
import { advance, currentStep, dispatch, goOn } from '../interaction/interaction.ts'
import { type Interaction, loadInteraction } from '../interaction/load-interaction.ts'
import { pageUrl } from '../interaction/page-url.ts'
import { ProviderFailure, type ProviderIdentity } from '../ports.ts'
import { redirectReply } from '../replies.ts'
import { accountToLink, createFederatedAccount, linkedAccount } from './accounts.ts'
import { upstreamClaims } from './claims.ts'
import { providerFailed } from './failed.ts'
import { isWanted, providerProblem, signInFederated } from './finish.ts'
import { type FederationAttempt, SETTLED, type UpstreamIdentity } from './progress.ts'
import { CALLBACK_PREFIX, providerClient } from './provider.ts'
import { type AttemptSecrets, attemptContext } from './start.ts'

const STATE = /^(flow_[A-Za-z0-9]{22})\.([A-Za-z0-9]{50})$/

/** Marks the second request of a browser that has landed. */
const LANDED = 'landed'

/** How far clocks may differ, and how long the way back may take. */
const TOLERANCE = 30

/**
 * GET: the browser comes back from a provider (OIDC Core §3.1.2.5). What was not asked for here, in this browser and of
 * this provider, is not even looked at (login CSRF, mix-up: RFC 9700 §4.4, §4.7).
 */
export async function federationCallback(exchange: Exchange): Promise<OAuthReply> {
  const query = readQuery(exchange)
  checkNotRepeated(exchange, query)
  if (header(exchange.request, 'sec-fetch-mode') === 'navigate' && !query.has(LANDED)) return land(exchange)
  const [, flowId, handle = ''] = STATE.exec(query.get('state') ?? '') ?? []
  exchange.flow.check('provider_response_unexpected', flowId !== undefined)
  const interaction = await loadInteraction(exchange, flowId)
  const source = sourceInPath(exchange, interaction)
  const attempt = interaction.progress.federation?.attempt
  if (!attempt || attempt.stateHash !== hashHandle(handle) || !isAskedOf(attempt, source)) {
    return outdated(exchange, interaction, source)
  }

  // One answer a try: of two that come at once, one redeems the code.
  const spent = { ...interaction.progress, federation: SETTLED }
  const moved = await advance(exchange, interaction, spent)
  if (moved.progress !== spent) return outdated(exchange, moved, source)
  return comeBack(exchange, moved, source, attempt, `${flowId}.${handle}`)
}

/**
 * Lets the browser arrive before it is sent on. Where the provider's last page was a form, all redirects that answer it
 * are one navigation, and Chromium applies that page's `form-action` to each: it knows us, and not the client.
 */
function land({ workspace, request }: Exchange): OAuthReply {
  const url = `${workspace.origin}${request.path}?${request.query}&${LANDED}=1`
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      refresh: `0;url=${url}`,
    },
    body: '',
  }
}

/** @throws {Refusal} `provider_unknown` */
function sourceInPath(exchange: Exchange, { client }: Interaction): ProviderSource {
  const [, received = ''] = exchange.request.path.split(CALLBACK_PREFIX)
  const source = providersOf(exchange, client).find(({ id }) => id === received)
  return source ?? exchange.flow.refuse('provider_unknown', { received: shown(received) })
}

/** Security: by its issuer too. A code of the provider of before never goes to the one that the source names by now. */
function isAskedOf({ sourceId, issuer }: FederationAttempt, source: ProviderSource): boolean {
  return sourceId === source.id && issuer === source.issuer
}

/** An answer to a try that is over: by Back, from another tab, or sent a second time. */
async function outdated(
  exchange: Exchange,
  interaction: Interaction,
  { id }: ProviderSource,
): Promise<OAuthReply> {
  const step = await currentStep(exchange, interaction)
  const { federation } = interaction.progress
  if (step.step === 'sign-in' && !federation?.attempt && !federation?.problem) {
    return providerProblem(exchange, interaction, id, 'provider_sign_in_outdated')
  }
  exchange.flow.decisions.push({ rule: 'provider_sign_in_outdated', outcome: 'refused' })
  if (step.step === 'issue' || step.step === 'refuse') return dispatch(exchange, interaction, step)
  return redirectReply(pageUrl(exchange, step.step, interaction.record.flowId))
}

async function comeBack(
  exchange: Exchange,
  interaction: Interaction,
  source: ProviderSource,
  attempt: FederationAttempt,
  state: string,
): Promise<OAuthReply> {
  const { deps, request } = exchange
  const secrets = JSON.parse(
    deps.vault.open(attempt.secretsSealed, attemptContext(interaction)),
  ) as AttemptSecrets
  let answer: ProviderIdentity
  try {
    const response = { query: request.query, state, ...secrets }
    answer = await deps.providers.redeem(providerClient(exchange, source), response)
  } catch (error) {
    if (error instanceof ProviderFailure) return providerFailed(exchange, interaction, source, error)
    throw error
  }
  if (!isRecent(attempt, answer)) {
    const received = answer.authTime === null ? 'no auth_time' : `auth_time ${answer.authTime}`
    return providerProblem(exchange, interaction, source.id, 'provider_sign_in_too_old', { received })
  }
  return signInAs(exchange, interaction, {
    sourceId: source.id,
    issuer: answer.issuer,
    subject: answer.subject,
    authTime: Math.min(answer.authTime ?? deps.clock.now(), deps.clock.now()),
    claims: upstreamClaims(answer.idToken, answer.userinfo),
  })
}

/** Where the client asked for a recent sign-in, the provider must have made it and say when (OIDC Core §3.1.3.7, 13). */
function isRecent({ maxAge, startedAt }: FederationAttempt, { authTime }: ProviderIdentity): boolean {
  if (maxAge === null) return true
  return authTime !== null && authTime >= startedAt - maxAge - TOLERANCE
}

async function signInAs(
  exchange: Exchange,
  interaction: Interaction,
  identity: UpstreamIdentity,
): Promise<OAuthReply> {
  const known = await linkedAccount(exchange, identity)
  if (known) return signInFederated(exchange, interaction, known, identity)
  const candidate = await accountToLink(exchange, interaction, identity)
  if (!isWanted(exchange, interaction, candidate?.userId)) {
    return providerProblem(exchange, interaction, identity.sourceId, 'provider_account_mismatch')
  }
  if (!candidate) {
    return signInFederated(exchange, interaction, await createFederatedAccount(exchange, identity), identity)
  }
  const pending = { identity, userId: candidate.userId }
  const federation = { ...SETTLED, pending }
  const moved = await advance(exchange, interaction, {
    ...interaction.progress,
    // Whoever was signed in before in this interaction is not who is asked now.
    authenticated: false,
    federation,
  })
  return goOn(exchange, moved)
}
