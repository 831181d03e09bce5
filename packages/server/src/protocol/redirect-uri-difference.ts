import { splitAuthority, splitUri } from './uri.ts'

/**
 * The registered redirect URI that a refused one is most like, and in what they differ. For the client's
 * owner only.
 */
export interface NearestRedirectUri {
  readonly registered: string
  /** One clause a component, joined by `; `, such as `port: received 3000, registered 5173`. */
  readonly difference: string
}

interface Components {
  readonly scheme: string
  readonly host: string
  readonly port: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Weights that make the host decide first: a developer's typo is rarely there. */
const WEIGHTS: Readonly<Record<keyof Components, number>> = {
  host: 16,
  path: 8,
  scheme: 4,
  port: 2,
  query: 1,
  fragment: 1,
}
const NAMES = ['scheme', 'host', 'port', 'path', 'query', 'fragment'] as const
const MAX_COMPARED = 2048

/**
 * Finds the registered redirect URI that is nearest to one that none matches; `undefined` where none is
 * registered.
 */
export function nearestRedirectUri(
  registered: readonly string[],
  requested: string,
): NearestRedirectUri | undefined {
  const wanted = components(requested.slice(0, MAX_COMPARED))
  let nearest: string | undefined
  let best = -1
  for (const uri of registered) {
    const score = likeness(components(uri), wanted)
    if (score <= best) continue
    best = score
    nearest = uri
  }
  return nearest === undefined
    ? undefined
    : { registered: nearest, difference: difference(nearest, requested) }
}

function likeness(a: Components | undefined, b: Components | undefined): number {
  if (a === undefined || b === undefined) return 0
  let score = 0
  for (const name of NAMES) {
    if (a[name] === b[name]) score += 2 * WEIGHTS[name]
    else if (isAlmost(a[name], b[name])) score += WEIGHTS[name]
  }
  return score
}

/** Equal but for case or a trailing slash, or both this machine. */
function isAlmost(a: string, b: string): boolean {
  const fold = (text: string) => {
    const lower = text.toLowerCase()
    if (lower === 'localhost' || lower === '[::1]') return '127.0.0.1'
    return lower.endsWith('/') ? lower.slice(0, -1) : lower
  }
  return fold(a) === fold(b)
}

function difference(registered: string, requested: string): string {
  if (requested.length > MAX_COMPARED) return `length: received ${requested.length} characters`
  if (requested.trim() !== requested) return 'white space around the URI'
  if (/^[a-z][a-z0-9+.-]*%3a/i.test(requested)) return 'encoding: the URI was percent-encoded twice'
  const received = components(requested)
  if (received === undefined) return 'scheme: none, the URI is not absolute'
  const expected = components(registered)
  if (expected === undefined) return 'the registered URI is not absolute'
  const clauses = NAMES.filter((name) => received[name] !== expected[name]).map((name) =>
    clause(name, received[name], expected[name]),
  )
  return clauses.length === 0 ? `spelling: received ${show(requested)}` : clauses.join('; ')
}

function clause(name: keyof Components, received: string, registered: string): string {
  if (name === 'path' && `${received}/` === registered)
    return 'trailing slash: received none, registered with one'
  if (name === 'path' && received === `${registered}/`)
    return 'trailing slash: received one, registered without'
  const what = received.toLowerCase() === registered.toLowerCase() ? `${name} (upper and lower case)` : name
  return `${what}: received ${show(received)}, registered ${show(registered)}`
}

function show(text: string): string {
  if (text === '') return 'none'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function components(uri: string): Components | undefined {
  const parts = splitUri(uri)
  if (parts === undefined) return undefined
  const { userinfo, host, port } = splitAuthority(parts.authority ?? '')
  return {
    scheme: parts.scheme,
    host: userinfo === undefined ? host : `${userinfo}@${host}`,
    port: port ?? '',
    path: parts.path,
    query: parts.query ?? '',
    fragment: parts.fragment ?? '',
  }
}
