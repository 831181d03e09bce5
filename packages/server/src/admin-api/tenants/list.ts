import { z } from 'zod'
import type { Owner } from '../../store/records.ts'
import { defineOperation } from '../operation.ts'

export interface TenantView {
  readonly tenant_id: string
  readonly name: string
  readonly url: string | null
  readonly owner: Owner
  readonly workspaces: ReadonlyArray<{ readonly id: string; readonly name: string; readonly issuer: string }>
}

export const listTenants = defineOperation({
  name: 'tenant.list',
  summary: 'Lists tenants with their workspaces and issuers.',
  writes: false,
  input: z.strictObject({}),

  async run(deps): Promise<{ readonly tenants: readonly TenantView[] }> {
    const workspaces = deps.workspaces.list()
    const tenants = (await deps.store.tenants.list()).map(({ tenantId, name, url, owner }) => ({
      tenant_id: tenantId,
      name,
      url,
      owner,
      workspaces: workspaces
        .filter(({ record }) => record.tenantId === tenantId)
        .map(({ id, record, issuer }) => ({ id, name: record.name, issuer })),
    }))
    return { tenants }
  },
})
