import type { OAuthReply } from '../../protocol/types.ts'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { hashHandle } from '../handles.ts'
import { jsonReply } from '../replies.ts'
import { inspectAccessToken, type LiveAccessToken, revokedJtiName } from '../tokens/inspect-access-token.ts'
import { parseRefreshToken } from '../tokens/refresh-token.ts'

/**
 * Revocation (RFC 7009). A refresh token ends its whole grant; an access token ends alone. Unknown and dead tokens
 * answer 200 (§2.2); the hint is not needed, since the tokens tell what they are.
 */
export async function revoke(exchange: Exchange): Promise<OAuthReply> {
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  const client = await authenticateClient(exchange, form)
  const token = form.get('token')
  if (token === undefined) return exchange.flow.refuse('token_parameter_missing')
  const wasRefreshToken = await revokeRefreshToken(exchange, client.clientId, token)
  if (!wasRefreshToken) await revokeAccessToken(exchange, client.clientId, token)
  // Clients ignore the body (§2.2), but some insist on JSON being there.
  return jsonReply(200, {})
}

async function revokeRefreshToken(
  { deps, workspace, flow }: Exchange,
  clientId: string,
  token: string,
): Promise<boolean> {
  const parts = parseRefreshToken(token, workspace.secrets.tagKey)
  if (!parts) return false
  const found = await deps.store.refreshTokens.find(workspace.id, parts.familyHash)
  if (!found) return true
  flow.id = found.grant.authorization.flowId
  flow.check('revocation_client_mismatch', found.family.clientId === clientId)
  await deps.store.grants.revoke(workspace.id, found.family.grantId, deps.clock.now(), 'revoked_by_client')
  return true
}

async function revokeAccessToken(exchange: Exchange, clientId: string, token: string): Promise<void> {
  const { deps, workspace, flow } = exchange
  const live = await inspectAccessToken(deps, workspace, token)
  if (typeof live === 'string') return
  if (live.flowId !== null) flow.id = live.flowId
  flow.check('revocation_client_mismatch', live.client.clientId === clientId)
  await endAccessToken(exchange, live, token)
}

/** Ends this access token alone: not its grant, and not the refresh token beside it. */
export async function endAccessToken(
  { deps, workspace }: Exchange,
  live: LiveAccessToken,
  token: string,
): Promise<void> {
  if (live.jti === null) await deps.store.accessTokens.delete(workspace.id, hashHandle(token))
  else await deps.store.onceOnly.claim(workspace.id, revokedJtiName(live.jti), live.expiresAt)
}
