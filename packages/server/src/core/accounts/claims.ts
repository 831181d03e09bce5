import type { ClaimRequests } from '../../protocol/claims-request.ts'
import { selectClaims } from '../../protocol/scope-claims.ts'
import type { UserRecord } from '../../store/records.ts'

/** Members that tell about the token, not about the person: never taken from a user's claims. */
const RESERVED = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'nonce',
  'auth_time',
  'acr',
  'amr',
  'azp',
  'sid',
  'at_hash',
  'c_hash',
  's_hash',
  'cnf',
  'scope',
  'client_id',
  'events',
  'act',
  'may_act',
])

/** What a user's record says, as claims (OIDC Core §5.1): `updated_at` is the record's own time. */
export function claimsOf(user: UserRecord): Record<string, unknown> {
  const claims: Record<string, unknown> = { preferred_username: user.username, updated_at: user.updatedAt }
  for (const [name, value] of Object.entries(user.claims)) {
    if (!RESERVED.has(name)) claims[name] = value
  }
  return claims
}

/** The claims that one member of the `claims` parameter asks for (OIDC Core §5.5). */
export function selectRequestedClaims(user: UserRecord, requested: ClaimRequests): Record<string, unknown> {
  return selectClaims(claimsOf(user), [], requested)
}

/** The name people know the account by. */
export function displayName(user: UserRecord): string {
  const { name, given_name, family_name } = user.claims
  if (typeof name === 'string' && name !== '') return name
  const parts = [given_name, family_name].filter((part) => typeof part === 'string' && part !== '')
  return parts.length > 0 ? parts.join(' ') : user.username
}
