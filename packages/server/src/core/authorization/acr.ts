import type { ClaimsRequest } from '../../protocol/claims-request.ts'
import type { IdentitySourceSetting } from '../../store/records.ts'

/** One factor, a password, here. */
export const PASSWORD_ACR = 'urn:pixy:acr:password'

/** By another OpenID provider, whose own `acr` is its own affair. */
export const FEDERATED_ACR = 'urn:pixy:acr:federated'

/** What the people of a workspace with these sources can reach. */
export function acrValuesSupported(sources: readonly IdentitySourceSetting[]): readonly string[] {
  const federated = sources.some(({ type }) => type === 'oidc')
  const own = sources.some(({ type }) => type !== 'oidc')
  return [...(own ? [PASSWORD_ACR] : []), ...(federated ? [FEDERATED_ACR] : [])]
}

/** An essential `acr` must be reached or the authentication counts as failed (OIDC Core §5.5.1.1). */
export function isAcrReachable(claims: ClaimsRequest | null, reachable: readonly string[]): boolean {
  const request = claims?.id_token.acr
  if (!request?.essential) return true
  const wanted = request.values ?? (request.value === undefined ? undefined : [request.value])
  return wanted === undefined || wanted.some((acr) => reachable.some((one) => one === acr))
}
