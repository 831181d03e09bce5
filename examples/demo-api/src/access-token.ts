import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import { Refusal } from './refusal.ts'

/** The claims of a JWT access token that this API uses (RFC 9068 §2.2). */
export interface AccessTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly client_id: string
  readonly scope: string
  readonly exp: number
  readonly iat: number
}

interface Expectations {
  readonly issuer: string
  readonly audience: string
}

type KeySet = ReturnType<typeof createRemoteJWKSet>

/** Asymmetric only: with an HMAC, whoever can check a token could also make one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

/**
 * Verifies the Authorization header of a request (RFC 9068 §4, RFC 6750 §2.1).
 *
 * @throws Refusal 401 with what is wrong with the token; 503 where the issuer's keys cannot be fetched
 */
export function createAccessTokenVerifier(
  expected: Expectations,
): (authorization: string | undefined) => Promise<AccessTokenClaims> {
  let keySet: Promise<KeySet> | undefined

  return async (authorization) => {
    const token = readBearer(authorization)
    checkType(token)
    keySet ??= discoverKeySet(expected.issuer)
    const keys = await keySet.catch((cause: unknown) => {
      keySet = undefined // the next request may have more luck
      throw unavailable(expected.issuer, cause)
    })
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...expected,
        typ: 'at+jwt', // RFC 9068 §4: an ID token of the same issuer must not pass as an access token
        algorithms: ALGORITHMS,
        requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat'],
        clockTolerance: 5,
      })
      return parseClaims(payload)
    } catch (error) {
      throw explain(error, token, expected)
    }
  }
}

async function discoverKeySet(issuer: string): Promise<KeySet> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const metadata: unknown = await response.json()
  if (
    typeof metadata === 'object' &&
    metadata &&
    'jwks_uri' in metadata &&
    typeof metadata.jwks_uri === 'string'
  ) {
    return createRemoteJWKSet(new URL(metadata.jwks_uri))
  }
  throw new Error('no jwks_uri in the metadata')
}

function readBearer(authorization: string | undefined): string {
  const [scheme, token, ...more] = (authorization ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && token && more.length === 0) return token
  throw new Refusal(401, null, {
    reason: 'token_missing',
    description: 'This needs an access token.',
    received: authorization === undefined ? 'no Authorization header' : `a header of the scheme ${scheme}`,
    expected: 'Authorization: Bearer <access token>',
    fix: 'Send the access token in the Authorization header; with @pixy/browser use auth.fetch().',
  })
}

function checkType(token: string): void {
  let typ: unknown
  try {
    typ = decodeProtectedHeader(token).typ
    decodeJwt(token)
  } catch {
    throw invalid('token_malformed', 'The token is not a JWT.', {
      received: `${token.split('.').length} part(s)`,
      expected: 'header.claims.signature',
      fix: 'Is it a refresh token, or an opaque token for userinfo? Ask for this API as resource (RFC 8707).',
    })
  }
  const type = String(typ ?? '').toLowerCase()
  if (type === 'at+jwt' || type === 'application/at+jwt') return
  throw invalid('typ_mismatch', 'The token is not an access token.', {
    received: `typ ${typ ?? '(none)'}`,
    expected: 'typ at+jwt (RFC 9068 §2.1)',
    fix: 'An ID token tells the app who signed in; APIs take the access token.',
  })
}

function parseClaims({
  iss = '',
  sub = '',
  aud = '',
  client_id,
  scope,
  exp = 0,
  iat = 0,
}: JWTPayload): AccessTokenClaims {
  return {
    iss,
    sub,
    aud,
    client_id: String(client_id),
    scope: typeof scope === 'string' ? scope : '',
    exp,
    iat,
  }
}

/** Says which rule the token broke, with both sides of the comparison. */
function explain(error: unknown, token: string, { issuer, audience }: Expectations): Refusal {
  const claims = decodeJwt(token)
  if (error instanceof errors.JWTExpired) {
    return invalid('token_expired', 'The access token has ended.', {
      received: `exp ${time(claims.exp)}`,
      expected: `after ${time(Math.floor(Date.now() / 1000))}`,
      fix: 'Refresh it; @pixy/browser does so by itself.',
    })
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim } = error
    const wanted: Readonly<Record<string, string>> = { aud: audience, iss: issuer }
    const fix =
      claim === 'aud'
        ? 'Ask for a token for this API: createAuthClient({ audience }), sent as resource (RFC 8707).'
        : claim === 'iss'
          ? 'Is the app pointed at another server, or at another name of it (localhost, 127.0.0.1)?'
          : 'Is it a JWT access token as in RFC 9068 §2.2?'
    return invalid(`${claim}_mismatch`, `The access token's ${claim} is not right.`, {
      received: JSON.stringify(claims[claim] ?? null),
      expected: wanted[claim] ?? `a valid ${claim}`,
      fix,
    })
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid('signature_invalid', 'The signature does not fit the token.', {
      received: 'a token that was changed, or signed by somebody else',
      expected: `a signature by ${issuer}`,
      fix: 'Nothing in a token can be changed on the way: ask the server for another one.',
    })
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSEAlgNotAllowed) {
    const { alg, kid } = decodeProtectedHeader(token)
    return invalid('key_unknown', 'No key of the issuer fits the token.', {
      received: `alg ${alg}, kid ${kid ?? '(none)'}`,
      expected: `a key of ${issuer}`,
      fix: 'Is the token from this issuer, and not from one that was set up anew since?',
    })
  }
  if (error instanceof errors.JWKSTimeout || error instanceof TypeError) return unavailable(issuer, error)
  return invalid('token_malformed', 'The token cannot be read.', {})
}

function invalid(
  reason: string,
  description: string,
  details: { readonly received?: string; readonly expected?: string; readonly fix?: string },
): Refusal {
  return new Refusal(401, 'invalid_token', { reason, description, ...details })
}

function unavailable(issuer: string, cause: unknown): Refusal {
  const refusal = new Refusal(503, 'temporarily_unavailable', {
    reason: 'issuer_unreachable',
    description: 'The keys of the authorization server cannot be fetched.',
    expected: issuer,
    fix: `Is ${issuer} running?`,
  })
  refusal.cause = cause
  return refusal
}

function time(seconds: number | undefined): string {
  return seconds === undefined ? '(none)' : new Date(seconds * 1000).toISOString()
}
