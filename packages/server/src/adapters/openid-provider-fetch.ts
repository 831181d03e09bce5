import type { CustomFetch } from 'openid-client'
import { FetchRefused } from '../core/ports.ts'
import { sendGuarded } from './fetcher.ts'

/** Token endpoints of others think longer than documents do; and their key sets carry certificates. */
const LIMITS = { timeoutMs: 5000, maxBytes: 262_144 }
const AT_ONCE = 100

/** `fetch` by the guarded way out: for a library that asks other providers. */
export function guardedFetch(allowPrivate: readonly string[]): CustomFetch {
  let underWay = 0
  return async (url, { method, headers, body }) => {
    if (underWay >= AT_ONCE) throw new FetchRefused('too many outbound requests')
    underWay += 1
    try {
      const text = body === undefined || body === null ? undefined : String(body)
      const answer = await sendGuarded(url, { method, headers, body: text }, { allowPrivate, ...LIMITS })
      return toResponse(answer.status, answer.headers, answer.body)
    } finally {
      underWay -= 1
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
