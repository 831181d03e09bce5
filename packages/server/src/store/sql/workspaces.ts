import type { WorkspaceRecord } from '../records.ts'
import type { WorkspaceStore } from '../store.ts'
import { changeConfiguration } from './configuration-version.ts'
import type { SqlEngine } from './engine.ts'
import type { WorkspaceRow } from './schema.ts'
import { fromJson, toJson } from './values.ts'

/** Everything that lives in a workspace ends with it. */
const TABLES = [
  'clients',
  'client_secrets',
  'client_deviations',
  'users',
  'linked_identities',
  'sessions',
  'interactions',
  'consents',
  'authorization_codes',
  'device_codes',
  'grants',
  'refresh_families',
  'access_tokens',
  'once_only',
  'signing_keys',
  'throttles',
  'flow_events',
] as const

export const workspaceStore = (engine: SqlEngine): WorkspaceStore => ({
  async list() {
    const rows = await engine.db.selectFrom('workspaces').selectAll().orderBy('workspace_id').execute()
    return rows.map(toWorkspace)
  },

  async put(workspace) {
    const row = fromWorkspace(workspace)
    const { workspace_id: _key, secrets_sealed: _kept, ...changes } = row
    const query = engine.db
      .insertInto('workspaces')
      .values(row)
      .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet(changes))
    await changeConfiguration(engine, { query: query.compile() })
  },

  async delete(workspaceId) {
    const contents = TABLES.map((table) => ({
      query: engine.db.deleteFrom(table).where('workspace_id', '=', workspaceId).compile(),
    }))
    const query = engine.db.deleteFrom('workspaces').where('workspace_id', '=', workspaceId)
    await changeConfiguration(engine, ...contents, { query: query.compile() })
  },
})

function toWorkspace(row: WorkspaceRow): WorkspaceRecord {
  return {
    workspaceId: row.workspace_id,
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    path: row.path,
    settings: fromJson(row.settings),
    secretsSealed: row.secrets_sealed,
    owner: row.owner,
  }
}

export function fromWorkspace(workspace: WorkspaceRecord): WorkspaceRow {
  return {
    workspace_id: workspace.workspaceId,
    tenant_id: workspace.tenantId,
    id: workspace.id,
    name: workspace.name,
    path: workspace.path,
    settings: toJson(workspace.settings),
    secrets_sealed: workspace.secretsSealed,
    owner: workspace.owner,
  }
}
