import { createHash } from 'node:crypto'
import { challengeOf } from '../../protocol/pkce.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { type ProviderSource, signInWays } from '../authorization/identity-sources.ts'
import type { Exchange } from '../exchange.ts'
import { readQuery, shown } from '../form.ts'
import { hashHandle, newHandle } from '../handles.ts'
import { advance, currentStep, dispatch, goOn } from '../interaction/interaction.ts'
import { type Interaction, loadInteraction } from '../interaction/load-interaction.ts'
import { ProviderFailure, type ProviderRequest } from '../ports.ts'
import { redirectReply } from '../replies.ts'
import { providerFailed } from './failed.ts'
import { type FederationAttempt, SETTLED } from './progress.ts'
import { providerClient, providerScope } from './provider.ts'

/** What an attempt keeps to itself until the browser is back. */
export interface AttemptSecrets {
  readonly nonce: string
  readonly codeVerifier: string
}

/** GET: the button of a provider on the sign-in page. */
export async function startFederation(exchange: Exchange): Promise<OAuthReply> {
  const interaction = await loadInteraction(exchange)
  const step = await currentStep(exchange, interaction)
  if (step.step !== 'sign-in' && step.step !== 'sign-up') return dispatch(exchange, interaction, step)
  const wanted = readQuery(exchange).get('source')
  const { providers } = signInWays(exchange, interaction.client, interaction.request)
  const source = providers.find(({ id }) => id === wanted)
  if (!source) return exchange.flow.refuse('provider_unknown', { received: shown(wanted) })
  return sendToProvider(exchange, interaction, source)
}

/**
 * The provider that the first visit goes straight to: the one that the client asked for, or the only way there is.
 * Later visits, after an error or by the Back button, show the page: nobody is sent around in circles.
 */
export function straightTo(
  exchange: Exchange,
  { client, request, progress }: Interaction,
): ProviderSource | undefined {
  // A redirect that answers a form would be stopped by the page's `form-action`.
  if (progress.federation || progress.selected || progress.signInAsOther) return undefined
  const { password, providers } = signInWays(exchange, client, request)
  const hinted = providers.find(({ id }) => id === request.idpHint)
  if (hinted) return hinted
  return password === undefined && providers.length === 1 ? providers[0] : undefined
}

/** Begins a try at the provider: the one that counts from now on (OIDC Core §3.1.2.1, RFC 7636 §4.3). */
export async function sendToProvider(
  exchange: Exchange,
  interaction: Interaction,
  source: ProviderSource,
): Promise<OAuthReply> {
  const { deps } = exchange
  const { request, record, progress } = interaction
  const handle = newHandle(deps.random)
  const secrets: AttemptSecrets = {
    nonce: newHandle(deps.random),
    codeVerifier: newHandle(deps.random),
  }
  const again = request.prompt.includes('login')
  const attempt: FederationAttempt = {
    sourceId: source.id,
    issuer: source.issuer,
    stateHash: hashHandle(handle),
    secretsSealed: deps.vault.seal(JSON.stringify(secrets), attemptContext(interaction)),
    startedAt: deps.clock.now(),
    maxAge: again ? 0 : request.maxAge,
  }
  const other = progress.signInAsOther || request.prompt.includes('select_account')
  const asked: ProviderRequest = {
    scope: providerScope(source),
    state: `${record.flowId}.${handle}`,
    nonce: secrets.nonce,
    codeChallenge: challengeOf(secrets.codeVerifier, sha256),
    prompt: again ? 'login' : other ? 'select_account' : null,
    maxAge: attempt.maxAge,
    loginHint: request.loginHint,
    uiLocales: request.uiLocales,
  }
  let url: string
  try {
    url = await deps.providers.authorizationUrl(providerClient(exchange, source), asked)
  } catch (error) {
    if (error instanceof ProviderFailure) return providerFailed(exchange, interaction, source, error)
    throw error
  }
  const moved = await advance(exchange, interaction, { ...progress, federation: { ...SETTLED, attempt } })
  const isOurs = moved.progress.federation?.attempt?.stateHash === attempt.stateHash
  return isOurs ? redirectReply(url) : goOn(exchange, moved)
}

/** Where the button of a provider leads. */
export function providerUrl({ workspace }: Exchange, flowId: string, { id }: ProviderSource): string {
  return `${workspace.issuer}/federation/start?flow=${flowId}&source=${id}`
}

/** What binds an attempt's secrets to its interaction. */
export function attemptContext({ record }: Pick<Interaction, 'record'>): string {
  return `interactions|federation|${record.workspaceId}|${record.flowId}`
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text, 'ascii').digest()
}
