import { createHash } from 'node:crypto'
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import { Failure } from '../failure.ts'
import type { IssuerMetadata } from './discovery.ts'

/** A token whose signature and claims were checked. */
export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: JWTPayload
  /** The key that signed it. */
  readonly kid: string
}

/** Clocks of two machines may differ by this much. */
const TOLERANCE_S = 5

/** OIDC Core §3.1.3.7 and §3.1.3.8: issuer, audience, signature, times, nonce, and `at_hash` where it is there. */
export async function verifyIdToken(
  token: string,
  keys: JSONWebKeySet,
  expected: {
    readonly metadata: IssuerMetadata
    readonly clientId: string
    readonly nonce: string | undefined
    readonly accessToken: string
  },
): Promise<VerifiedToken> {
  const { metadata, clientId, nonce, accessToken } = expected
  const verified = await verify('ID token', token, keys, metadata, { audience: clientId })
  const { claims, header } = verified
  if (claims.nonce !== nonce) {
    throw new Failure('nonce_mismatch', 'The ID token has not the nonce of this request.', {
      received: claims.nonce === undefined ? 'none' : 'another one',
      fix: 'Another response may have been mixed in: sign in again.',
    })
  }
  if (claims.at_hash !== undefined && claims.at_hash !== halfHash(accessToken, String(header.alg))) {
    throw new Failure('at_hash_mismatch', 'The access token is not the one that the ID token speaks of.', {
      received: String(claims.at_hash),
      expected: halfHash(accessToken, String(header.alg)),
    })
  }
  if (claims.azp !== undefined && claims.azp !== clientId) {
    throw new Failure('azp_mismatch', 'The ID token was made for another client.', {
      received: String(claims.azp),
      expected: clientId,
    })
  }
  return verified
}

/** RFC 9068 §4, all but the audience, which is the API's to judge. `undefined` for a token that is not a JWT. */
export async function verifyAccessToken(
  token: string,
  keys: JSONWebKeySet,
  metadata: IssuerMetadata,
): Promise<VerifiedToken | undefined> {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  return verify('access token', token, keys, metadata, { typ: 'at+jwt' })
}

async function verify(
  what: string,
  token: string,
  keys: JSONWebKeySet,
  { issuer, algs }: IssuerMetadata,
  options: { readonly audience?: string; readonly typ?: string },
): Promise<VerifiedToken> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      ...options,
      issuer,
      algorithms: [...algs],
      clockTolerance: TOLERANCE_S,
      requiredClaims: ['exp', 'iat', 'sub'],
    })
    return { header: { ...protectedHeader }, claims: payload, kid: protectedHeader.kid ?? '' }
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause
    const failedClaim = cause instanceof errors.JWTClaimValidationFailed ? cause : undefined
    throw new Failure('token_unverified', `The ${what} cannot be trusted: ${cause.message}.`, {
      received: failedClaim ? String(failedClaim.payload[failedClaim.claim]) : kidOf(token),
      expected:
        failedClaim?.claim === 'iss' ? issuer : failedClaim?.claim === 'aud' ? options.audience : undefined,
      fix: 'Compare url of the configuration with --issuer, and the keys with jwks_uri.',
    })
  }
}

function kidOf(token: string): string {
  try {
    const { kid, alg } = decodeProtectedHeader(token)
    return `alg ${alg ?? 'none'}, kid ${kid ?? 'none'}`
  } catch {
    return 'no JWT'
  }
}

/** OIDC Core §3.1.3.6: the left half of the hash that belongs to the algorithm; SHA-512 for Ed25519. */
function halfHash(token: string, alg: string): string {
  const size = alg.startsWith('Ed') ? '512' : alg.slice(-3)
  const digest = createHash(/^(?:256|384|512)$/.test(size) ? `sha${size}` : 'sha256')
    .update(token)
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
