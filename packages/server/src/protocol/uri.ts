/** A URI in its five components as they were written (RFC 3986 App. B): nothing is decoded or normalised. */
export interface UriParts {
  readonly scheme: string
  /** `undefined` without `//`; may be empty, as in `MyApp://`. */
  readonly authority: string | undefined
  readonly path: string
  readonly query: string | undefined
  readonly fragment: string | undefined
}

/** The authority's components (RFC 3986 §3.2). An IPv6 literal keeps its brackets. */
export interface AuthorityParts {
  readonly userinfo: string | undefined
  readonly host: string
  /** `undefined` without a colon; empty where nothing follows it. */
  readonly port: string | undefined
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/

/** Takes an absolute URI apart; `undefined` where it has no scheme. The characters are not checked. */
export function splitUri(uri: string): UriParts | undefined {
  const colon = uri.indexOf(':')
  if (colon < 1) return undefined
  const scheme = uri.slice(0, colon)
  if (!SCHEME.test(scheme)) return undefined

  const hash = uri.indexOf('#')
  const beforeFragment = hash === -1 ? uri.length : hash
  const mark = uri.indexOf('?')
  const pathEnd = mark === -1 || mark > beforeFragment ? beforeFragment : mark

  let authority: string | undefined
  let pathStart = colon + 1
  if (uri.startsWith('//', pathStart)) {
    const slash = uri.indexOf('/', pathStart + 2)
    const end = slash === -1 || slash > pathEnd ? pathEnd : slash
    authority = uri.slice(pathStart + 2, end)
    pathStart = end
  }
  return {
    scheme,
    authority,
    path: uri.slice(pathStart, pathEnd),
    query: pathEnd < beforeFragment ? uri.slice(pathEnd + 1, beforeFragment) : undefined,
    fragment: hash === -1 ? undefined : uri.slice(hash + 1),
  }
}

/** Takes an authority apart at its last `@` and at the colon after the host. */
export function splitAuthority(authority: string): AuthorityParts {
  const at = authority.lastIndexOf('@')
  const userinfo = at === -1 ? undefined : authority.slice(0, at)
  const hostAndPort = authority.slice(at + 1)
  const bracket = hostAndPort.startsWith('[') ? hostAndPort.indexOf(']') : -1
  const colon = hostAndPort.indexOf(':', bracket + 1)
  return {
    userinfo,
    host: colon === -1 ? hostAndPort : hostAndPort.slice(0, colon),
    port: colon === -1 ? undefined : hostAndPort.slice(colon + 1),
  }
}

/** A port that may be written in a URI of ours: 1 to 65535, no leading zero. */
export function isPort(text: string): boolean {
  return text.length <= 5 && /^[1-9][0-9]*$/.test(text) && Number(text) <= 65535
}

/** Whether a host is this machine: `localhost`, `127.0.0.1` or `[::1]` (RFC 8252 §7.3, §8.3). */
export function isLoopbackHost(host: string): boolean {
  return host === '127.0.0.1' || host === '[::1]' || host.toLowerCase() === 'localhost'
}

/**
 * The origin of an http or https URI in the form browsers send (RFC 6454 §6.2): lower case, without a default
 * port. `undefined` for any other scheme, and where host or port are not plain.
 */
export function originOf(uri: string): string | undefined {
  const parts = splitUri(uri)
  if (parts?.authority === undefined) return undefined
  const scheme = parts.scheme.toLowerCase()
  if (scheme !== 'https' && scheme !== 'http') return undefined
  const { userinfo, host, port } = splitAuthority(parts.authority)
  if (userinfo !== undefined || !isHost(host) || (port !== undefined && !isPort(port))) return undefined
  const isDefault = port === undefined || port === (scheme === 'https' ? '443' : '80')
  return `${scheme}://${host.toLowerCase()}${isDefault ? '' : `:${port}`}`
}

/**
 * A DNS name, an IPv4 address of four decimal numbers or a bracketed IPv6 address.
 * Security: browsers read `2130706433`, `0x7f.1` and `127.1` as addresses too, so numbers have only one
 * spelling here.
 */
export function isHost(host: string): boolean {
  if (host.length > 253) return false
  if (host.startsWith('[')) return isIpv6Literal(host)
  if (!/^[A-Za-z0-9._-]+$/.test(host)) return false
  const labels = host.split('.')
  if (!labels.every((label) => label !== '' && label.length <= 63)) return false
  const last = labels.at(-1) ?? ''
  const looksNumeric = /^(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/.test(last)
  return !looksNumeric || (labels.length === 4 && labels.every(isIpv4Number))
}

function isIpv4Number(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(text) && Number(text) <= 255
}

/** RFC 3986 §3.2.2 `IP-literal`, IPv6 only: eight groups, or fewer around one `::`; no IPv4 tail. */
function isIpv6Literal(host: string): boolean {
  if (host.length > 41 || !/^\[[0-9A-Fa-f:]+\]$/.test(host)) return false
  const halves = host.slice(1, -1).split('::')
  const groups = halves.filter((half) => half !== '').flatMap((half) => half.split(':'))
  if (!groups.every((group) => group !== '' && group.length <= 4)) return false
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length <= 7
}
