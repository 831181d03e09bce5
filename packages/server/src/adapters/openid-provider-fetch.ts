import type { CustomFetch } from 'openid-client'
import { FetchRefused } from '../core/ports.ts'
import { sendGuarded } from './fetcher.ts'

/** Token endpoints of others think longer than documents do; and their key sets carry certificates. */
const LIMITS = { timeoutMs: 5000, maxBytes: 262_144 }
const AT_ONCE = 100
/** One provider that hangs leaves the way to the others open. */
const AT_ONCE_PER_HOST = 25

/** `fetch` by the guarded way out: for a library that asks other providers. */
export function guardedFetch(allowPrivate: readonly string[]): CustomFetch {
  let underWay = 0
  const perHost = new Map<string, number>()
  return async (url, { method, headers, body }) => {
    const host = URL.parse(url)?.host ?? ''
    const here = perHost.get(host) ?? 0
    if (underWay >= AT_ONCE || here >= AT_ONCE_PER_HOST) throw new FetchRefused('too many outbound requests')
    underWay += 1
    perHost.set(host, here + 1)
    try {
      const text = body === undefined || body === null ? undefined : String(body)
      const answer = await sendGuarded(url, { method, headers, body: text }, { allowPrivate, ...LIMITS })
      return toResponse(answer.status, answer.headers, answer.body)
    } finally {
      underWay -= 1
      const left = (perHost.get(host) ?? 1) - 1
      if (left > 0) perHost.set(host, left)
      else perHost.delete(host)
    }
  }
}

function toResponse(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Response {
  if (status < 200 || status > 599) throw new FetchRefused('the answer is no HTTP answer')
  const received = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) received.append(name, one)
    }
  }
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : new Uint8Array(body), { status, headers: received })
}
