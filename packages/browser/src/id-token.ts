import { base64url, digest, fromBase64url } from './encoding.ts'
import { AuthError } from './errors.ts'
import { parseObject } from './http.ts'
import { hashOf, type KeySet } from './jwks.ts'
import type { Platform } from './platform.ts'
import type { Trace } from './trace.ts'
import type { EpochSeconds, Seconds } from './units.ts'

/** Who signed in (OIDC Core §2, §5.1). Every member was signed by the server and checked. */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly auth_time?: EpochSeconds
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly name?: string
  readonly given_name?: string
  readonly family_name?: string
  readonly preferred_username?: string
  readonly picture?: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly [claim: string]: unknown
}

export interface IdTokenExpectations {
  readonly issuer: string
  readonly clientId: string
  readonly accessToken: string
  readonly nonce?: string | undefined
  /** After a refresh: the same person (OIDC Core §12.2), and a `nonce` only if it is the first one. */
  readonly sub?: string | undefined
  readonly maxAge?: Seconds | undefined
  /** `id_token_signing_alg_values_supported` of the server's metadata. */
  readonly algs?: readonly string[] | undefined
}

/** How far this device's clock may be off. */
const TOLERANCE: Seconds = 60

/**
 * Verifies an ID token (OIDC Core §3.1.3.7): signature, then every claim that binds it to this client, this login and
 * this access token.
 *
 * @throws AuthError `id_token_invalid`, with the broken rule in `reason`
 */
export async function verifyIdToken(
  token: string,
  expected: IdTokenExpectations,
  { platform, keys, trace }: { readonly platform: Platform; readonly keys: KeySet; readonly trace: Trace },
): Promise<IdTokenClaims> {
  const check = (name: string, passed: boolean, received: unknown, wanted: unknown): void => {
    trace({ step: 'check', name: `id_token.${name}`, received, expected: wanted, passed })
    if (!passed) throw invalid(`${name}_mismatch`, `The ID token's ${name} is not right.`, received, wanted)
  }

  const [header, claims] = decode(token)
  const { alg, kid } = header
  const offered = expected.algs ?? []
  const algorithmKnown = typeof alg === 'string' && hashOf(alg) !== undefined
  check(
    'alg',
    algorithmKnown && (offered.length === 0 || offered.includes(alg)),
    alg,
    offered.join(' or ') || 'RS256',
  )
  if (typeof alg !== 'string') throw invalid('malformed', 'The ID token has no algorithm.')

  const named = { alg, kid: typeof kid === 'string' ? kid : undefined }
  const signature = await keys.verify(token, named).catch((error: unknown) => {
    if (error instanceof AuthError) throw error // the keys could not be fetched: nobody's forgery
    return 'bad'
  })
  check('signature', signature === 'ok', signature, 'ok')

  check('iss', claims.iss === expected.issuer, claims.iss, expected.issuer)
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  check('aud', audiences.includes(expected.clientId), claims.aud, expected.clientId)
  if (audiences.length > 1 || claims.azp !== undefined) {
    check('azp', claims.azp === expected.clientId, claims.azp, expected.clientId)
  }

  const now = platform.now() / 1000
  check('exp', isNumber(claims.exp) && claims.exp + TOLERANCE > now, claims.exp, `after ${Math.floor(now)}`)
  check('iat', isNumber(claims.iat) && claims.iat - TOLERANCE <= now, claims.iat, `until ${Math.floor(now)}`)
  check('sub', typeof claims.sub === 'string' && claims.sub !== '', claims.sub, expected.sub ?? 'a name')

  if (expected.sub !== undefined) {
    check('sub', claims.sub === expected.sub, claims.sub, expected.sub)
    if (claims.nonce !== undefined)
      check('nonce', claims.nonce === expected.nonce, claims.nonce, expected.nonce)
  } else {
    check('nonce', claims.nonce === expected.nonce, claims.nonce, expected.nonce)
  }
  if (claims.at_hash !== undefined) {
    const bytes = await digest(platform.crypto, hashOf(alg) ?? '', expected.accessToken)
    const atHash = base64url(bytes.subarray(0, bytes.length / 2)) // OIDC Core §3.1.3.6: the left half
    check('at_hash', claims.at_hash === atHash, claims.at_hash, atHash)
  }
  if (expected.maxAge !== undefined) {
    const since = Math.floor(now) - expected.maxAge - TOLERANCE
    check(
      'auth_time',
      isNumber(claims.auth_time) && claims.auth_time >= since,
      claims.auth_time,
      `after ${since}`,
    )
  }
  return claims as IdTokenClaims // the members it promises were checked above; the rest is `unknown`
}

function decode(token: string): [Record<string, unknown>, Record<string, unknown>] {
  try {
    const [header, claims, signature, ...more] = token.split('.').map((part) => fromBase64url(part))
    if (header && claims && signature && more.length === 0) {
      const [first, second] = [header, claims].map((bytes) => parseObject(new TextDecoder().decode(bytes)))
      if (first && second) return [first, second]
    }
  } catch {
    // falls through: not base64url
  }
  throw invalid('malformed', 'The ID token is not a signed JWT.')
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function invalid(reason: string, message: string, received?: unknown, expected?: unknown): AuthError {
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))
  const late = reason === 'exp_mismatch' || reason === 'iat_mismatch'
  return new AuthError('id_token_invalid', message, {
    reason,
    received: text(received),
    expected: text(expected),
    hint: late
      ? "Is this device's clock right?"
      : 'Nobody was signed in. Try again; if it stays, tell the operator.',
  })
}
