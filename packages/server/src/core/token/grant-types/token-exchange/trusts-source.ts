import type { Authorization, ClientRecord, UserRecord } from '../../../../store/records.ts'
import { FEDERATED_ACR } from '../../../authorization/acr.ts'
import { sourcesOf } from '../../../authorization/identity-sources.ts'
import type { Exchange } from '../../../exchange.ts'

/**
 * Whether a client that names its identity sources trusts the one that vouched for the user at `origin`. Such as name
 * none, as APIs do, leave that to the application.
 */
export function trustsSource(
  { workspace }: Exchange,
  client: ClientRecord,
  origin: ClientRecord,
  user: UserRecord,
  { acr }: Authorization,
): boolean {
  const trusted = client.metadata.identity_sources ?? []
  if (trusted.length === 0) return true
  if (sourcesOf({ workspace }, origin).every((id) => trusted.includes(id))) return true
  // Who has an account of a pool, and signed in by a provider that it is linked with, was not vouched for by the pool.
  const own = workspace.settings.identity_sources.find(({ id }) => id === user.sourceId)
  const isLinked = own?.type !== 'oidc' && acr === FEDERATED_ACR
  return !isLinked && trusted.includes(user.sourceId)
}
