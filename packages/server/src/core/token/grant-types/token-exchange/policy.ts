import { isPublicClient } from '../../../../protocol/client-metadata.ts'
import { sameResource } from '../../../../protocol/resource.ts'
import type { ClientRecord } from '../../../../store/records.ts'
import type { LiveAccessToken } from '../../../tokens/inspect-access-token.ts'

/** What the owner of the server lets a client exchange: the member `token_exchange`, with its defaults. */
export interface ExchangePolicy {
  /** Whether there is more to it than narrowing one's own tokens. */
  readonly beyondOwn: boolean
  readonly subjectClients: readonly string[]
  readonly subjectResources: readonly string[]
  readonly targetResources: readonly string[]
  readonly actorClients: readonly string[]
  readonly impersonation: boolean
}

const OWN_TOKENS_ONLY: ExchangePolicy = {
  beyondOwn: false,
  subjectClients: [],
  subjectResources: [],
  targetResources: [],
  actorClients: [],
  impersonation: false,
}

/** Security: a public client has no more than its own tokens, since anybody can call itself by its id. */
export function exchangePolicy({ metadata }: ClientRecord): ExchangePolicy {
  const own = metadata.token_exchange
  if (own === undefined || isPublicClient(metadata)) return OWN_TOKENS_ONLY
  return {
    beyondOwn: true,
    subjectClients: own.subject_clients ?? [],
    subjectResources: own.subject_resources ?? [],
    targetResources: own.target_resources ?? [],
    actorClients: own.actor_clients ?? [],
    impersonation: own.impersonation ?? false,
  }
}

/** Whether the client may present this token as the subject: its own, one for its API, or one of a client named. */
export function mayPresent(client: ClientRecord, policy: ExchangePolicy, token: LiveAccessToken): boolean {
  return (
    token.client.clientId === client.clientId ||
    policy.subjectClients.includes(token.client.clientId) ||
    policy.subjectResources.some((resource) => sameResource(resource, token.audience))
  )
}

/**
 * Whether a user stays as unknown to `to` as `from` was to know them: a pairwise subject hides who it is from other
 * clients (OIDC Core §8.1), and an exchange must not tell.
 */
export function keepsPseudonym(from: ClientRecord, to: ClientRecord): boolean {
  return from.metadata.subject_type !== 'pairwise' || to.metadata.subject_type === 'pairwise'
}
