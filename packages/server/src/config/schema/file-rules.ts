import { isLoopbackRedirect } from '../../protocol/redirect-uri.ts'
import { list, member, text, texts } from './raw.ts'
import type { Report } from './rule.ts'
import { defaultPath } from './tenant.ts'
import { unique } from './workspace-rules.ts'

/** First segments that the product answers itself. */
const PRODUCT = new Set([
  '.well-known',
  '__test',
  '_pixy',
  'admin',
  'console',
  'dev',
  'docs',
  'healthz',
  'metrics',
  'readyz',
])

/** First segments of an issuer's own endpoints and pages (`contract.md` §3): an issuer below there would hide them. */
const ENDPOINTS = new Set([
  ...[
    'oauth2',
    'userinfo',
    'account',
    'continue',
    'sign-in',
    'sign-up',
    'forgot-password',
    'reset-password',
    'verify-email',
  ],
  ...['mfa', 'consent', 'select-account', 'device', 'sign-out', 'signed-out', 'error'],
  ...['device-confirm', 'device-done', 'federation', 'link-account', 'scopes'],
])

/**
 * Those of dialects, in full: their first segments are names that a tenant may well have. An issuer at one of them, or at
 * what one begins with, would hide it.
 */
export const DIALECT_PATHS: readonly string[] = [
  '/login',
  '/auth',
  '/auth/token',
  '/auth/.well-known/jwks.json',
  '/connect/authorize',
  '/connect/token',
  '/api/v1/auth/auth/userinfo',
]

type Path = readonly (string | number)[]

interface Issuer {
  readonly label: string
  /** `host/path`, once for each host that answers for it. */
  readonly places: readonly string[]
  /** As in the file. */
  readonly path: string
  readonly at: Path
}

/** The rules between tenants: no id twice, and no issuer that takes another's place, or the product's. */
export function checkFile(file: unknown, report: Report): void {
  const tenants = [...list(file, 'tenants').entries()]
  unique(
    tenants.flatMap(([index, tenant]) => named(text(tenant, 'id'), ['tenants', index, 'id'])),
    report,
  )
  for (const [index, tenant] of tenants) {
    unique(
      [...list(tenant, 'workspaces').entries()].flatMap(([at, workspace]) =>
        named(text(workspace, 'id'), ['tenants', index, 'workspaces', at, 'id']),
      ),
      report,
    )
  }
  checkIssuers(
    tenants.flatMap(([index, tenant]) => issuersOf(file, tenant, index)),
    report,
  )
}

function named(name: string | undefined, path: Path): ReadonlyArray<readonly [Path, string]> {
  return name === undefined ? [] : [[path, name]]
}

function issuersOf(file: unknown, tenant: unknown, index: number): readonly Issuer[] {
  const base = text(tenant, 'url') ?? text(file, 'url') ?? 'http://localhost'
  const hosts = [URL.parse(base)?.host ?? base, ...texts(tenant, 'hosts').map(([, host]) => host)]
  const tenantId = text(tenant, 'id') ?? `${index}`
  return [...list(tenant, 'workspaces').entries()].map(([at, workspace]) => {
    const id = text(workspace, 'id') ?? `${at}`
    const path = text(workspace, 'path') ?? defaultPath(tenantId, id)
    const places = hosts.map((host) => host + (path === '/' ? '' : path))
    return { label: `${tenantId}:${id}`, places, path, at: ['tenants', index, 'workspaces', at, 'path'] }
  })
}

function checkIssuers(issuers: readonly Issuer[], report: Report): void {
  const holders = new Map<string, string>()
  for (const { label, places } of issuers)
    for (const place of places) if (!holders.has(place)) holders.set(place, label)
  for (const { label, places, path, at } of issuers) {
    const received = `received ${JSON.stringify(path)}`
    const first = path.split('/')[1] ?? ''
    if (PRODUCT.has(first.toLowerCase()))
      report(at, `${received}, but /${first} is a path of Pixy's own. Choose another.`)
    const twin = places.map((place) => holders.get(place)).find((holder) => holder !== label)
    if (twin !== undefined)
      report(at, `${received}, which is the path of ${twin} too. Give each workspace a path of its own.`)
    const hidden = places.map((place) => hiddenBy(place, holders)).find((found) => found !== undefined)
    if (hidden !== undefined) report(at, `${received}, which would hide ${hidden}. Choose another path.`)
  }
}

/** The endpoint of another issuer that one at `place` would hide, since the longest path wins. */
function hiddenBy(place: string, holders: ReadonlyMap<string, string>): string | undefined {
  for (let end = place.lastIndexOf('/'); end > 0; end = place.lastIndexOf('/', end - 1)) {
    const holder = holders.get(place.slice(0, end))
    if (holder === undefined) continue
    const rest = place.slice(end)
    const segment = rest.split('/')[1] ?? ''
    if (ENDPOINTS.has(segment)) return `/${segment} of ${holder}`
    const path = DIALECT_PATHS.find((own) => own === rest || own.startsWith(`${rest}/`))
    if (path !== undefined) return `${path} of ${holder}`
  }
  return undefined
}

/** What `--production` refuses besides. Loopback http is let through for tests; `pixy start` refuses it. */
export function checkProduction(file: unknown, report: Report): void {
  if (member(file, 'url') === undefined) {
    report(['url'], 'is missing. With --production write the public https URL, such as https://auth.example.')
  }
  checkHttps(file, [], report)
  for (const [index, tenant] of list(file, 'tenants').entries()) {
    checkHttps(tenant, ['tenants', index], report)
    for (const [at, workspace] of list(tenant, 'workspaces').entries()) {
      for (const [n, source] of list(workspace, 'identity_sources').entries()) {
        if (text(source, 'type') !== 'sandbox') continue
        report(
          ['tenants', index, 'workspaces', at, 'identity_sources', n, 'type'],
          'received "sandbox", which is for tests only. Remove the source, or start without --production.',
        )
      }
    }
  }
}

function checkHttps(value: unknown, path: Path, report: Report): void {
  const url = text(value, 'url')
  if (url === undefined || /^https:/i.test(url) || isLoopbackRedirect(url)) return
  report(
    [...path, 'url'],
    `received ${JSON.stringify(url.slice(0, 200))}, expected https with --production. Write the public https URL.`,
  )
}
