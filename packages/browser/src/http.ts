import { AuthError, serverError } from './errors.ts'
import type { Platform } from './platform.ts'

/** Two tries fit into the 30 s in which the server repeats its answer to a refresh. */
const TIMEOUT_MS = 12_000

/**
 * A request to the authorization server: without cookies, redirects or caches.
 *
 * @throws AuthError `network_error` where no answer arrived
 */
export async function send(platform: Platform, url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await platform.fetch(url, {
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
      headers: { Accept: 'application/json', ...init.headers },
    })
  } catch (cause) {
    throw lost(url, cause)
  }
}

/**
 * The answer's JSON object.
 *
 * @throws AuthError `network_error` where the body broke off; the server's own error where it is one
 */
export async function readObject(response: Response, url: string): Promise<Record<string, unknown>> {
  const text = await response.text().catch((cause: unknown) => {
    throw lost(url, cause)
  })
  const body = parseObject(text)
  if (response.ok && body) return body
  if (body && typeof body.error === 'string') throw serverError((name) => body[name], response.status)
  throw new AuthError('response_invalid', `${url} answered ${response.status} and no JSON object.`, {
    status: response.status,
    hint: 'Is the issuer right, and does no proxy answer in its place?',
  })
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lost(url: string, cause: unknown): AuthError {
  return new AuthError('network_error', `No answer from ${new URL(url).origin}.`, {
    cause,
    hint: "Is it running, and is this app's origin among the client's redirect URIs or web_origins (CORS)?",
  })
}
