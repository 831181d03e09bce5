import type { ClaimsRequest } from '../../protocol/claims-request.ts'

/** How people sign in here: by one factor, a password. */
export const PASSWORD_ACR = 'urn:pixy:acr:password'

export const acrValuesSupported: readonly string[] = [PASSWORD_ACR]

/** An essential `acr` must be reached or the authentication counts as failed (OIDC Core §5.5.1.1). */
export function isAcrReachable(claims: ClaimsRequest | null): boolean {
  const request = claims?.id_token.acr
  if (!request?.essential) return true
  const wanted = request.values ?? (request.value === undefined ? undefined : [request.value])
  return wanted === undefined || wanted.includes(PASSWORD_ACR)
}
