import { usernameKey } from '../../core/accounts/username.ts'
import { newId } from '../../core/handles.ts'
import type { UserRecord } from '../../store/records.ts'
import type { UserConfig, WorkspaceConfig } from '../schema.ts'
import { type ApplyDeps, type Changes, isSame, plain, type Step } from './changes.ts'

const PAGE = 500
/** Each hash takes 19 MiB and a core. */
const HASHES_AT_ONCE = 4

interface WantedUser {
  readonly sourceId: string
  readonly key: string
  readonly user: UserConfig
}

/**
 * The file's users of one workspace, and of its sandboxes. A user that is there keeps password and `sub`; one that the
 * file no longer names is disabled and handed over to the console, never deleted.
 */
export async function applyUsers(
  deps: ApplyDeps,
  workspaceId: string,
  workspace: WorkspaceConfig,
  changes: Changes,
): Promise<void> {
  const { wanted, isManaged } = wantedUsers(workspace)
  if (isManaged === undefined) return
  const named = new Map(wanted.map((one) => [`${one.sourceId} ${one.key}`, one]))
  const found = new Map<string, UserRecord>()
  const dropped: UserRecord[] = []
  for await (const user of everyUser(deps, workspaceId)) {
    const key = `${user.sourceId} ${user.usernameKey}`
    if (named.has(key)) found.set(key, user)
    else if (user.owner === 'file' && isManaged(user.sourceId)) dropped.push(user)
  }
  const fresh = wanted.filter(({ sourceId, key }) => !found.has(`${sourceId} ${key}`))
  await changes.make(
    fresh.map((one) => createStep(deps, workspaceId, one)),
    HASHES_AT_ONCE,
  )
  await changes.make([
    ...[...named].flatMap(([key, { user }]) => updateStep(deps, found.get(key), user)),
    ...byName(dropped).map((user) => disableStep(deps, user)),
  ])
}

/** All users of the file in a workspace that it no longer names. */
export async function disableUsers(deps: ApplyDeps, workspaceId: string, changes: Changes): Promise<void> {
  const users: UserRecord[] = []
  for await (const user of everyUser(deps, workspaceId)) if (user.owner === 'file') users.push(user)
  await changes.make(byName(users).map((user) => disableStep(deps, user)))
}

/** Users, and of which sources the file says who belongs there; `undefined` where it says nothing about users. */
function wantedUsers(workspace: WorkspaceConfig): {
  readonly wanted: readonly WantedUser[]
  readonly isManaged: ((sourceId: string) => boolean) | undefined
} {
  const sources = workspace.identity_sources ?? [{ id: 'pool', type: 'pool' as const }]
  const sandboxes = sources.flatMap((source) =>
    source.type === 'sandbox' && source.users !== undefined ? [{ id: source.id, users: source.users }] : [],
  )
  const wanted = [
    ...(workspace.users ?? []).map((user) => want(user, user.source ?? sources[0]?.id ?? 'pool')),
    ...sandboxes.flatMap(({ id, users }) => users.map((user) => want(user, id))),
  ]
  if (workspace.users !== undefined) return { wanted, isManaged: () => true }
  if (sandboxes.length === 0) return { wanted, isManaged: undefined }
  return { wanted, isManaged: (sourceId) => sandboxes.some(({ id }) => id === sourceId) }
}

function want(user: UserConfig, sourceId: string): WantedUser {
  return { sourceId, key: usernameKey(user.username), user }
}

async function* everyUser({ store }: ApplyDeps, workspaceId: string): AsyncGenerator<UserRecord> {
  for (let after: string | undefined; ; ) {
    const page = await store.users.list(workspaceId, { limit: PAGE, after })
    yield* page
    after = page.at(-1)?.userId
    if (page.length < PAGE) return
  }
}

/** User ids are random; a report should read the same each time. */
function byName(users: readonly UserRecord[]): readonly UserRecord[] {
  return users.toSorted((a, b) => (a.usernameKey < b.usernameKey ? -1 : 1))
}

function createStep(
  { store, random, clock, hasher }: ApplyDeps,
  workspaceId: string,
  wanted: WantedUser,
): Step {
  const { user, sourceId, key } = wanted
  return {
    action: 'create',
    kind: 'user',
    id: `${workspaceId}/${sourceId}/${key}`,
    async write() {
      const passwordHash =
        user.password === undefined ? null : await hasher.hash(user.password.normalize('NFC'))
      const now = clock.now()
      await store.users.insert({
        workspaceId,
        userId: newId(random, 'usr'),
        sourceId,
        username: user.username.trim(),
        usernameKey: key,
        passwordHash,
        enabled: user.enabled ?? true,
        claims: plain(user.claims),
        clients: user.clients,
        owner: 'file',
        createdAt: now,
        updatedAt: now,
      })
    },
  }
}

/** Where the file does not say, a user of the file who was disabled in an emergency stays so. */
function updateStep(deps: ApplyDeps, before: UserRecord | undefined, user: UserConfig): readonly Step[] {
  if (before === undefined) return []
  const record: UserRecord = {
    ...before,
    username: user.username.trim(),
    enabled: user.enabled ?? (before.owner === 'file' ? before.enabled : true),
    claims: plain(user.claims),
    clients: user.clients,
    owner: 'file',
  }
  if (isSame(before, record)) return []
  return [{ action: 'update', kind: 'user', id: idOf(before), write: () => save(deps, before, record) }]
}

function disableStep(deps: ApplyDeps, user: UserRecord): Step {
  const record: UserRecord = { ...user, enabled: false, owner: 'local' }
  return { action: 'disable', kind: 'user', id: idOf(user), write: () => save(deps, user, record) }
}

/** Who may not sign in any more is signed out, and what clients were given ends. */
async function save({ store, clock }: ApplyDeps, before: UserRecord, record: UserRecord): Promise<void> {
  const now = clock.now()
  await store.users.update({ ...record, updatedAt: now })
  if (!before.enabled || record.enabled) return
  await store.sessions.deleteByUser(record.workspaceId, record.userId)
  await store.grants.revokeByUser(record.workspaceId, record.userId, null, now, 'user_disabled')
}

function idOf({ workspaceId, sourceId, usernameKey: key }: UserRecord): string {
  return `${workspaceId}/${sourceId}/${key}`
}
