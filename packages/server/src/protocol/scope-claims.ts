import type { ClaimRequest, ClaimRequests } from './claims-request.ts'
import { matchLocale } from './locale.ts'

const PROFILE = [
  'name',
  'family_name',
  'given_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'updated_at',
] as const

/** The claims that each scope asks for (OIDC Core §5.4). Scopes that are not listed ask for none. */
export const scopeClaims: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['openid', ['sub']],
  ['profile', PROFILE],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
])

/** Every standard claim (OIDC Core §5.1), `sub` first. */
export const standardClaims: readonly string[] = [...scopeClaims.values()].flat()

/** Claims by name. A name may carry a language tag (OIDC Core §5.2), such as `family_name#ja-Kana-JP`. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * The claims to return: those of the granted scopes, and those that one member of the `claims` parameter asks
 * for (OIDC Core §5.5). A claim that is asked for by value is returned only if it has that value (§5.5.1).
 *
 * With `locales` the best stored translation of a claim replaces it, without a tag (§5.2).
 */
export function selectClaims(
  allClaims: Claims,
  scopes: readonly string[],
  requested: ClaimRequests = {},
  locales: readonly string[] = [],
): Record<string, unknown> {
  const selected: Record<string, unknown> = {}
  for (const scope of scopes) {
    for (const name of scopeClaims.get(scope) ?? []) add(selected, name, findClaim(allClaims, name, locales))
  }
  for (const [name, request] of Object.entries(requested)) {
    const value = findClaim(allClaims, name, locales)
    if (hasRequestedValue(value, request)) add(selected, name, value)
  }
  return selected
}

/** Whether a claim's value is one that was asked for; any is where none was named. */
export function hasRequestedValue(value: unknown, request: ClaimRequest): boolean {
  const wanted = request.value === undefined ? request.values : [request.value]
  return (
    wanted === undefined ||
    wanted.some((one) => one === value || JSON.stringify(one) === JSON.stringify(value))
  )
}

function findClaim(claims: Claims, name: string, locales: readonly string[]): unknown {
  if (locales.length > 0 && !name.includes('#')) {
    const prefix = `${name}#`
    const tags = Object.keys(claims).filter((key) => key.startsWith(prefix))
    const tag = matchLocale(
      locales,
      tags.map((key) => key.slice(prefix.length)),
    )
    if (tag !== undefined) return claims[prefix + tag]
  }
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/**
 * Claims without a value are left out (OIDC Core §5.3.2). `__proto__` must not reach the setter of that name.
 */
function add(selected: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined || value === null || value === '' || name === '__proto__') return
  selected[name] = value
}
