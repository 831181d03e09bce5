import { decodeBase64url, decodeBase64urlText, encodeBase64url } from './base64url.ts'
import { isJsonObject, isShallow, parseJson } from './json.ts'
import type { EpochSeconds, Problem } from './types.ts'

export { decodeBase64url, decodeBase64urlText, encodeBase64url }

/** The header of a compact JWS (RFC 7515 §4.1). Members beyond these are for the reader to judge. */
export interface JwtHeader {
  readonly alg?: string
  readonly kid?: string
  readonly typ?: string
  readonly crit?: readonly string[]
  readonly [name: string]: unknown
}

/** Registered claims (RFC 7519 §4.1), unverified: a stranger's token may hold any type in any of them. */
export interface JwtClaims {
  readonly [name: string]: unknown
}

/** Which key an access token is bound to (RFC 9449 §6.1, RFC 8705 §3.1). */
export interface Confirmation {
  readonly jkt?: string
  readonly 'x5t#S256'?: string
}

/** An ID token of ours (OIDC Core §2, §3.1.3.6). User claims are added by name. */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly auth_time?: EpochSeconds
  readonly nonce?: string
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly azp?: string
  readonly at_hash?: string
  readonly c_hash?: string
  readonly sid?: string
  readonly [claim: string]: unknown
}

/** An access token of ours (RFC 9068 §2.2). */
export interface AccessTokenClaims {
  readonly iss: string
  readonly exp: EpochSeconds
  readonly aud: string | readonly string[]
  readonly sub: string
  readonly client_id: string
  readonly iat: EpochSeconds
  readonly jti: string
  readonly scope?: string
  readonly auth_time?: EpochSeconds
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly cnf?: Confirmation
  readonly [claim: string]: unknown
}

/** A logout token (OIDC Back-Channel Logout 1.0 §2.4): `sub`, `sid` or both, never a `nonce`. */
export interface LogoutTokenClaims {
  readonly iss: string
  readonly aud: string
  readonly iat: EpochSeconds
  readonly exp: EpochSeconds
  readonly jti: string
  readonly sub?: string
  readonly sid?: string
  readonly events: {
    readonly 'http://schemas.openid.net/event/backchannel-logout': Readonly<Record<string, never>>
  }
}

/** Values of the `typ` header that keep one kind of token from passing as another (RFC 8725 §3.11). */
export const jwtTypes = {
  accessToken: 'at+jwt',
  idToken: 'JWT',
  logoutToken: 'logout+jwt',
  dpopProof: 'dpop+jwt',
} as const

/**
 * A compact JWS taken apart. Nothing in it is proven until the signature over `signingInput` was verified.
 */
export interface DecodedJwt {
  readonly header: JwtHeader
  readonly claims: JwtClaims
  /** The text that is signed: `header.payload`. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

export type JwtProblem = Problem<'too_large' | 'not_compact' | 'not_base64url' | 'not_a_json_object'>

const MAX_LENGTH = 16_384
const MAX_DEPTH = 20

/**
 * Takes a compact JWS apart (RFC 7515 §3.1, RFC 7519 §7.2): three parts of strict base64url, two JSON
 * objects.
 */
export function decodeJwtUnverified(token: string): DecodedJwt | JwtProblem {
  if (token.length > MAX_LENGTH) return { problem: 'too_large' }
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second < first + 2 || token.includes('.', second + 1)) return { problem: 'not_compact' }
  const header = decodeBase64urlText(token.slice(0, first))
  const payload = decodeBase64urlText(token.slice(first + 1, second))
  const signature = decodeBase64url(token.slice(second + 1))
  if (header === undefined || payload === undefined || signature === undefined)
    return { problem: 'not_base64url' }
  const headerObject = parseObject(header)
  const claims = parseObject(payload)
  if (headerObject === undefined || claims === undefined) return { problem: 'not_a_json_object' }
  if (!hasTypedMembers(headerObject)) return { problem: 'not_a_json_object' }
  return { header: headerObject, claims, signingInput: token.slice(0, second), signature }
}

/** The left half of a digest, of which `at_hash` and `c_hash` are the base64url (OIDC Core §3.1.3.6). */
export function leftHalf(digest: Uint8Array): Uint8Array {
  return digest.subarray(0, digest.length >> 1)
}

/**
 * `at_hash` or `c_hash` of a token's digest, made with the hash of the ID token's algorithm
 * (OIDC Core §3.1.3.6).
 */
export function halfHash(digest: Uint8Array): string {
  return encodeBase64url(leftHalf(digest))
}

function parseObject(json: string): JwtClaims | undefined {
  const value = isShallow(json, MAX_DEPTH) ? parseJson(json) : undefined
  return isJsonObject(value) ? value : undefined
}

function hasTypedMembers(header: JwtClaims): header is JwtHeader {
  const { alg, kid, typ, crit } = header
  const areTexts = [alg, kid, typ].every((member) => member === undefined || typeof member === 'string')
  const isTextList =
    crit === undefined || (Array.isArray(crit) && crit.every((name) => typeof name === 'string'))
  return areTexts && isTextList
}
