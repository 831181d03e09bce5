import type { TenantRecord, WorkspaceRecord } from '../../store/records.ts'
import type { PixyConfig, TenantConfig, WorkspaceConfig } from '../schema.ts'
import { type ApplyDeps, type Changes, isSame, type Step } from './changes.ts'
import { claimPaths } from './paths.ts'
import { releaseWorkspaces } from './release.ts'
import { workspaceRecord } from './workspace-record.ts'

/** A workspace of the file, as it is in the store now. */
export interface Managed {
  readonly workspaceId: string
  readonly workspace: WorkspaceConfig
}

/** Tenants and workspaces: those that the file names, then those that it no longer names. */
export async function applyTenants(
  deps: ApplyDeps,
  config: PixyConfig,
  changes: Changes,
): Promise<readonly Managed[]> {
  const { store } = deps
  const tenants = config.tenants ?? []
  const [storedTenants, stored] = await Promise.all([store.tenants.list(), store.workspaces.list()])
  const managed = tenants.flatMap((tenant) =>
    (tenant.workspaces ?? []).map((workspace) => ({
      tenant,
      workspaceId: `${tenant.id}:${workspace.id}`,
      workspace,
    })),
  )
  const named = new Set(managed.map(({ workspaceId }) => workspaceId))
  const dropped = stored.filter(
    (record) => record.owner === 'file' && !named.has(record.workspaceId) && isManaged(tenants, record),
  )
  const moved = claimPaths(config, storedTenants, stored, dropped)

  await changes.make(tenants.flatMap((tenant) => tenantStep(deps, tenant, storedTenants)))
  const deleted = await releaseWorkspaces(deps, dropped, moved, changes)
  await changes.make(
    managed.flatMap(({ tenant, workspace }) => workspaceStep(deps, tenant, workspace, stored)),
  )

  const left = stored.filter(({ workspaceId }) => !deleted.has(workspaceId))
  const gone = storedTenants.filter(
    ({ owner, tenantId }) => owner === 'file' && !tenants.some(({ id }) => id === tenantId),
  )
  await changes.make(gone.map((tenant) => dropTenant(deps, tenant, left)))
  return managed
}

/** Whether the file says which workspaces the tenant has: it lists them, or names the tenant no longer. */
function isManaged(tenants: readonly TenantConfig[], { tenantId }: WorkspaceRecord): boolean {
  const tenant = tenants.find(({ id }) => id === tenantId)
  return tenant === undefined || tenant.workspaces !== undefined
}

function tenantStep(
  { store }: ApplyDeps,
  tenant: TenantConfig,
  stored: readonly TenantRecord[],
): readonly Step[] {
  const record: TenantRecord = {
    tenantId: tenant.id,
    name: tenant.name,
    url: tenant.url ?? null,
    hosts: tenant.hosts,
    owner: 'file',
  }
  const before = stored.find(({ tenantId }) => tenantId === tenant.id)
  if (before && isSame(before, record)) return []
  const action = before ? 'update' : 'create'
  return [{ action, kind: 'tenant', id: tenant.id, write: () => store.tenants.put(record) }]
}

function workspaceStep(
  deps: ApplyDeps,
  tenant: TenantConfig,
  workspace: WorkspaceConfig,
  stored: readonly WorkspaceRecord[],
): readonly Step[] {
  const workspaceId = `${tenant.id}:${workspace.id}`
  const before = stored.find((record) => record.workspaceId === workspaceId)
  const record = workspaceRecord(deps, tenant.id, workspace, before)
  if (before && isSame(before, record)) return []
  const action = before ? 'update' : 'create'
  return [{ action, kind: 'workspace', id: workspaceId, write: () => deps.store.workspaces.put(record) }]
}

/** A tenant goes with its last workspace; while one is left it is handed over. */
function dropTenant({ store }: ApplyDeps, tenant: TenantRecord, left: readonly WorkspaceRecord[]): Step {
  const id = tenant.tenantId
  if (left.some(({ tenantId }) => tenantId === id)) {
    return {
      action: 'release',
      kind: 'tenant',
      id,
      write: () => store.tenants.put({ ...tenant, owner: 'local' }),
    }
  }
  return { action: 'delete', kind: 'tenant', id, write: () => store.tenants.delete(id) }
}
