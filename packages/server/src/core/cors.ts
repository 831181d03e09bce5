import { webOrigins } from '../protocol/client-metadata.ts'
import type { OAuthReply } from '../protocol/types.ts'
import { type Exchange, header } from './exchange.ts'
import { emptyReply } from './replies.ts'

/**
 * Who may read an endpoint from a browser: nobody, everybody (metadata), or the origins of the workspace's clients.
 * Credentials are never allowed.
 */
export type CorsPolicy = 'none' | 'public' | 'clients'

const PREFLIGHT_AGE = '600'
const ALLOWED_HEADERS = 'authorization, content-type, dpop, mcp-protocol-version'

/** The answer to a preflight. */
export async function preflight(
  exchange: Exchange,
  policy: CorsPolicy,
  methods: readonly string[],
): Promise<OAuthReply> {
  const reply = emptyReply(204, { allow: methods.join(', ') })
  const origin = await allowedOrigin(exchange, policy, null)
  if (origin === undefined) return reply
  reply.headers['access-control-allow-origin'] = origin
  reply.headers['access-control-allow-methods'] = methods.join(', ')
  reply.headers['access-control-allow-headers'] = ALLOWED_HEADERS
  reply.headers['access-control-max-age'] = PREFLIGHT_AGE
  if (policy === 'clients') reply.headers.vary = 'Origin'
  return reply
}

/**
 * Lets the asking origin read the answer, where it may: what a client was given, its own origins; a refusal, those of every
 * client.
 *
 * Security: or who may read a refusal would tell a stranger whether the client that was named exists.
 */
export async function allowOrigin(exchange: Exchange, policy: CorsPolicy, reply: OAuthReply): Promise<void> {
  if (policy === 'none') return
  if (policy === 'clients') reply.headers.vary = 'Origin'
  // What the request did is done: its answer must not be lost to a database that went away since.
  const clientId = reply.status < 400 ? exchange.flow.clientId : null
  const origin = await allowedOrigin(exchange, policy, clientId).catch(() => undefined)
  if (origin === undefined) return
  reply.headers['access-control-allow-origin'] = origin
  reply.headers['access-control-expose-headers'] = 'WWW-Authenticate, Retry-After, ETag'
}

async function allowedOrigin(
  { request, workspace }: Exchange,
  policy: CorsPolicy,
  clientId: string | null,
): Promise<string | undefined> {
  if (policy === 'none') return undefined
  if (policy === 'public') return '*'
  const origin = header(request, 'origin')
  if (origin === undefined || origin === 'null') return undefined
  if (clientId !== null) {
    const client = await workspace.client(clientId)
    if (client) return webOrigins(client.metadata).includes(origin) ? origin : undefined
  }
  return (await workspace.webOrigins()).has(origin) ? origin : undefined
}
