import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { type Fetcher, FetchRefused } from '../core/ports.ts'
import { isPublicAddress } from './public-address.ts'

const TIMEOUT_MS = 3000
const MAX_BYTES = 65_536
const AT_ONCE = 20

export interface FetcherOptions {
  /** Host names (with port where there is one) that may be reached at private addresses and by http. */
  readonly allowPrivate: readonly string[]
}

/**
 * The guarded way out (`security.md` §4.7): https on 443, no credentials, every address of the name public, connected
 * to exactly the address that was checked, no redirects, 3 s, 64 KiB.
 */
export function guardedFetcher({ allowPrivate }: FetcherOptions): Fetcher {
  let underWay = 0
  return {
    async json(url) {
      if (underWay >= AT_ONCE) throw new FetchRefused('too many outbound requests')
      underWay += 1
      try {
        return await fetchJson(url, allowPrivate)
      } finally {
        underWay -= 1
      }
    },
  }
}

async function fetchJson(url: string, allowPrivate: readonly string[]): Promise<unknown> {
  const request = { method: 'GET', headers: { accept: 'application/json' } }
  const { status, body } = await sendGuarded(url, request, { allowPrivate })
  if (status !== 200) throw new FetchRefused(`the answer is ${status}`)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new FetchRefused('the answer is not JSON', { cause })
  }
}

export interface OutboundRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export interface OutboundAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface OutboundLimits extends FetcherOptions {
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** One request by the guarded way, whatever its answer. @throws {FetchRefused} */
export async function sendGuarded(
  text: string,
  request: OutboundRequest,
  limits: OutboundLimits,
): Promise<OutboundAnswer> {
  const { allowPrivate, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = limits
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '') throw new FetchRefused('not a plain https URL')
  const allowed = allowPrivate.includes(url.host)
  const isStandard = url.protocol === 'https:' && url.port === ''
  if (!isStandard && !(allowed && /^https?:$/.test(url.protocol)))
    throw new FetchRefused('only https on port 443')
  const deadline = AbortSignal.timeout(timeoutMs)
  const address = await before(deadline, resolve(url.hostname.replace(/^\[|\]$/g, ''), allowed))
  return perform(url, address, request, { deadline, maxBytes })
}

/** A look at DNS cannot be called off, and takes as long as the name's own servers like. */
function before<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const refuse = () => reject(new FetchRefused('the host name is not resolved in time'))
  deadline.addEventListener('abort', refuse, { once: true })
  return Promise.race([work, promise])
}

/** One of the name's addresses; all of them must be public, or the answer could change between two looks. */
async function resolve(hostname: string, allowed: boolean): Promise<{ address: string; family: number }> {
  const family = isIP(hostname)
  const found =
    family !== 0 ? [{ address: hostname, family }] : await lookup(hostname, { all: true }).catch(() => [])
  const first = found[0]
  if (!first) throw new FetchRefused('the host name has no address')
  if (!allowed && !found.every(({ address }) => isPublicAddress(address))) {
    throw new FetchRefused('the address is not public')
  }
  return first
}

function perform(
  url: URL,
  { address, family }: { address: string; family: number },
  { method, headers, body }: OutboundRequest,
  { deadline, maxBytes }: { deadline: AbortSignal; maxBytes: number },
): Promise<OutboundAnswer> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = start(
      url,
      {
        method,
        headers,
        agent: false,
        signal: deadline,
        lookup: (_name, options, done) =>
          options.all ? done(null, [{ address, family }]) : done(null, address, family),
      },
      (response) => {
        const { statusCode: status = 0, headers } = response
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxBytes) response.destroy(new FetchRefused('the answer is too large'))
          else chunks.push(chunk)
        })
        response.on('end', () => resolve({ status, headers, body: Buffer.concat(chunks) }))
        response.on('error', (cause) => reject(asRefused(cause)))
      },
    )
    request.on('error', (cause) => reject(asRefused(cause)))
    // After a 101 nothing else comes: without this its slot would be held for ever.
    request.on('close', () => reject(new FetchRefused('the connection was closed')))
    request.end(body)
  })
}

function asRefused(cause: Error): FetchRefused {
  return cause instanceof FetchRefused ? cause : new FetchRefused('the request failed', { cause })
}
