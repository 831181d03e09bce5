import type { z } from 'zod'
import { describeIssues, formatProblems, type Problem } from '../../config/problems.ts'
import { checkFile } from '../../config/schema/file-rules.ts'
import { type TenantConfig, tenantSchema } from '../../config/schema/tenant.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { TenantRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'

type TenantInput = z.input<typeof tenantSchema>

/** What is there already. */
export interface Existing {
  /** The product's own base URL. */
  readonly url: string
  readonly tenants: readonly TenantRecord[]
  readonly workspaces: readonly Workspace[]
}

/**
 * Checks a new tenant by the rules of the configuration file, those between tenants included.
 *
 * @throws {AdminError} `tenant_taken`, `tenant_invalid`, `tenant_host_taken`
 */
export function checkTenant(input: TenantInput, existing: Existing): TenantConfig {
  if (existing.tenants.some(({ tenantId }) => tenantId === input.id)) throw tenantTaken(input.id)
  const parsed = tenantSchema.safeParse(input)
  const problems: Problem[] = parsed.success ? [] : describeIssues(parsed.error.issues, input, tenantSchema)
  if (isInsecure(input.url) && !isInsecure(existing.url)) {
    problems.push({
      path: ['url'],
      text: `received ${JSON.stringify(input.url)}, expected https as in ${existing.url}.`,
    })
  }
  if (parsed.success) {
    refuseTakenHosts(parsed.data, existing)
    problems.push(...betweenTenants(parsed.data, existing))
  }
  if (parsed.success && problems.length === 0) return parsed.data
  throw new AdminError('tenant_invalid', 'A tenant cannot be made like this.', {
    problems: formatProblems(problems),
  })
}

export function tenantTaken(id: string): AdminError {
  return new AdminError('tenant_taken', `There is a tenant ${id} already.`, {
    received: id,
    fix: 'Choose another id; pixy tenant list shows those there are.',
  })
}

function isInsecure(url: string | undefined): boolean {
  return url?.startsWith('http:') === true
}

/**
 * Under the product's own host tenants share it, each with its path. A host that somebody named for a tenant is that
 * tenant's alone: cookies and origins would be common to both.
 */
function refuseTakenHosts({ id, url, hosts }: TenantConfig, existing: Existing): void {
  const holders = new Map<string, string>([[new URL(existing.url).host, 'the server itself']])
  for (const tenant of existing.tenants) {
    const own = tenant.url === null ? [] : [new URL(tenant.url).host]
    for (const host of [...own, ...tenant.hosts])
      holders.set(host.toLowerCase(), `the tenant ${tenant.tenantId}`)
  }
  const wanted = [...(url === undefined ? [] : [new URL(url).host]), ...hosts]
  const taken = wanted.find((host) => holders.has(host))
  if (taken === undefined) return
  throw new AdminError('tenant_host_taken', `The host ${taken} answers for ${holders.get(taken)} already.`, {
    received: taken,
    fix: `Choose another host, or leave --url and --host out: ${id} is then a path of ${existing.url}.`,
  })
}

/** No issuer takes another's place or hides its endpoints, and none that of the product's own paths. */
function betweenTenants(tenant: TenantConfig, { url, tenants, workspaces }: Existing): readonly Problem[] {
  const asInFile = tenants.map(({ tenantId, url: own, hosts }) => ({
    id: tenantId,
    hosts,
    ...(own === null ? {} : { url: own }),
    workspaces: workspaces
      .filter(({ record }) => record.tenantId === tenantId)
      .map(({ record }) => ({ id: record.id, path: record.path === '' ? '/' : record.path })),
  }))
  const problems: Problem[] = []
  checkFile({ url, tenants: [...asInFile, tenant] }, (path, text) => {
    if (path[0] === 'tenants' && path[1] === asInFile.length) problems.push({ path: path.slice(2), text })
  })
  return problems
}
