import type { TokenView } from '../../admin-api/tokens/inspect.ts'
import type { JwtClaims, JwtHeader } from '../../protocol/jwt.ts'
import { duration } from '../terminal/time.ts'

/** One reason to take a token, or to refuse it. `null`: nothing was asked that it could be held to. */
export interface TokenCheck {
  readonly check: string
  readonly ok: boolean | null
  readonly message: string
  readonly fix?: string
}

/** What an API would hold a token to. */
export interface Expectations {
  readonly aud?: string | undefined
  readonly iss?: string | undefined
  readonly scope?: string | undefined
}

/** RFC 9068 §4, in the order of an API, and what the server knows besides. */
export function checkClaims(
  header: JwtHeader,
  claims: JwtClaims,
  expected: Expectations,
  now: number,
  known: TokenView | undefined,
): readonly TokenCheck[] {
  return [
    checkType(header, claims),
    checkIssuer(claims.iss, expected.iss),
    ...checkTimes(claims, now),
    checkAudience(claims.aud, expected.aud),
    checkScope(scopeOf(claims.scope), expected.scope, known),
    ...checkBinding(claims.cnf),
  ]
}

/** Security: an ID token is signed by the same key, so an API that does not look at `typ` may take it (RFC 9068 §4). */
function checkType({ typ }: JwtHeader, claims: JwtClaims): TokenCheck {
  if (typ?.toLowerCase() === 'at+jwt') return { check: 'typ', ok: true, message: 'at+jwt: an access token' }
  const isIdToken = typeof claims.nonce === 'string' || typeof claims.at_hash === 'string'
  return {
    check: 'typ',
    ok: false,
    message: isIdToken
      ? 'this is an ID token: it is for the client, not for an API'
      : `${typ ?? 'none'}: not at+jwt`,
    fix: 'Send the member access_token of the token response.',
  }
}

function checkIssuer(received: unknown, expected: string | undefined): TokenCheck {
  const check = 'iss'
  if (expected === undefined) return { check, ok: null, message: `${String(received)} (compare with --iss)` }
  if (received === expected) return { check, ok: true, message: expected }
  return {
    check,
    ok: false,
    message: `has ${String(received)}, the API expects ${expected}`,
    fix: 'The strings must be equal: localhost is not 127.0.0.1, http is not https, and a slash at the end counts.',
  }
}

function checkTimes({ exp, nbf, iat }: JwtClaims, now: number): readonly TokenCheck[] {
  const checks: TokenCheck[] = []
  if (typeof exp !== 'number') checks.push({ check: 'exp', ok: false, message: 'there is none' })
  else if (exp > now) checks.push({ check: 'exp', ok: true, message: `in ${duration(exp - now)}` })
  else {
    const fix = 'Refresh it, or sign in again.'
    checks.push({ check: 'exp', ok: false, message: `expired ${duration(now - exp)} ago`, fix })
  }
  const early = Math.max(...[nbf, iat].filter((time) => typeof time === 'number'), 0) - now
  if (early > 5) {
    const fix = 'Set the clocks of both machines (NTP).'
    checks.push({ check: 'clock', ok: false, message: `it was made ${duration(early)} in the future`, fix })
  }
  return checks
}

/** Also for an opaque token, of which the server tells the audience. */
export function checkAudience(received: unknown, expected: string | undefined): TokenCheck {
  const values = (Array.isArray(received) ? received : [received]).map(String)
  const check = 'aud'
  if (expected === undefined) return { check, ok: null, message: `${values.join(', ')} (compare with --aud)` }
  if (values.includes(expected)) return { check, ok: true, message: expected }
  return {
    check,
    ok: false,
    message: `has ${values.join(', ')}, the API is ${expected}`,
    fix: `Ask for the API: send resource=${expected} to the authorization and the token endpoint (RFC 8707).`,
  }
}

export function checkScope(
  received: readonly string[],
  expected: string | undefined,
  known: TokenView | undefined,
): TokenCheck {
  const has = received.length === 0 ? 'none' : received.join(' ')
  const check = 'scope'
  if (expected === undefined) return { check, ok: null, message: `${has} (compare with --scope)` }
  const missing = expected.split(' ').filter((name) => name !== '' && !received.includes(name))
  if (missing.length === 0) return { check, ok: true, message: has }
  const declined = missing.filter((name) => known?.declined?.includes(name))
  const flow = known?.flow ? ` (${known.flow})` : ''
  return {
    check,
    ok: false,
    message: `has ${has}, the API needs ${missing.join(' ')}`,
    fix:
      declined.length > 0
        ? `The user left ${declined.join(' ')} unticked at consent${flow}: ask again with prompt=consent.`
        : `Ask for ${missing.join(' ')} in the authorization request, and see that the client may have it: pixy client show ID`,
  }
}

function checkBinding(cnf: unknown): readonly TokenCheck[] {
  if (typeof cnf !== 'object' || cnf === null) return []
  const how =
    'jkt' in cnf ? 'DPoP-bound: each request needs a proof (RFC 9449)' : 'bound to a certificate (RFC 8705)'
  return [{ check: 'cnf', ok: null, message: how }]
}

export function scopeOf(scope: unknown): readonly string[] {
  return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : []
}
