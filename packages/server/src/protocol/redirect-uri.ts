import { isLoopbackHost, isPort, originOf, splitAuthority, splitUri } from './uri.ts'

export { type NearestRedirectUri, nearestRedirectUri } from './redirect-uri-difference.ts'
export { checkRedirectUri, type RedirectUriOptions, type RedirectUriProblem } from './redirect-uri-rules.ts'

const LOOPBACK_ORIGINS = ['http://127.0.0.1', 'http://[::1]'] as const

/**
 * Whether a request may use `requested` as the registered redirect URI: the strings are equal
 * (RFC 9700 §2.1), or the registered one is an http loopback IP literal and only the port differs
 * (RFC 8252 §7.3).
 *
 * Security: `localhost` has no such freedom, since another interface may answer for that name
 * (RFC 8252 §8.3).
 */
export function matchesRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true
  for (const origin of LOOPBACK_ORIGINS) {
    if (!registered.startsWith(origin) || !requested.startsWith(origin)) continue
    const rest = afterPort(registered, origin.length)
    return rest !== undefined && rest === afterPort(requested, origin.length)
  }
  return false
}

/**
 * The registered redirect URI that allows `requested`. The response goes to `requested`, whose port may
 * differ.
 */
export function findRedirectUri(registered: readonly string[], requested: string): string | undefined {
  return registered.find((uri) => matchesRedirectUri(uri, requested))
}

/**
 * What `form-action` of a Content-Security-Policy must list for a page whose form ends in a redirect to this
 * URI: an origin; `scheme:` for a private-use scheme; `https:` or `http:` for an IPv6 host, which CSP cannot
 * name. `undefined` where nothing safe can be said, so that no character of a stranger gets into the header.
 */
export function redirectOrigin(uri: string): string | undefined {
  const scheme = splitUri(uri)?.scheme.toLowerCase()
  if (scheme !== 'https' && scheme !== 'http') return scheme === undefined ? undefined : `${scheme}:`
  const origin = originOf(uri)
  return origin?.includes('[') ? `${scheme}:` : origin
}

/** Whether the URI is http on this machine: `localhost`, `127.0.0.1` or `[::1]`, with any port. */
export function isLoopbackRedirect(uri: string): boolean {
  const parts = splitUri(uri)
  if (parts?.authority === undefined || parts.scheme.toLowerCase() !== 'http') return false
  const { userinfo, host, port } = splitAuthority(parts.authority)
  return userinfo === undefined && isLoopbackHost(host) && (port === undefined || isPort(port))
}

/** What follows host and port; `undefined` where the host goes on, as in `http://127.0.0.1.evil.example`. */
function afterPort(uri: string, start: number): string | undefined {
  if (uri.charAt(start) !== ':') return isEndOfAuthority(uri.charAt(start)) ? uri.slice(start) : undefined
  let end = start + 1
  while (end < start + 7 && isDigit(uri.charCodeAt(end))) end++
  if (!isPort(uri.slice(start + 1, end)) || !isEndOfAuthority(uri.charAt(end))) return undefined
  return uri.slice(end)
}

function isEndOfAuthority(character: string): boolean {
  return character === '' || character === '/' || character === '?'
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
