import { providerSecretContext } from '../../core/federation/provider.ts'
import type { IdentitySourceSetting, WorkspaceSettings } from '../../store/records.ts'
import type { IdentitySourceConfig, WorkspaceConfig } from '../schema.ts'
import type { ApplyDeps } from './changes.ts'

/** Where accounts come from, with our secrets at other providers sealed. */
export function identitySources(
  deps: Pick<ApplyDeps, 'vault'>,
  workspaceId: string,
  workspace: WorkspaceConfig,
  before: WorkspaceSettings | undefined,
): readonly IdentitySourceSetting[] {
  const stored = before?.identity_sources
  if (workspace.identity_sources === undefined) return stored ?? [{ id: 'pool', type: 'pool' }]
  return workspace.identity_sources.map((source) =>
    setting(
      deps,
      workspaceId,
      source,
      stored?.find(({ id }) => id === source.id),
    ),
  )
}

function setting(
  deps: Pick<ApplyDeps, 'vault'>,
  workspaceId: string,
  source: IdentitySourceConfig,
  before: IdentitySourceSetting | undefined,
): IdentitySourceSetting {
  const { id, type, name } = source
  if (type !== 'oidc') return { id, type, name }
  const { issuer, client_id, client_secret, scope } = source
  const context = providerSecretContext(workspaceId, id, issuer)
  return {
    ...{ id, type, name, issuer, client_id, scope },
    client_secret_sealed:
      client_secret === undefined
        ? undefined
        : sealOnce(deps, client_secret, context, before?.client_secret_sealed),
  }
}

/** Sealing gives another text each time: a secret that has not changed keeps the one it has. */
function sealOnce(
  { vault }: Pick<ApplyDeps, 'vault'>,
  secret: string,
  context: string,
  before: string | undefined,
): string {
  if (before !== undefined) {
    try {
      if (vault.open(before, context) === secret) return before
    } catch {
      // Sealed under a master secret that is gone: sealed anew, from the file.
    }
  }
  return vault.seal(secret, context)
}
