import type { AdminDeps } from '../operation.ts'
import type { FoundUser } from './find-user.ts'

/** Signs a user out everywhere: ends their sessions, and their grants with every token of them. */
export async function endAccess(
  deps: AdminDeps,
  { workspace, user }: FoundUser,
  reason: string,
): Promise<void> {
  await deps.store.sessions.deleteByUser(workspace.id, user.userId)
  await deps.store.grants.revokeByUser(workspace.id, user.userId, null, deps.clock.now(), reason)
}
