import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets apps of known origins call from a browser (Fetch, "CORS protocol"). No cookies are involved, so no credentials
 * are allowed. Answers a preflight itself and then returns true.
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): boolean {
  response.setHeader('Vary', 'Origin')
  const { origin } = request.headers
  if (origin !== undefined && allowed.includes(origin)) {
    response.setHeader('Access-Control-Allow-Origin', origin)
    // Without this the app sees a bare 401 and cannot know why (RFC 6750 §3).
    response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate')
  }
  if (request.method !== 'OPTIONS') return false
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE')
  response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type')
  response.setHeader('Access-Control-Max-Age', '600')
  response.writeHead(204).end()
  return true
}
