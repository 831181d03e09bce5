import { z } from 'zod'
import { revokeKey } from '../../core/keys/rotation.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { SigningKeyRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'
import { shortText } from '../text.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'
import { type KeyView, keyView } from './key-view.ts'
import { bringForward, publishKey, waitingKey } from './successor.ts'

export interface RetiredKey {
  readonly key: KeyView
  /** Where it was the one that signed: the key that signs now. */
  readonly successor?: KeyView
}

export const retireKey = defineOperation({
  name: 'keys.retire',
  summary: 'Takes a key out of use at once (a leaked key): every token it signed is refused from now on.',
  writes: true,
  input: z.strictObject({ workspace: workspaceName, kid: shortText }),

  async run(deps, input): Promise<RetiredKey> {
    const { workspace, key, all } = await getKey(deps, input.workspace, input.kid)
    const state = keyView(workspace, key, all, deps.clock.now()).state
    if (state === 'revoked') {
      throw new AdminError('key_revoked', `${key.kid} is out of use already.`)
    }
    // A workspace that cannot sign cannot serve: the successor comes first.
    const successor = state === 'active' ? await succeed(deps, workspace, key, all) : undefined
    const [current = key] = (await deps.store.keys.list(workspace.id)).filter(({ kid }) => kid === key.kid)
    await revokeKey(deps, current)
    const records = await deps.store.keys.list(workspace.id)
    const view = (record: SigningKeyRecord) => keyView(workspace, record, records, deps.clock.now())
    const [retired = current] = records.filter(({ kid }) => kid === key.kid)
    return { key: view(retired), ...(successor ? { successor: view(successor) } : {}) }
  },
})

async function succeed(
  deps: AdminDeps,
  workspace: Workspace,
  key: SigningKeyRecord,
  all: readonly SigningKeyRecord[],
): Promise<SigningKeyRecord | undefined> {
  const waiting = waitingKey(all, key.alg, deps.clock.now())
  if (waiting) return bringForward(deps, waiting)
  return (await publishKey(deps, workspace, key.alg, 0))[0]
}

async function getKey(deps: AdminDeps, name: string | undefined, kid: string) {
  for (const workspace of chosenWorkspaces(deps, name)) {
    const all = await deps.store.keys.list(workspace.id)
    const key = all.find((record) => record.kid === kid)
    if (key) return { workspace, key, all }
  }
  throw new AdminError('key_unknown', 'There is no such key.', {
    received: kid,
    fix: 'See the keys there are: pixy keys list',
  })
}
