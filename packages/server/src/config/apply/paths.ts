import type { TenantRecord, WorkspaceRecord } from '../../store/records.ts'
import { ConfigError } from '../config-error.ts'
import { defaultPath } from '../schema/tenant.ts'
import type { PixyConfig } from '../schema.ts'
import { storedPath } from './workspace-record.ts'

/**
 * Sees that no two issuers share host and path. A workspace that the file no longer names gives way, to its default
 * path; one that was made elsewhere does not.
 *
 * @returns the new paths of dropped workspaces, by workspace id
 * @throws {ConfigError}
 */
export function claimPaths(
  config: PixyConfig,
  storedTenants: readonly TenantRecord[],
  stored: readonly WorkspaceRecord[],
  dropped: readonly WorkspaceRecord[],
): ReadonlyMap<string, string> {
  const hosts = hostsByTenant(config, storedTenants)
  const issuersOf = (tenantId: string, path: string) =>
    (hosts.get(tenantId) ?? []).map((host) => `${host}${path}`)
  const claimed = new Map<string, string>()
  const named = new Map<string, string>()
  for (const [index, tenant] of (config.tenants ?? []).entries()) {
    for (const [at, workspace] of (tenant.workspaces ?? []).entries()) {
      named.set(`${tenant.id}:${workspace.id}`, `tenants[${index}].workspaces[${at}].path`)
      for (const issuer of issuersOf(tenant.id, storedPath(workspace.path)))
        claimed.set(issuer, `${tenant.id}:${workspace.id}`)
    }
  }
  const problems: string[] = []
  const moved = new Map<string, string>()
  for (const record of stored) {
    if (named.has(record.workspaceId)) continue
    const takenBy = holderOf(claimed, issuersOf(record.tenantId, record.path))
    if (takenBy === undefined) continue
    const path = defaultPath(record.tenantId, record.id)
    if (dropped.includes(record) && holderOf(claimed, issuersOf(record.tenantId, path)) === undefined) {
      moved.set(record.workspaceId, path)
      continue
    }
    const received = JSON.stringify(record.path === '' ? '/' : record.path)
    problems.push(
      `${named.get(takenBy) ?? takenBy}: received ${received}, which is the path of the workspace ${record.workspaceId}, made outside the file. Choose another path, or delete that workspace.`,
    )
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return moved
}

function holderOf(claimed: ReadonlyMap<string, string>, issuers: readonly string[]): string | undefined {
  return issuers.map((issuer) => claimed.get(issuer)).find((holder) => holder !== undefined)
}

/** The hosts that answer for each tenant; what the file says about one wins. */
function hostsByTenant(
  config: PixyConfig,
  stored: readonly TenantRecord[],
): ReadonlyMap<string, readonly string[]> {
  const hostsOf = (url: string | null | undefined, hosts: readonly string[]) => [
    new URL(url ?? config.url).host,
    ...hosts,
  ]
  return new Map([
    ...stored.map(({ tenantId, url, hosts }) => [tenantId, hostsOf(url, hosts)] as const),
    ...(config.tenants ?? []).map(({ id, url, hosts }) => [id, hostsOf(url, hosts)] as const),
  ])
}
