import { findRedirectUri } from '../../protocol/redirect-uri.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { Exchange } from '../exchange.ts'
import { hashHandle, looksLikeHandle, newHandle } from '../handles.ts'

/** Of a `request_uri` that was given out here (RFC 9126 §2.2); a handle follows. */
const PREFIX = 'urn:ietf:params:oauth:request_uri:'

/** Seconds: long enough to send a browser on, too short to keep a link. */
export const PUSHED_REQUEST_LIFE = 90

export function isPushed(requestUri: string): boolean {
  return requestUri.startsWith(PREFIX)
}

/** Stores a request that passed every check, and resolves with its `request_uri`. What is stored does not tell it. */
export async function storePushedRequest(
  { deps, workspace, flow }: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
): Promise<string> {
  const now = deps.clock.now()
  const handle = newHandle(deps.random)
  await deps.store.pushedRequests.insert({
    workspaceId: workspace.id,
    requestHash: hashHandle(handle),
    clientId: client.clientId,
    flowId: flow.id,
    request: JSON.stringify(request),
    createdAt: now,
    expiresAt: now + PUSHED_REQUEST_LIFE,
    consumedAt: null,
  })
  return PREFIX + handle
}

/**
 * Takes up what this client pushed under `requestUri`: once, and before its end (RFC 9126 §4).
 *
 * @throws {Refusal} `pushed_request_*`
 */
export async function takePushedRequest(
  exchange: Exchange,
  client: ClientRecord,
  requestUri: string,
): Promise<AuthorizationRequest> {
  const { deps, workspace, flow } = exchange
  const handle = requestUri.slice(PREFIX.length)
  const requestHash = hashHandle(handle)
  const found = looksLikeHandle(handle)
    ? await deps.store.pushedRequests.find(workspace.id, requestHash)
    : undefined
  if (!found) return flow.refuse('pushed_request_unknown', { received: `${requestUri.length} characters` })
  flow.check('pushed_request_client_mismatch', found.clientId === client.clientId, () => ({
    received: client.clientId,
  }))
  // Security: not before, or the flow in the refusal would tell another client that the value is genuine.
  flow.id = found.flowId
  const now = deps.clock.now()
  flow.check('pushed_request_replayed', found.consumedAt === null)
  flow.check('pushed_request_expired', found.expiresAt > now, () => ({
    received: `pushed ${now - found.createdAt} s ago`,
    expected: `at most ${found.expiresAt - found.createdAt} s`,
  }))
  const request = JSON.parse(found.request) as AuthorizationRequest
  // Security: an address that was taken away since gets no answer.
  const target = findRedirectUri(client.metadata.redirect_uris ?? [], request.redirectUri)
  flow.check('redirect_uri_mismatch', target !== undefined)
  const first = await deps.store.pushedRequests.consume(workspace.id, requestHash, now)
  flow.check('pushed_request_replayed', first)
  return request
}
