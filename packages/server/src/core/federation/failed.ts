import type { OAuthReply } from '../../protocol/types.ts'
import type { ProviderSource } from '../authorization/identity-sources.ts'
import type { Exchange } from '../exchange.ts'
import type { Interaction } from '../interaction/load-interaction.ts'
import type { ProviderFailure } from '../ports.ts'
import { providerProblem } from './finish.ts'
import type { ProviderProblemKind } from './progress.ts'

const KINDS: Readonly<Record<ProviderFailure['kind'], ProviderProblemKind>> = {
  unreachable: 'provider_unreachable',
  denied: 'provider_denied',
  refused: 'provider_refused',
  invalid: 'provider_answer_invalid',
}

/** Tells the operator what the provider did, and the person that it did not work. */
export async function providerFailed(
  exchange: Exchange,
  interaction: Interaction,
  { id, issuer }: ProviderSource,
  { kind, detail }: ProviderFailure,
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  if (kind !== 'denied') {
    const fields = { flow: flow.id, workspace: workspace.id, source: id, issuer, failure: detail }
    deps.log.warn(fields, 'an identity provider failed')
  }
  return providerProblem(exchange, interaction, id, KINDS[kind], { received: detail })
}
