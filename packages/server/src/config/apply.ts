import { type ApplyDeps, type ApplyReport, Changes } from './apply/changes.ts'
import { applyClients } from './apply/clients.ts'
import { applyKeys } from './apply/keys.ts'
import { warnOfMissingKeys } from './apply/missing-keys.ts'
import { applyTenants } from './apply/tenants.ts'
import { applyUsers } from './apply/users.ts'
import type { PixyConfig } from './schema.ts'

export type { ApplyDeps, ApplyReport, Change } from './apply/changes.ts'

export interface ApplyOptions {
  /** Says what would change, and changes nothing (`pixy config plan`). */
  readonly plan?: boolean | undefined
}

/**
 * Brings the store to what the configuration says (`contract.md` §2). What the file names is owned by the file; a
 * section that is absent is left alone; of the rest only what an earlier version of the file made is taken away:
 * clients are deleted, users disabled, and a tenant or workspace that holds anything is handed over to the console,
 * closed. A second call changes nothing, and every step may be repeated after a crash.
 *
 * @throws {ConfigError} where a path of the file belongs to a workspace that was made elsewhere
 */
export async function applyConfig(
  deps: ApplyDeps,
  config: PixyConfig,
  options: ApplyOptions = {},
): Promise<ApplyReport> {
  const changes = new Changes(options.plan ?? false)
  if (config.tenants === undefined) return changes.report()
  const managed = await applyTenants(deps, config, changes)
  await applyKeys(deps, managed, changes)
  for (const { workspaceId, workspace } of managed) {
    if (workspace.clients) await applyClients(deps, workspaceId, workspace.clients, changes)
    await applyUsers(deps, workspaceId, workspace, changes)
    await warnOfMissingKeys(deps, workspaceId, workspace, changes)
  }
  return changes.report()
}
