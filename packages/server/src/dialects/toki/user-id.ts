import type { Exchange } from '../../core/exchange.ts'
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
  const tokens = reply.status === 200 && typeof reply.body === 'string' ? parseJson(reply.body) : undefined
  if (!isJsonObject(tokens) || typeof tokens.access_token !== 'string') return reply
  // The tokens are issued and the code is spent: they must not be lost to a database that went away since.
  const userId = await userOf(exchange, tokens.access_token).catch(() => undefined)
  return userId === undefined ? reply : { ...reply, body: JSON.stringify({ ...tokens, userId }) }
}

async function userOf({ deps, workspace, flow }: Exchange, accessToken: string): Promise<string | undefined> {
  const client = flow.clientId === null ? undefined : await workspace.client(flow.clientId)
  if (!speaks(client, 'toki')) return undefined
  const live = await inspectAccessToken(deps, workspace, accessToken)
  if (typeof live === 'string' || live.user === null) return undefined
  return subjectFor(workspace, client.metadata, live.user.userId)
}
