import type { Problem } from './types.ts'
import { isHost, isLoopbackHost, isPort, splitAuthority, splitUri, type UriParts } from './uri.ts'

export interface RedirectUriOptions {
  /** Development: http on `localhost`, `127.0.0.1` and `[::1]` also for web clients. */
  readonly allowLoopback?: boolean
  /** The atm dialect: a native client may use a scheme without a dot, such as `MyApp://`. */
  readonly allowUndottedScheme?: boolean
}

/** Why a redirect URI cannot be registered, and what to write in its place. */
export interface RedirectUriProblem extends Problem<keyof typeof HINTS> {
  readonly hint: string
}

const MAX_LENGTH = 2048

const HINTS = {
  empty: 'Write the whole URI, such as https://app.example/callback.',
  too_long: `Use at most ${MAX_LENGTH} characters.`,
  fragment: 'Remove # and what follows it.',
  wildcard: 'Register every URI in full: wildcards are not expanded.',
  characters:
    'Use the characters of RFC 3986: no spaces, backslashes or control characters, a host in xn-- form.',
  brackets: 'Escape [ and ] as %5B and %5D outside an IPv6 host.',
  percent_encoding: 'Write % with two hex digits, and escape neither control characters nor backslashes.',
  not_absolute: 'Start with a scheme and a host, such as https://app.example/callback.',
  forbidden_scheme: 'A redirect to this scheme is never safe; use https.',
  userinfo: 'Remove the user name before @.',
  dot_segments: 'Remove . and .. from the path.',
  host: 'Use a DNS name, four decimal numbers or a bracketed IPv6 address.',
  port: 'Use a port from 1 to 65535, or leave out the colon.',
  http_not_loopback: 'Use https; http is for localhost, 127.0.0.1 and [::1] only.',
  loopback_not_native: 'Use https, or application_type native for a program on the machine of its user.',
  scheme_not_native: 'Use https; a scheme of its own needs application_type native.',
  undotted_scheme: 'Use a domain of yours in reverse as the scheme, such as com.example.app:/callback.',
} as const

/** Schemes that run, read or open something in the browser or in another program when they are followed. */
// biome-ignore format: one scheme a line would hide the list
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  'about', 'blob', 'cid', 'chrome', 'chrome-extension', 'content', 'data', 'feed', 'file', 'filesystem',
  'ftp', 'ftps', 'gopher', 'intent', 'jar', 'javascript', 'jscript', 'ldap', 'ldaps', 'livescript',
  'mailto', 'mid', 'moz-extension', 'ms-appx', 'news', 'resource', 'sftp', 'sms', 'ssh', 'tel', 'urn',
  'vbscript', 'view-source', 'ws', 'wss',
])

/**
 * Checks a redirect URI at registration (RFC 6749 §3.1.2, RFC 9700 §2.1, RFC 8252 §7, OIDC Registration §2).
 * What passes has one reading in every URL parser, so that comparing strings later is enough.
 */
export function checkRedirectUri(
  uri: string,
  applicationType: 'web' | 'native',
  options: RedirectUriOptions = {},
): RedirectUriProblem | undefined {
  const problem = characterProblem(uri) ?? structureProblem(uri, applicationType, options)
  return problem === undefined ? undefined : { problem, hint: HINTS[problem] }
}

function characterProblem(uri: string): keyof typeof HINTS | undefined {
  if (uri === '') return 'empty'
  if (uri.length > MAX_LENGTH) return 'too_long'
  if (uri.includes('#')) return 'fragment'
  if (uri.includes('*')) return 'wildcard'
  if (!/^[A-Za-z0-9._~:/?@!$&'()+,;=%[\]-]*$/.test(uri)) return 'characters'
  return hasPlainEscapes(uri) ? undefined : 'percent_encoding'
}

function structureProblem(
  uri: string,
  applicationType: 'web' | 'native',
  options: RedirectUriOptions,
): keyof typeof HINTS | undefined {
  const parts = splitUri(uri)
  if (parts === undefined) return 'not_absolute'
  const scheme = parts.scheme.toLowerCase()
  if (FORBIDDEN_SCHEMES.has(scheme)) return 'forbidden_scheme'
  if (hasBracketOutsideHost(parts)) return 'brackets'
  if (parts.authority?.includes('@')) return 'userinfo'
  if (hasDotSegment(parts.path)) return 'dot_segments'
  if (scheme !== 'https' && scheme !== 'http') return privateUseProblem(scheme, applicationType, options)

  if (parts.authority === undefined || parts.authority === '') return 'not_absolute'
  const { host, port } = splitAuthority(parts.authority)
  if (!isHost(host)) return 'host'
  if (port !== undefined && !isPort(port)) return 'port'
  if (scheme === 'https') return undefined
  // RFC 8252 §7.3, OIDC Registration §2 `application_type`: http is for this machine only.
  if (!isLoopbackHost(host)) return 'http_not_loopback'
  return applicationType === 'native' || options.allowLoopback === true ? undefined : 'loopback_not_native'
}

/** RFC 8252 §7.1: the reversed name of a domain that the app's owner controls, hence with a dot. */
function privateUseProblem(
  scheme: string,
  applicationType: 'web' | 'native',
  options: RedirectUriOptions,
): keyof typeof HINTS | undefined {
  if (applicationType !== 'native') return 'scheme_not_native'
  return scheme.includes('.') || options.allowUndottedScheme === true ? undefined : 'undotted_scheme'
}

/** Whether each `%` starts an escape, and none stands for a control character or a backslash. */
function hasPlainEscapes(uri: string): boolean {
  for (let at = uri.indexOf('%'); at !== -1; at = uri.indexOf('%', at + 1)) {
    const digits = uri.slice(at + 1, at + 3)
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return false
    const code = Number.parseInt(digits, 16)
    if (code < 0x20 || code === 0x7f || code === 0x5c) return false
  }
  return true
}

function hasBracketOutsideHost({ authority = '', path, query = '' }: UriParts): boolean {
  const host = authority.startsWith('[') ? '' : authority
  return /[[\]]/.test(host + path + query)
}

/**
 * Security: `..;` is a parent directory to some servlet containers, `%2e` and `%2f` to many proxies; a path
 * that two programs read differently leaves the client's own callback.
 */
function hasDotSegment(path: string): boolean {
  const readable = path.toLowerCase().replaceAll('%2e', '.').replaceAll('%2f', '/').replaceAll('%3b', ';')
  return readable.split('/').some((segment) => {
    const name = segment.split(';', 1)[0]
    return name === '.' || name === '..'
  })
}
