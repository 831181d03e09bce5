import type { TenantRecord } from '../records.ts'
import type { TenantStore } from '../store.ts'
import { changeConfiguration } from './configuration-version.ts'
import type { SqlEngine } from './engine.ts'
import { createTenant } from './new-tenant.ts'
import type { TenantRow } from './schema.ts'
import { fromJson, toJson } from './values.ts'

export const tenantStore = (engine: SqlEngine): TenantStore => ({
  async list() {
    const rows = await engine.db.selectFrom('tenants').selectAll().orderBy('tenant_id').execute()
    return rows.map(toTenant)
  },

  async put(tenant) {
    const { tenant_id, ...values } = fromTenant(tenant)
    const query = engine.db
      .insertInto('tenants')
      .values({ tenant_id, ...values })
      .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    await changeConfiguration(engine, { query: query.compile() })
  },

  create: (made) => createTenant(engine, made),

  async delete(tenantId) {
    const query = engine.db.deleteFrom('tenants').where('tenant_id', '=', tenantId)
    await changeConfiguration(engine, { query: query.compile(), expectRows: 1 })
  },
})

function toTenant(row: TenantRow): TenantRecord {
  return {
    tenantId: row.tenant_id,
    name: row.name,
    url: row.url,
    hosts: fromJson(row.hosts),
    owner: row.owner,
  }
}

export function fromTenant(tenant: TenantRecord): TenantRow {
  return {
    tenant_id: tenant.tenantId,
    name: tenant.name,
    url: tenant.url,
    hosts: toJson(tenant.hosts),
    owner: tenant.owner,
  }
}
