import { inspectAccessToken } from '../../core/tokens/inspect-access-token.ts'
import { subjectFor } from '../../core/tokens/subject.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import type { Around } from '../dialect.ts'
import { speaks } from '../speaks.ts'

/**
 * Adds `userId` to the token response (RFC 6749 §5.1 lets a server add members): the `sub` that this client sees, which is
 * what its `/userinfo/{user_id}` takes. Clients that act for themselves have no user and get none.
 */
export const withUserId: Around = (next) => async (exchange) => {
  const reply = await next(exchange)
  const { deps, workspace, flow } = exchange
  if (reply.status !== 200 || flow.clientId === null) return reply
  const client = await workspace.client(flow.clientId)
  if (!speaks(client, 'toki')) return reply

  const tokens = typeof reply.body === 'string' ? parseJson(reply.body) : undefined
  if (!isJsonObject(tokens) || typeof tokens.access_token !== 'string') return reply
  const live = await inspectAccessToken(deps, workspace, tokens.access_token)
  if (typeof live === 'string' || live.user === null) return reply
  const userId = subjectFor(workspace, client.metadata, live.user.userId)
  return { ...reply, body: JSON.stringify({ ...tokens, userId }) }
}
