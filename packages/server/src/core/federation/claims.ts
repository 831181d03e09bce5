import { standardClaims } from '../../protocol/scope-claims.ts'
import type { UserClaims } from '../../store/records.ts'

type Claims = Readonly<Record<string, unknown>>

const MAX_TEXT = 1024
const FLAGS: ReadonlySet<string> = new Set(['email_verified', 'phone_number_verified'])
/** Ours to say: who the person is here, and when the record changed. */
const OWN: ReadonlySet<string> = new Set(['sub', 'updated_at'])
const ADDRESS = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country']

/**
 * The standard claims (OIDC Core §5.1) of ID token and userinfo, the latter first. Whatever has the wrong type or
 * excessive length is left out.
 *
 * Security: what is said about an address holds for the address it was said with. Else an unverified address from one
 * document would count as verified by the other.
 */
export function upstreamClaims(idToken: Claims, userinfo: Claims | null): UserClaims {
  const claims: Record<string, unknown> = { ...readable(idToken), ...readable(userinfo ?? {}) }
  for (const [name, flag] of PAIRS) {
    const from = userinfo !== null && readable(userinfo)[name] !== undefined ? userinfo : idToken
    const value = readable(from)[flag]
    if (claims[name] === undefined || value === undefined) delete claims[flag]
    else claims[flag] = value
  }
  return claims
}

const PAIRS = [
  ['email', 'email_verified'],
  ['phone_number', 'phone_number_verified'],
] as const

function readable(claims: Claims): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name of standardClaims) {
    const value = Object.hasOwn(claims, name) && !OWN.has(name) ? readClaim(name, claims[name]) : undefined
    if (value !== undefined) found[name] = value
  }
  return found
}

function readClaim(name: string, value: unknown): unknown {
  if (FLAGS.has(name)) return typeof value === 'boolean' ? value : undefined
  if (name === 'address') return readAddress(value)
  return isText(value) ? value : undefined
}

function readAddress(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const parts = Object.entries(value).filter(([name, part]) => ADDRESS.includes(name) && isText(part))
  return parts.length === 0 ? undefined : Object.fromEntries(parts)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT
}
