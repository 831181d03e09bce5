import { ensureKeys } from '../../core/keys/rotation.ts'
import type { ApplyDeps, Changes } from './changes.ts'
import type { Managed } from './tenants.ts'

/** Sees that every workspace can sign with each of its algorithms. */
export async function applyKeys(
  deps: ApplyDeps,
  managed: readonly Managed[],
  changes: Changes,
): Promise<void> {
  if (changes.isPlan) return
  for (const { workspaceId, workspace } of managed) {
    const made = await ensureKeys(deps, workspaceId, workspace.signing_algs)
    await changes.make(
      made.map(({ kid }) => ({
        action: 'create',
        kind: 'signing_key',
        id: `${workspaceId}/${kid}`,
        write: async () => {},
      })),
    )
  }
}
