import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { decodeJwtUnverified } from '../../protocol/jwt.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { FetchRefused } from '../ports.ts'
import { clientKeys } from './client-keys.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Asymmetric only: an HMAC with a public key as secret is the classic confusion (RFC 8725 §2.1). */
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

const LONGEST_LIFE = 300
const CLOCK_TOLERANCE = 30

/**
 * `private_key_jwt` (RFC 7523 §3, OIDC Core §9): iss and sub are the client, aud is the issuer or the endpoint, exp is
 * at most five minutes ahead, and the jti is used once; the database decides that.
 *
 * @throws {Refusal} `client_assertion_*`, `client_keys_unavailable`
 */
export async function verifyClientAssertion(
  exchange: Exchange,
  client: ClientRecord,
  form: Parameters,
): Promise<void> {
  const { flow, deps, workspace } = exchange
  const assertion = form.get('client_assertion') ?? ''
  const type = form.get('client_assertion_type')
  flow.check('client_assertion_type_unsupported', type === ASSERTION_TYPE, () => ({
    received: type ?? 'nothing',
  }))
  const decoded = decodeJwtUnverified(assertion)
  if (isProblem(decoded)) return flow.refuse('client_assertion_malformed', { received: decoded.problem })
  const { alg } = decoded.header
  const pinned = client.metadata.token_endpoint_auth_signing_alg
  const allowed = pinned === undefined ? [...ASSERTION_ALGORITHMS] : [pinned]
  const known = ASSERTION_ALGORITHMS.some((name) => name === alg) && allowed.includes(String(alg))
  flow.check('client_assertion_algorithm_unsupported', known, () => ({
    received: String(alg),
    expected: allowed.join(', '),
  }))

  const claims = await verifySignature(exchange, client, assertion, allowed)
  const now = deps.clock.now()
  flow.check(
    'client_assertion_issuer_mismatch',
    claims.iss === client.clientId && claims.sub === client.clientId,
  )
  checkAudience(exchange, claims)
  const { exp, nbf, iat, jti } = claims
  const timely =
    typeof exp === 'number' &&
    exp > now - CLOCK_TOLERANCE &&
    exp <= now + LONGEST_LIFE + CLOCK_TOLERANCE &&
    (nbf === undefined || nbf <= now + CLOCK_TOLERANCE) &&
    (iat === undefined || iat <= now + CLOCK_TOLERANCE)
  flow.check('client_assertion_expired', timely, () => ({
    received: `exp ${exp === undefined ? 'missing' : `${exp - now} s from now`}`,
    expected: `exp at most ${LONGEST_LIFE} s ahead, nbf and iat not in the future`,
  }))
  flow.check(
    'client_assertion_malformed',
    typeof jti === 'string' && jti.length > 0 && jti.length <= 256,
    () => ({
      received: 'no jti',
    }),
  )
  const name = `assertion ${client.clientId} ${jti}`
  const fresh = await deps.store.onceOnly.claim(workspace.id, name, (exp ?? now) + CLOCK_TOLERANCE + 1)
  flow.check('client_assertion_replayed', fresh)
}

async function verifySignature(
  exchange: Exchange,
  client: ClientRecord,
  assertion: string,
  algorithms: readonly string[],
): Promise<JWTPayload> {
  const { flow, deps } = exchange
  for (const refetch of [false, true]) {
    const keys = await loadKeys(exchange, client, refetch)
    try {
      return await verifyWith(assertion, keys, {
        algorithms: [...algorithms],
        // Times are judged by our own clock, with our own words.
        currentDate: new Date(0),
        clockTolerance: Number.MAX_SAFE_INTEGER,
      })
    } catch (error) {
      // An unknown kid may be a key that the client has begun to use since we read its set.
      const mayBeNew =
        error instanceof errors.JWKSNoMatchingKey && client.metadata.jwks_uri !== undefined && !refetch
      if (!mayBeNew) flow.refuse('client_assertion_signature_invalid', { received: describe(error) }, error)
    }
  }
  deps.log.error({ client: client.clientId }, 'unreachable: assertion neither verified nor refused')
  return flow.refuse('client_assertion_signature_invalid')
}

/** With the key that `kid` names; without `kid` any key of that type may be the one (RFC 7515 §4.1.4). */
async function verifyWith(
  assertion: string,
  keys: JSONWebKeySet,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(assertion, createLocalJWKSet(keys), options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await jwtVerify(assertion, key, options).catch(ignoreWrongKey)
      if (verified) return verified.payload
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

function ignoreWrongKey(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
}

async function loadKeys(exchange: Exchange, client: ClientRecord, refetch: boolean): Promise<JSONWebKeySet> {
  try {
    return await clientKeys(exchange.deps, client, refetch)
  } catch (error) {
    if (error instanceof FetchRefused) return exchange.flow.refuse('client_keys_unavailable', {}, error)
    throw error
  }
}

function checkAudience({ flow, workspace }: Exchange, claims: JWTPayload): void {
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? [])
  const accepted = [
    workspace.issuer,
    `${workspace.issuer}/`,
    `${workspace.issuer}/oauth2/token`,
    `${workspace.issuer}/oauth2/par`,
  ]
  flow.check(
    'client_assertion_audience_mismatch',
    audiences.some((aud) => accepted.includes(aud)),
    () => ({
      received: audiences.join(' ').slice(0, 200) || 'nothing',
      expected: workspace.issuer,
    }),
  )
}

function describe(error: unknown): string {
  return error instanceof errors.JOSEError ? error.code : 'unreadable'
}
