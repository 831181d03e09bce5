import { hash, timingSafeEqual } from 'node:crypto'
import { parseBasicCredentials } from '../../protocol/client-authentication.ts'
import {
  isPublicClient,
  type TokenEndpointAuthMethod,
  tokenEndpointAuthMethod,
} from '../../protocol/client-metadata.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { throttled } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { clientLimit } from '../throttling/limits.ts'
import { networkOf } from '../throttling/network-of.ts'
import { throttleKey } from '../throttling/throttle-key.ts'
import { verifyClientAssertion } from './client-assertion.ts'

/** Some send an access token here, which says nothing about the client (RFC 7009 §2.1). */
const NOT_BASIC =
  'A public client sends client_id in the body and no Authorization header; a confidential one sends Basic with base64 of client_id:client_secret.'

/** What the request holds of credentials, before anything is looked up. */
interface Presented {
  readonly method: TokenEndpointAuthMethod
  /** Ids and secrets to try: Basic may be form-encoded or plain (RFC 6749 §2.3.1), and both are met in the wild. */
  readonly candidates: ReadonlyArray<{ readonly clientId: string; readonly secret: string | undefined }>
}

/**
 * Identifies the client and checks its credentials (RFC 6749 §2.3, §3.2.1). The method is pinned: a client registered
 * for one is refused with another.
 *
 * @throws {Refusal} `client_authentication_*`, `client_*`; the public learns `client_authentication_failed` alone
 */
export async function authenticateClient(exchange: Exchange, form: Parameters): Promise<ClientRecord> {
  const { flow, workspace } = exchange
  const presented = readCredentials(exchange, form)
  for (const { clientId } of presented.candidates) {
    const client = await workspace.client(clientId)
    if (!client) continue
    flow.clientId = client.clientId
    flow.check('client_disabled', !client.disabled)
    // Both readings of a Basic header may name the same client, with different secrets.
    const secrets = presented.candidates.flatMap((one) =>
      one.clientId === clientId ? (one.secret ?? []) : [],
    )
    checkMethod(exchange, client, presented.method, secrets)
    await verifyCredentials(exchange, client, presented.method, secrets, form)
    return client
  }
  return refuseCounted(exchange, 'client_unknown', presented.candidates[0]?.clientId ?? '')
}

function readCredentials(exchange: Exchange, form: Parameters): Presented {
  const { flow, request } = exchange
  const authorization = request.headers.authorization
  const assertion = form.get('client_assertion')
  const secret = form.get('client_secret')
  const used = [authorization, assertion, secret].filter((credential) => credential !== undefined).length
  flow.check('client_authentication_mixed', used <= 1)

  if (authorization !== undefined) {
    const basic = parseBasicCredentials(authorization)
    if (isProblem(basic)) {
      return flow.refuse('authorization_header_malformed', {
        received: basic.problem,
        ...(basic.problem === 'other_scheme' ? { expected: 'Basic, or no such header', fix: NOT_BASIC } : {}),
      })
    }
    const named = form.get('client_id')
    const candidates = basic.pairs.map((pair) => ({ clientId: pair.clientId, secret: pair.clientSecret }))
    const agrees = named === undefined || candidates.some((pair) => pair.clientId === named)
    flow.check('client_authentication_mixed', agrees, () => ({
      param: 'client_id',
      fix: 'The client_id in the body differs from the one in the Authorization header: leave it out.',
    }))
    return { method: 'client_secret_basic', candidates }
  }
  if (assertion !== undefined) {
    const clientId = form.get('client_id') ?? subjectOfAssertion(assertion)
    return { method: 'private_key_jwt', candidates: [{ clientId, secret: undefined }] }
  }
  const clientId = form.get('client_id')
  if (clientId === undefined) {
    const camelCase = form.has('clientId')
    return flow.refuse('client_authentication_missing', {
      param: 'client_id',
      ...(camelCase
        ? { received: 'clientId', expected: 'client_id', fix: 'The parameter is called client_id.' }
        : {}),
    })
  }
  return { method: secret === undefined ? 'none' : 'client_secret_post', candidates: [{ clientId, secret }] }
}

function checkMethod(
  { flow }: Exchange,
  client: ClientRecord,
  method: TokenEndpointAuthMethod,
  secrets: readonly string[],
): void {
  const registered = tokenEndpointAuthMethod(client.metadata)
  if (isPublicClient(client.metadata)) {
    flow.check(
      'client_secret_unexpected',
      secrets.every((secret) => secret === ''),
    )
    // Basic with an empty secret is how some libraries name a public client; there is nothing in it to check.
    if (method === 'client_secret_basic') return
  }
  if (method === 'none' && registered !== 'none')
    flow.refuse('client_authentication_missing', { expected: registered })
  flow.check('client_authentication_method_mismatch', method === registered, () => ({
    received: method,
    expected: registered,
  }))
}

async function verifyCredentials(
  exchange: Exchange,
  client: ClientRecord,
  method: TokenEndpointAuthMethod,
  secrets: readonly string[],
  form: Parameters,
): Promise<void> {
  if (isPublicClient(client.metadata)) return
  if (method === 'private_key_jwt') return verifyClientAssertion(exchange, client, form)
  const now = exchange.deps.clock.now()
  const presented = secrets.map((secret) => hash('sha256', secret, 'buffer'))
  // Security: every secret is compared, in constant time, so that neither which nor how much matched shows.
  const matching = client.secrets.filter(({ secretHash }) => {
    const known = Buffer.from(secretHash, 'base64url')
    return presented.filter((secret) => timingSafeEqual(known, secret)).length > 0
  })
  if (matching.some((known) => known.expiresAt === 0 || known.expiresAt > now)) {
    exchange.flow.check('client_secret_mismatch', true)
    return
  }
  await refuseCounted(
    exchange,
    matching.length > 0 ? 'client_secret_expired' : 'client_secret_mismatch',
    client.clientId,
  )
}

/**
 * Refuses, and counts the failure by client and address. Only failures are counted, so that the right secret is never
 * locked out.
 *
 * @throws {Refusal} `reason`, or `client_throttled`
 */
export async function refuseCounted(
  exchange: Exchange,
  reason: 'client_unknown' | 'client_secret_mismatch' | 'client_secret_expired' | 'refresh_id_token_mismatch',
  clientId: string,
): Promise<never> {
  const { deps, request, workspace, flow } = exchange
  // Unknown ids share one bucket: a stranger's inventions must not fill the store.
  const who = reason === 'client_unknown' ? 'unknown client' : `client ${clientId}`
  const key = throttleKey(workspace, `${who} from ${networkOf(request.remote)}`)
  const { blockedUntil } = await deps.store.throttles.fail(workspace.id, key, deps.clock.now(), clientLimit)
  const wait = blockedUntil - deps.clock.now()
  if (wait > 0) {
    flow.decisions.push({ rule: 'client_throttled', outcome: 'refused' })
    throw throttled('client_throttled', wait)
  }
  return flow.refuse(reason, { received: `client_id ${clientId.slice(0, 80)}` })
}

/** Which client an assertion claims to be; verified later. */
function subjectOfAssertion(assertion: string): string {
  const payload = assertion.split('.', 2)[1] ?? ''
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof claims === 'object' && claims !== null && 'sub' in claims ? String(claims.sub) : ''
  } catch {
    return ''
  }
}

/** For endpoints that a secretless client may not use (RFC 7662 §2.1). */
export function hasCredentials(client: ClientRecord): boolean {
  return !isPublicClient(client.metadata)
}
