import { newHandle } from '../../core/handles.ts'
import { secretsContext } from '../../core/workspaces/directory.ts'
import type { WorkspaceSecrets } from '../../core/workspaces/workspace.ts'
import type { WorkspaceRecord, WorkspaceSettings } from '../../store/records.ts'
import type { WorkspaceConfig } from '../schema.ts'
import type { ApplyDeps } from './changes.ts'
import { identitySources } from './identity-sources.ts'

/** The record that the file asks for. What it derives from is made once, and kept. */
export function workspaceRecord(
  deps: Pick<ApplyDeps, 'random' | 'vault'>,
  tenantId: string,
  workspace: WorkspaceConfig,
  before: WorkspaceRecord | undefined,
): WorkspaceRecord {
  const workspaceId = `${tenantId}:${workspace.id}`
  return {
    workspaceId,
    tenantId,
    id: workspace.id,
    name: workspace.name,
    path: storedPath(workspace.path),
    settings: settingsOf(deps, workspaceId, workspace, before?.settings),
    secretsSealed: before?.secretsSealed ?? sealSecrets(deps, workspaceId),
    owner: 'file',
  }
}

/** `''` for the root: an issuer has no slash at its end. */
export function storedPath(path: string): string {
  return path === '/' ? '' : path
}

function sealSecrets({ random, vault }: Pick<ApplyDeps, 'random' | 'vault'>, workspaceId: string): string {
  const secrets: WorkspaceSecrets = { pairwiseSalt: newHandle(random), tagKey: newHandle(random) }
  return vault.seal(JSON.stringify(secrets), secretsContext(workspaceId))
}

/** Sections that the file leaves out keep what is stored; plain values have defaults. */
function settingsOf(
  deps: Pick<ApplyDeps, 'vault'>,
  workspaceId: string,
  workspace: WorkspaceConfig,
  before: WorkspaceSettings | undefined,
): WorkspaceSettings {
  const { signing_algs, lifetimes, default_scope, access_token_format, registration, sign_up } = workspace
  return {
    signing_algs,
    lifetimes,
    scopes: workspace.scopes ?? before?.scopes ?? [],
    default_scope,
    access_token_format,
    registration,
    client_id_metadata_documents: workspace.client_id_metadata_documents,
    resources: workspace.resources ?? before?.resources ?? [],
    loopback_resources: workspace.loopback_resources,
    identity_sources: identitySources(deps, workspaceId, workspace, before),
    sign_up,
    branding: workspace.branding ?? before?.branding ?? {},
  }
}
