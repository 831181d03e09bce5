import { z } from 'zod'
import { ROTATION_LEAD } from '../../core/keys/rotation.ts'
import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../../store/records.ts'
import { AdminError } from '../admin-error.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'
import { type KeyView, keyViews } from './key-view.ts'
import { bringForward, publishKey, waitingKey } from './successor.ts'

export interface RotatedKeys {
  /** The new keys. */
  readonly published: readonly KeyView[]
  /** All keys of the workspaces, with their timetable. */
  readonly keys: readonly KeyView[]
}

export const rotateSigningKeys = defineOperation({
  name: 'keys.rotate',
  summary:
    'Publishes new signing keys, lets them sign once every cache has seen them, and plans the end of the old.',
  writes: true,
  input: z.strictObject({
    workspace: workspaceName,
    /** Default: every algorithm of the workspace. */
    alg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).optional(),
    /** The new keys sign at once: APIs that cached the JWKS refuse tokens until they read it again. */
    now: z.boolean().default(false),
  }),

  async run(deps, input): Promise<RotatedKeys> {
    const published: KeyView[] = []
    const keys: KeyView[] = []
    for (const workspace of chosenWorkspaces(deps, input.workspace)) {
      const made = await rotateWorkspace(deps, workspace, input)
      const records = await deps.store.keys.list(workspace.id)
      const views = keyViews(workspace, records, deps.clock.now())
      keys.push(...views)
      published.push(...views.filter(({ kid }) => made.some((key) => key.kid === kid)))
    }
    return { published, keys }
  },
})

async function rotateWorkspace(
  deps: AdminDeps,
  workspace: Workspace,
  { alg, now }: { readonly alg?: SigningAlgorithm | undefined; readonly now: boolean },
): Promise<readonly SigningKeyRecord[]> {
  const algs = workspace.settings.signing_algs.filter((own) => alg === undefined || own === alg)
  if (algs.length === 0) {
    throw new AdminError(
      'algorithm_unknown',
      `The workspace ${workspace.id} does not sign with this algorithm.`,
      {
        received: alg,
        expected: workspace.settings.signing_algs.join(', '),
      },
    )
  }
  const records = await deps.store.keys.list(workspace.id)
  const made: SigningKeyRecord[] = []
  for (const own of algs) {
    const waiting = waitingKey(records, own, deps.clock.now())
    // A second key behind a waiting one would end the waiting one while it still signs.
    if (waiting && !now) throw underWay(waiting)
    if (waiting) made.push(await bringForward(deps, waiting))
    else made.push(...(await publishKey(deps, workspace, own, now ? 0 : ROTATION_LEAD)))
  }
  return made
}

function underWay(waiting: SigningKeyRecord): AdminError {
  const from = new Date(waiting.activateAt * 1000).toISOString()
  return new AdminError('rotation_under_way', `A rotation is under way: ${waiting.kid} signs from ${from}.`, {
    fix: 'Wait, or let it sign at once: pixy keys rotate --now',
  })
}
