import type { Transport } from '../../../testing/src/browser.ts'
import type { TestAs } from './test-as.ts'

/**
 * Hands requests to the server without a socket, under the Host that their URL names and from whatever address: for an
 * issuer whose name and TLS are those of a proxy in front of it.
 */
export function throughProxy(as: TestAs, remoteAddress = '127.0.0.1'): Transport {
  return async (url, { method = 'GET', headers, body }) => {
    const { host, pathname, search } = new URL(url)
    const isForm = body instanceof URLSearchParams
    const answer = await as.server.pixy.http.inject({
      method: method as 'GET',
      url: pathname + search,
      headers: {
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(headers as Readonly<Record<string, string>>),
        host,
      },
      remoteAddress,
      ...(body === undefined || body === null ? {} : { payload: String(body) }),
    })
    const received = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) received.append(name, String(one))
    }
    const empty = answer.statusCode === 204 || answer.statusCode === 304
    return new Response(empty ? null : answer.body, { status: answer.statusCode, headers: received })
  }
}
