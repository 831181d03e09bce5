import type { Exchange } from '../../core/exchange.ts'
import { header } from '../../core/exchange.ts'
import { isPublicClient } from '../../protocol/client-metadata.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import { parseFormBody } from '../../protocol/parameters.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Around } from '../dialect.ts'
import { deviates, speaks } from '../speaks.ts'

export const TOKEN_REUSE = 'tapkey_refresh_token_reuse'

/** Counts that a public client got the refresh token back that it sent (RFC 9700 §4.14.2 wants another). */
export function noteReuse(
  exchange: Exchange,
  client: ClientRecord,
  presented: string | undefined,
  returned: unknown,
): void {
  const reused = presented !== undefined && presented === returned
  if (reused && isPublicClient(client.metadata)) deviates(exchange, client, TOKEN_REUSE)
}

/** A client that has moved to the standard's token endpoint keeps its token there too, and is counted there too. */
export const countReuse: Around = (next) => async (exchange) => {
  const reply = await next(exchange)
  const { workspace, flow, request } = exchange
  if (reply.status !== 200 || flow.clientId === null || typeof reply.body !== 'string') return reply
  const client = await workspace.client(flow.clientId)
  if (!speaks(client, 'tapkey')) return reply
  const form = parseFormBody(request.body ?? new Uint8Array(), header(request, 'content-type'))
  const tokens = parseJson(reply.body)
  if (!isProblem(form) && isJsonObject(tokens)) {
    noteReuse(exchange, client, form.get('refresh_token'), tokens.refresh_token)
  }
  return reply
}
