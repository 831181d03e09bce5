import type { WorkspaceConfig } from '../schema.ts'
import type { ApplyDeps, Changes } from './changes.ts'
import { everyClient } from './clients.ts'

/**
 * Says which clients of the atm dialect get no tokens any more, since the file took away the algorithm that theirs are signed
 * with. The rules of the file see its own clients alone; these were made elsewhere.
 */
export async function warnOfMissingKeys(
  { store }: ApplyDeps,
  workspaceId: string,
  { signing_algs }: WorkspaceConfig,
  changes: Changes,
): Promise<void> {
  if (signing_algs.includes('RS256')) return
  for (const { clientId, metadata, owner } of await everyClient(store, workspaceId)) {
    if (owner !== 'local' || !metadata.dialects?.includes('atm')) continue
    changes.warn(
      `The client ${clientId} of ${workspaceId} lists the dialect atm, whose access tokens are signed by RS256, which signing_algs does not name: it gets no tokens. Add "RS256", or: pixy client update ${clientId} --workspace ${workspaceId} --remove-dialect atm`,
    )
  }
}
