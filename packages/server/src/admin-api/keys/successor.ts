import { longestLives } from '../../core/keys/longest-lives.ts'
import { rotateKeys } from '../../core/keys/rotation.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { Seconds } from '../../protocol/types.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'
import type { AdminDeps } from '../operation.ts'

/** The key of this algorithm that is published and waits for its turn. */
export function waitingKey(
  keys: readonly SigningKeyRecord[],
  alg: SigningAlgorithm,
  now: number,
): SigningKeyRecord | undefined {
  return keys.find((key) => key.alg === alg && key.state !== 'revoked' && key.activateAt > now)
}

/** Publishes a key that signs after `lead` seconds, and plans the end of those before it. */
export async function publishKey(
  deps: AdminDeps,
  workspace: Workspace,
  alg: SigningAlgorithm,
  lead: Seconds,
): Promise<readonly SigningKeyRecord[]> {
  const lives = await longestLives(deps.store, workspace)
  return rotateKeys(deps, { workspaceId: workspace.id, algs: [alg], lead, ...lives })
}

/** Lets a waiting key sign at once. */
export async function bringForward(deps: AdminDeps, key: SigningKeyRecord): Promise<SigningKeyRecord> {
  const activateAt = deps.clock.now()
  await deps.store.keys.setState(key.workspaceId, key.kid, key.state, 'active', { activateAt })
  return { ...key, state: 'active', activateAt }
}
