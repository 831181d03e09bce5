import { z } from 'zod'
import { usernameKey } from '../../core/accounts/username.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { UserRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import type { AdminDeps } from '../operation.ts'
import { shortText } from '../text.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'

/** Names one user, by username or `usr_…` id. */
export const userReference = z.strictObject({
  workspace: workspaceName,
  /** Identity source; without it every one is looked in. */
  source: shortText.optional(),
  user: shortText,
})

export interface FoundUser {
  readonly workspace: Workspace
  readonly user: UserRecord
}

/** @throws {AdminError} `user_unknown`, `user_ambiguous` */
export async function getUser(
  deps: AdminDeps,
  { workspace: name, source, user: wanted }: z.output<typeof userReference>,
): Promise<FoundUser> {
  const found: FoundUser[] = []
  for (const workspace of chosenWorkspaces(deps, name)) {
    const users = await matchingUsers(deps, workspace, source, wanted)
    found.push(...users.map((user) => ({ workspace, user })))
  }
  const [first, second] = found
  if (first && !second) return first
  if (!first) {
    throw new AdminError('user_unknown', 'There is no such user.', {
      received: wanted,
      fix: 'See the users there are: pixy user list',
    })
  }
  throw new AdminError('user_ambiguous', `There are several users ${wanted}: say which one.`, {
    expected: found
      .map(({ workspace, user }) => `${user.userId} (${workspace.id}, ${user.sourceId})`)
      .join(', '),
    fix: 'Use the id, or add --workspace or --source.',
  })
}

async function matchingUsers(
  { store }: AdminDeps,
  workspace: Workspace,
  source: string | undefined,
  wanted: string,
): Promise<readonly UserRecord[]> {
  const users: UserRecord[] = []
  const byId = await store.users.find(workspace.id, wanted)
  if (byId) users.push(byId)
  const key = usernameKey(wanted)
  if (key === '') return users
  for (const { id } of workspace.settings.identity_sources) {
    if (source !== undefined && source !== id) continue
    const user = await store.users.findByUsername(workspace.id, id, key)
    if (user && user.userId !== byId?.userId) users.push(user)
  }
  return users
}
