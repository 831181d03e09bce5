import type { ClaimRequests, ClaimsRequest } from '../../protocol/claims-request.ts'
import { scopeClaims } from '../../protocol/scope-claims.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import type { AuthorizationRequest } from './request.ts'
import { mayHave } from './scope.ts'

/** Claims that tell about the authentication, not about the person: no consent stands behind them. */
const IMPERSONAL = new Set(['sub', 'acr', 'auth_time', 'amr', 'sid'])

/**
 * What the user is asked for: the scopes of the request, and those that the `claims` parameter reaches into
 * (OIDC Core §5.5), as far as the client may have them. Claims asked for one by one are personal data like those of a
 * scope, so they need the same consent.
 */
export function scopeToConsent(
  { workspace }: Pick<Exchange, 'workspace'>,
  client: ClientRecord,
  { scope, claims }: AuthorizationRequest,
): readonly string[] {
  if (claims === null) return scope
  const names = [...Object.keys(claims.userinfo), ...Object.keys(claims.id_token)]
  const reached = names
    .flatMap((name) => scopeOf(name) ?? [])
    .filter((name) => mayHave(workspace, client, name))
  return [...new Set([...scope, ...reached])]
}

/** Drops the claims whose scope is not among `allowed`. */
export function allowedClaims(
  claims: ClaimsRequest | null,
  allowed: readonly string[],
): ClaimsRequest | null {
  if (claims === null) return null
  return { userinfo: narrow(claims.userinfo, allowed), id_token: narrow(claims.id_token, allowed) }
}

function narrow(requests: ClaimRequests, allowed: readonly string[]): ClaimRequests {
  const kept = Object.entries(requests).filter(([name]) => {
    const scope = scopeOf(name)
    return scope === undefined || allowed.includes(scope)
  })
  return Object.fromEntries(kept)
}

/** The scope whose consent covers a claim; claims of a workspace's own count as part of the profile. */
function scopeOf(claim: string): string | undefined {
  const name = claim.split('#', 1)[0] ?? claim
  if (IMPERSONAL.has(name)) return undefined
  for (const [scope, claims] of scopeClaims) if (claims.includes(name)) return scope
  return 'profile'
}
