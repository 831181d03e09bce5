import { z } from 'zod'
import { userSchema } from '../../config/schema.ts'
import { usernameKey } from '../../core/accounts/username.ts'
import { newId } from '../../core/handles.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { UserRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import { defineOperation } from '../operation.ts'
import { shortText } from '../text.ts'
import { getWorkspace, workspaceName } from '../workspaces.ts'
import { hashNewPassword, passwordText } from './password.ts'
import { type UserView, userView } from './user-view.ts'

export interface CreatedUser {
  readonly user: UserView
  /** `false`: the name was taken already, and nothing was changed. */
  readonly created: boolean
}

export const createUser = defineOperation({
  name: 'user.create',
  summary: 'Creates a user. The password is held to the policy.',
  writes: true,
  input: z.strictObject({
    workspace: workspaceName,
    /** Default: the first source of the workspace that keeps users itself. */
    source: shortText.optional(),
    username: shortText,
    /** Absent: the user cannot sign in until one is set. */
    password: passwordText.optional(),
    /** OIDC Core §5.1, and claims of your own. */
    claims: userSchema.shape.claims,
    /** Clients the user is assigned to. */
    clients: z.array(shortText).max(1000).default([]),
    if_missing: z.boolean().default(false),
  }),

  async run(deps, input): Promise<CreatedUser> {
    const workspace = getWorkspace(deps, input.workspace)
    const sourceId = getSource(workspace, input.source)
    const username = input.username.trim()
    const key = usernameKey(username)
    if (key === '')
      throw new AdminError('username_invalid', 'This cannot be a username.', { received: username })
    const existing = await deps.store.users.findByUsername(workspace.id, sourceId, key)
    if (existing && input.if_missing) return { user: userView(workspace, existing), created: false }
    if (existing) throw taken(username)
    const { password, claims } = input
    const personal = [username, ...Object.values(claims).filter((claim) => typeof claim === 'string')]
    const now = deps.clock.now()
    const record: UserRecord = {
      workspaceId: workspace.id,
      userId: newId(deps.random, 'usr'),
      sourceId,
      username,
      usernameKey: key,
      passwordHash: password === undefined ? null : await hashNewPassword(deps, password, personal),
      enabled: true,
      claims: username.includes('@') ? { email: username, email_verified: false, ...claims } : claims,
      clients: input.clients,
      owner: 'local',
      createdAt: now,
      updatedAt: now,
    }
    if (!(await deps.store.users.insert(record))) throw taken(username)
    return { user: userView(workspace, record), created: true }
  },
})

function taken(username: string): AdminError {
  return new AdminError('username_taken', `There is a user ${username} already.`, {
    fix: 'Choose another name, or pass --if-missing to leave the user as they are.',
  })
}

function getSource({ settings }: Workspace, name: string | undefined): string {
  const sources = settings.identity_sources
  const own = sources.filter(({ type }) => type !== 'oidc')
  const found = name === undefined ? own[0] : own.find(({ id }) => id === name)
  if (found) return found.id
  throw new AdminError('source_unknown', 'The workspace keeps no users in such a source.', {
    received: name,
    expected: own.map(({ id }) => id).join(', '),
  })
}
