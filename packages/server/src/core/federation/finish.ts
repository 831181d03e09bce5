import type { ErrorDetail } from '../../protocol/oauth-error.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { UserRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { advance, advanceSignedIn, goOn } from '../interaction/interaction.ts'
import type { Interaction } from '../interaction/load-interaction.ts'
import { pageUrl } from '../interaction/page-url.ts'
import { redirectReply } from '../replies.ts'
import { startSession } from '../sessions/start-session.ts'
import { subjectFor } from '../tokens/subject.ts'
import { type ProviderProblemKind, SETTLED, type UpstreamIdentity } from './progress.ts'

/**
 * `fed` of `amr`: Microsoft Entra's word for an assertion of another provider. RFC 8176 has none; how people proved
 * themselves there is not ours to say.
 */
const FEDERATED = 'fed'

/** Signs the person in, where the account may and the request takes it. */
export async function signInFederated(
  exchange: Exchange,
  interaction: Interaction,
  user: UserRecord,
  identity: UpstreamIdentity,
  proven: { readonly amr: readonly string[]; readonly cookies: readonly string[] } = { amr: [], cookies: [] },
): Promise<OAuthReply> {
  const { sourceId, authTime } = identity
  if (!user.enabled) return providerProblem(exchange, interaction, sourceId, 'provider_account_disabled')
  if (!isWanted(exchange, interaction, user.userId)) {
    return providerProblem(exchange, interaction, sourceId, 'provider_account_mismatch')
  }
  const started = await startSession(exchange, user, {
    persistent: false,
    amr: [FEDERATED, ...proven.amr],
    provider: { sourceId, authTime },
  })
  const moved = await advanceSignedIn(exchange, interaction, started.session)
  return goOn(exchange, moved, [...started.cookies, ...proven.cookies], [started.session])
}

/** Whether the request takes this account, where it insists on one (`id_token_hint`, a `sub` by value). */
export function isWanted(
  { workspace }: Exchange,
  { request, client }: Interaction,
  userId: string | undefined,
): boolean {
  const { requiredSubject } = request
  if (requiredSubject === null) return true
  return userId !== undefined && subjectFor(workspace, client.metadata, userId) === requiredSubject
}

/** Back to the sign-in page, which tells it: people can try again, or another way. */
export async function providerProblem(
  exchange: Exchange,
  interaction: Interaction,
  sourceId: string,
  kind: ProviderProblemKind,
  detail: ErrorDetail = {},
): Promise<OAuthReply> {
  const { flow } = exchange
  flow.decisions.push({ rule: kind, outcome: 'refused', ...detail })
  await advance(exchange, interaction, {
    ...interaction.progress,
    federation: { ...SETTLED, problem: { sourceId, kind } },
  })
  return redirectReply(pageUrl(exchange, 'sign-in', interaction.record.flowId))
}
