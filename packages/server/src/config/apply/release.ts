import type { WorkspaceRecord } from '../../store/records.ts'
import type { ApplyDeps, Changes } from './changes.ts'
import { applyClients, everyClient } from './clients.ts'
import { disableUsers } from './users.ts'

/**
 * Workspaces that the file made and no longer names. An empty one is deleted. One that holds users, or clients of other
 * origin, is kept, since nothing brings those back: the file's clients go, its users are disabled, and the rest is
 * handed over to the console, closed to new users and clients.
 *
 * @returns the ids of those that are deleted
 */
export async function releaseWorkspaces(
  deps: ApplyDeps,
  dropped: readonly WorkspaceRecord[],
  moved: ReadonlyMap<string, string>,
  changes: Changes,
): Promise<ReadonlySet<string>> {
  const { store } = deps
  const deleted = new Set<string>()
  for (const record of dropped) {
    const { workspaceId } = record
    if (await isEmpty(deps, workspaceId)) {
      deleted.add(workspaceId)
      await changes.make([
        {
          action: 'delete',
          kind: 'workspace',
          id: workspaceId,
          write: () => store.workspaces.delete(workspaceId),
        },
      ])
      continue
    }
    const released = closed({ ...record, path: moved.get(workspaceId) ?? record.path, owner: 'local' })
    await applyClients(deps, workspaceId, [], changes)
    await disableUsers(deps, workspaceId, changes)
    await changes.make([
      { action: 'release', kind: 'workspace', id: workspaceId, write: () => store.workspaces.put(released) },
    ])
    const where = released.path === record.path ? '' : ` It is now at ${released.path}.`
    changes.warn(
      `The workspace ${workspaceId} is no longer in the configuration file. It holds users or clients, so it was kept and closed.${where}`,
    )
  }
  return deleted
}

/** Whether nothing is lost with it: no user, and no client but the file's. */
async function isEmpty(deps: ApplyDeps, workspaceId: string): Promise<boolean> {
  const [user] = await deps.store.users.list(workspaceId, { limit: 1 })
  if (user) return false
  return (await everyClient(deps.store, workspaceId)).every(({ owner }) => owner === 'file')
}

/** Security: the demo's open sign-up and registration must not live on in a server that was set up for real. */
function closed(record: WorkspaceRecord): WorkspaceRecord {
  return {
    ...record,
    settings: {
      ...record.settings,
      registration: 'off',
      client_id_metadata_documents: false,
      loopback_resources: false,
      sign_up: 'closed',
    },
  }
}
