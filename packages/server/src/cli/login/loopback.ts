import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '../failure.ts'

/** Waits for the browser on this machine (RFC 8252 §7.3). */
export interface Loopback {
  readonly redirectUri: string
  /** The authorization response with this `state`; others are refused and waited past. */
  wait(state: string, milliseconds: number): Promise<URLSearchParams>
  close(): void
}

const PATH = '/callback'

/** Listens on 127.0.0.1, on `port` or a free one. The literal address: `localhost` may be another's (RFC 8252 §8.3). */
export async function listenOnLoopback(port = 0, path = PATH): Promise<Loopback> {
  let expected: string | undefined
  let give: (response: URLSearchParams) => void = () => {}
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (request.method !== 'GET' || url.pathname !== path)
      return answer(response, 404, 'There is nothing here.')
    // Security: only the response to our own request is taken (RFC 6749 §10.12); another page may not end the wait.
    if (expected === undefined || url.searchParams.get('state') !== expected) {
      return answer(
        response,
        400,
        'This is not the answer to the sign-in that the terminal waits for (state differs).',
      )
    }
    const failed = url.searchParams.has('error')
    answer(response, 200, failed ? 'The sign-in was refused; the terminal says why.' : 'You are signed in.')
    give(url.searchParams)
  })
  const { port: bound } = await listen(server, port)
  return {
    redirectUri: `http://127.0.0.1:${bound}${path}`,
    wait(state, milliseconds) {
      expected = state
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(timedOut(milliseconds)), milliseconds)
        give = (response) => {
          clearTimeout(timer)
          resolve(response)
        }
      })
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo))
  })
}

function answer(response: ServerResponse, status: number, text: string): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pixy</title><body style="font:1.2rem system-ui;margin:4rem"><p>${text}</p><p>You can close this window.</p></body></html>`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  }
  response.writeHead(status, headers).end(html)
}

function timedOut(milliseconds: number): Failure {
  return new Failure('login_timed_out', `Nobody signed in within ${Math.round(milliseconds / 1000)} s.`, {
    fix: 'Try again, or without a browser: pixy login --headless --username NAME',
  })
}
