import { type Exchange, header } from '../../core/exchange.ts'
import { jsonReply } from '../../core/replies.ts'
import { endAccessToken } from '../../core/revocation/revoke.ts'
import { inspectAccessToken, type LiveAccessToken } from '../../core/tokens/inspect-access-token.ts'
import { parseBearer } from '../../protocol/client-authentication.ts'
import { parseFormBody } from '../../protocol/parameters.ts'
import { isProblem } from '../../protocol/types.ts'
import type { Around } from '../dialect.ts'
import { deviates, speaks } from '../speaks.ts'

/** The scope that lets whoever holds an access token end it. */
const SCOPE = 'revoke_tokens'

/** How else a client may say who it is: any of these, and the request is the standard's. */
const IDENTIFIERS = ['client_id', 'client_secret', 'client_assertion']

/**
 * A token revokes itself: `Authorization: Bearer T` and `token=T`, without the client authentication of RFC 7009 §2.1. That
 * access token ends, and nothing else.
 */
export const selfRevocation: Around = (next) => async (exchange) => {
  const token = ownToken(exchange)
  const live = token === undefined ? undefined : await revocable(exchange, token)
  if (token === undefined || !live) return next(exchange)
  const { flow } = exchange
  flow.clientId = live.client.clientId
  if (live.flowId !== null) flow.id = live.flowId
  await endAccessToken(exchange, live, token)
  deviates(exchange, live.client, 'cloudentity_self_revocation')
  return jsonReply(200, {})
}

/** The token, where header and body hold the same one and nothing says who the client is. */
function ownToken({ request }: Exchange): string | undefined {
  const bearer = parseBearer(request.headers.authorization)
  if (isProblem(bearer) || request.body === undefined || request.query !== '') return undefined
  const form = parseFormBody(request.body, header(request, 'content-type'))
  if (isProblem(form) || form.duplicates.length > 0) return undefined
  if (IDENTIFIERS.some((name) => form.has(name))) return undefined
  return form.get('token') === bearer.token ? bearer.token : undefined
}

async function revocable({ deps, workspace }: Exchange, token: string): Promise<LiveAccessToken | undefined> {
  const live = await inspectAccessToken(deps, workspace, token)
  if (typeof live === 'string' || !speaks(live.client, 'cloudentity')) return undefined
  return live.scope.includes(SCOPE) ? live : undefined
}
