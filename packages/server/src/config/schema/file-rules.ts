import { isLoopbackRedirect } from '../../protocol/redirect-uri.ts'
import { list, member, text, texts } from './raw.ts'
import type { Report } from './rule.ts'
import { defaultPath } from './tenant.ts'
import { unique } from './workspace-rules.ts'

/** Paths that the product answers itself, and those that every issuer has: a workspace there would hide them. */
const TAKEN = new Set([
  ...['.well-known', '__test', 'admin', 'assets', 'console', 'dev', 'docs', 'healthz', 'metrics', 'readyz'],
  ...['account', 'auth', 'connect', 'consent', 'continue', 'device', 'error', 'forgot-password', 'login', 'mfa', 'oauth2'],
  ...['reset-password', 'select-account', 'sign-in', 'sign-out', 'sign-up', 'signed-out', 'userinfo', 'verify-email'],
])

/** The rules between tenants: no id twice, and no two issuers under one host and path. */
export function checkFile(file: unknown, report: Report): void {
  const tenants = [...list(file, 'tenants').entries()]
  unique(
    tenants.flatMap(([index, tenant]) => [[['tenants', index, 'id'], text(tenant, 'id') ?? ` ${index}`] as const]),
    report,
  )
  const issuers = new Map<string, string>()
  for (const [index, tenant] of tenants) {
    const workspaces = [...list(tenant, 'workspaces').entries()]
    const path = ['tenants', index, 'workspaces'] as const
    unique(
      workspaces.map(([at, workspace]) => [[...path, at, 'id'], text(workspace, 'id') ?? ` ${at}`] as const),
      report,
    )
    for (const [at, workspace] of workspaces) {
      checkPath(issuerPath(tenant, workspace), [...path, at, 'path'], report)
      checkIssuer(file, tenant, workspace, issuers, [...path, at, 'path'], report)
    }
  }
}

function issuerPath(tenant: unknown, workspace: unknown): string {
  return text(workspace, 'path') ?? defaultPath(text(tenant, 'id') ?? '', text(workspace, 'id') ?? '')
}

function checkPath(issuer: string, path: readonly (string | number)[], report: Report): void {
  const taken = issuer.split('/').find((segment) => TAKEN.has(segment.toLowerCase()))
  if (taken !== undefined) report(path, `received ${JSON.stringify(issuer)}, but /${taken} is a path of Pixy's own. Choose another.`)
}

function checkIssuer(
  file: unknown,
  tenant: unknown,
  workspace: unknown,
  issuers: Map<string, string>,
  path: readonly (string | number)[],
  report: Report,
): void {
  const base = text(tenant, 'url') ?? text(file, 'url') ?? ''
  const label = `${text(tenant, 'id')}:${text(workspace, 'id')}`
  const issuer = issuerPath(tenant, workspace)
  for (const host of [URL.parse(base)?.host ?? base, ...texts(tenant, 'hosts').map(([, name]) => name)]) {
    const other = issuers.get(`${host} ${issuer}`)
    if (other !== undefined && other !== label) {
      report(path, `received ${JSON.stringify(issuer)}, which is the path of ${other} too. Give each workspace a path of its own.`)
      return
    }
    issuers.set(`${host} ${issuer}`, label)
  }
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

function checkHttps(value: unknown, path: readonly (string | number)[], report: Report): void {
  const url = text(value, 'url')
  if (url === undefined || /^https:/i.test(url) || isLoopbackRedirect(url)) return
  report([...path, 'url'], `received ${JSON.stringify(url.slice(0, 200))}, expected https with --production. Write the public https URL.`)
}
