import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createHttpsServer, type ServerOptions as HttpsOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from '../core/ports.ts'
import type { OAuthReply, OAuthRequest } from '../protocol/types.ts'
import { plainError } from './plain-error.ts'

/** Limits of a node (`docs/reference/limits.md`). */
const BODY_LIMIT = 65_536
const HEADERS_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 30_000
const KEEP_ALIVE = 5_000
const HEADER_LIMIT = 16_384
const MAX_HEADERS = 100

/** TLS 1.3, and of TLS 1.2 what BCP 195 (RFC 9325 §4.2) keeps. */
const TLS_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':')

/** Serves a request by host and path; `undefined` where nothing is there. */
export type Dispatch = (host: string, request: OAuthRequest) => Promise<OAuthReply | undefined>

export interface HttpOptions {
  readonly dispatch: Dispatch
  readonly log: Logger
  /** Number of trusted proxies, or their networks; only then X-Forwarded-For counts, and only for the address. */
  readonly trustProxy: boolean | number | string | readonly string[]
  readonly tls?: Pick<HttpsOptions, 'cert' | 'key'> | undefined
  /** The public origin is https: browsers are told to keep to it (RFC 6797), also where a proxy ends TLS. */
  readonly secure: boolean
}

/** An HTTP server that has not begun to listen. */
export function createHttpServer({ dispatch, log, trustProxy, tls, secure }: HttpOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: trustOf(trustProxy),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    serverFactory: (handler) => createServer(handler, tls),
    frameworkErrors: (_error, _request, reply) => send(reply as FastifyReply, UNREADABLE, secure),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    // Node reads a request line as latin1: what is not ASCII there is not what was sent.
    if (NOT_URL.test(request.raw.url ?? '')) return send(reply, UNREADABLE, secure)
    // RFC 9112 §3.2: with two Hosts, a proxy before us may have gone by the other.
    if (occurrences(request.raw, 'host') > 1) return send(reply, UNREADABLE, secure)
    const answer = await dispatch(request.headers.host?.toLowerCase() ?? '', toRequest(request))
    return send(reply, answer ?? NOTHING_HERE, secure)
  }
  app.all('*', serve)
  // Methods that Fastify does not route, such as TRACE: the endpoint says which ones it has.
  app.setNotFoundHandler(serve)
  app.setErrorHandler(async (error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ err: error }, 'a request failed')
    return send(reply, status === 413 ? TOO_LARGE : status < 500 ? UNREADABLE : FAILED, secure)
  })
  return app
}

/** Both addresses of this machine: programs try the one or the other for `localhost`. */
export const LOOPBACK = ['127.0.0.1', '::1'] as const

/**
 * Listens on every one of `hosts`. The first must be there; another address family may be missing on the machine.
 *
 * @throws where a port is in use
 */
export async function listenOn(
  app: FastifyInstance,
  port: number,
  hosts: readonly string[],
  tls?: HttpOptions['tls'],
): Promise<void> {
  const [first = '127.0.0.1', ...others] = hosts
  const further: Server[] = []
  app.addHook('onClose', async () => {
    await Promise.all(further.map(closeServer))
  })
  await app.listen({ port, host: first })
  const { port: actual } = app.server.address() as AddressInfo
  for (const host of others) {
    const server = createServer((request, response) => app.routing(request, response), tls)
    if (await bind(server, actual, host)) further.push(server)
  }
}

function bind(server: Server, port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(false)
      else reject(error)
    })
    server.listen({ port, host }, () => resolve(true))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}

const NOT_URL = /[^!-~]/

function createServer(handler: RequestListener, tls: HttpOptions['tls']): Server {
  const limits = {
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: HEADERS_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE,
    maxHeaderSize: HEADER_LIMIT,
    connectionsCheckingInterval: 2000,
  }
  const server = tls
    ? createHttpsServer({ ...tls, ...limits, minVersion: 'TLSv1.2', ciphers: TLS_CIPHERS }, handler)
    : createPlainServer(limits, handler)
  server.maxHeadersCount = MAX_HEADERS
  server.on('clientError', plainError)
  return server
}

function toRequest(request: FastifyRequest): OAuthRequest {
  const url = request.raw.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  return {
    method: request.method,
    path: path.includes('//') ? path.replace(/\/{2,}/g, '/') : path,
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers: distinctHeaders(request.raw),
    body: request.body instanceof Uint8Array ? request.body : undefined,
    remote: request.ip ?? request.raw.socket.remoteAddress ?? '',
  }
}

/** Node joins or drops repeated headers; two Authorization headers must be seen as two (RFC 9110 §5.3). */
function distinctHeaders(raw: IncomingMessage): OAuthRequest['headers'] {
  if (occurrences(raw, 'authorization') < 2) return raw.headers
  return { ...raw.headers, authorization: raw.headersDistinct.authorization }
}

function occurrences({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === name.length && rawHeaders[i]?.toLowerCase() === name) count += 1
  }
  return count
}

function send(reply: FastifyReply, answer: OAuthReply, secure: boolean): FastifyReply {
  reply.code(answer.status)
  for (const name in answer.headers) {
    const value = answer.headers[name]
    if (value !== undefined) reply.header(name, value)
  }
  reply.header('x-content-type-options', 'nosniff')
  if (secure) reply.header('strict-transport-security', 'max-age=31536000')
  // Of an empty text Fastify would say that it is text/plain, which clients of the revocation endpoint refuse.
  if (answer.body === '') return reply.send()
  return reply.send(typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body))
}

function jsonError(status: number, error: string, description: string, reason: string): OAuthReply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error, error_description: description, reason }),
  }
}

const NOTHING_HERE = jsonError(404, 'invalid_request', 'There is nothing here.', 'path_unknown')
const TOO_LARGE = jsonError(413, 'invalid_request', 'The request body is too large.', 'body_too_large')
const UNREADABLE = jsonError(400, 'invalid_request', 'The request is not valid HTTP.', 'request_unreadable')
const FAILED = jsonError(500, 'server_error', 'Something went wrong here.', 'server_failed')

/** A number is how many proxies stand in front; their addresses are then taken on trust. */
function trustOf(setting: HttpOptions['trustProxy']) {
  if (typeof setting === 'number') return (_address: string, hop: number) => hop < setting
  return typeof setting === 'object' ? [...setting] : setting
}
