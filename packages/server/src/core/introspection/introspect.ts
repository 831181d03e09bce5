import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { authenticateClient, hasCredentials } from '../client-authentication/authenticate-client.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { jsonReply } from '../replies.ts'
import { inspectAccessToken } from '../tokens/inspect-access-token.ts'
import { parseRefreshToken } from '../tokens/refresh-token.ts'
import { subjectFor } from '../tokens/subject.ts'
import { findResource } from '../workspaces/workspace.ts'

const INACTIVE = { active: false }

/**
 * Introspection (RFC 7662), for confidential clients: of their own tokens, and of those whose audience is a resource
 * that names them. About any other token they learn that it is not active.
 */
export async function introspect(exchange: Exchange): Promise<OAuthReply> {
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  const client = await authenticateClient(exchange, form)
  exchange.flow.check('introspection_forbidden', hasCredentials(client))
  const token = form.get('token')
  if (token === undefined) return exchange.flow.refuse('token_parameter_missing')
  const described =
    (await describeRefreshToken(exchange, client, token)) ??
    (await describeAccessToken(exchange, client, token))
  return jsonReply(200, described)
}

async function describeAccessToken(exchange: Exchange, caller: ClientRecord, token: string) {
  const { deps, workspace } = exchange
  const live = await inspectAccessToken(deps, workspace, token)
  if (typeof live === 'string') return INACTIVE
  const mayKnow =
    live.client.clientId === caller.clientId ||
    findResource(workspace, live.audience)?.introspection_clients?.includes(caller.clientId) === true
  if (!mayKnow) return INACTIVE
  const { client, user } = live
  return {
    active: true,
    iss: workspace.issuer,
    client_id: client.clientId,
    token_type: 'Bearer',
    sub: user ? subjectFor(workspace, client.metadata, user.userId) : client.clientId,
    aud: live.audience,
    ...(live.scope.length > 0 ? { scope: live.scope.join(' ') } : {}),
    // A pairwise subject hides who it is from the API too (OIDC Core §8.1).
    ...(user && client.metadata.subject_type !== 'pairwise' ? { username: user.username } : {}),
    iat: live.issuedAt,
    exp: live.expiresAt,
    ...(live.jti === null ? {} : { jti: live.jti }),
    ...(live.authTime === null ? {} : { auth_time: live.authTime }),
    ...(live.acr === null ? {} : { acr: live.acr }),
    // RFC 8693 §4.1
    ...(live.actor === null ? {} : { act: live.actor }),
  }
}

async function describeRefreshToken({ deps, workspace }: Exchange, caller: ClientRecord, token: string) {
  const parts = parseRefreshToken(token, workspace.secrets.tagKey)
  if (!parts) return undefined
  const found = await deps.store.refreshTokens.find(workspace.id, parts.familyHash)
  if (!found || found.family.clientId !== caller.clientId) return INACTIVE
  const { family, grant } = found
  const { authorization } = grant
  const now = deps.clock.now()
  const ends = [family.idleExpiresAt, family.absoluteExpiresAt].filter((end) => end !== 0)
  const alive =
    family.currentHash === parts.tokenHash &&
    family.revokedAt === null &&
    grant.revokedAt === null &&
    ends.every((end) => end > now)
  const user =
    authorization.userId === null
      ? undefined
      : await deps.store.users.find(workspace.id, authorization.userId)
  if (!alive || !user?.enabled) return INACTIVE
  return {
    active: true,
    iss: workspace.issuer,
    client_id: caller.clientId,
    sub: subjectFor(workspace, caller.metadata, user.userId),
    scope: authorization.scope.join(' '),
    iat: family.rotatedAt ?? family.createdAt,
    exp: Math.min(...ends),
  }
}
