import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'
import { type KeyView, keyViews } from './key-view.ts'

export const listKeys = defineOperation({
  name: 'keys.list',
  summary: 'Lists signing keys with their timetable.',
  writes: false,
  input: z.strictObject({ workspace: workspaceName }),

  async run(deps, { workspace: name }): Promise<{ readonly keys: readonly KeyView[] }> {
    const now = deps.clock.now()
    const keys: KeyView[] = []
    for (const workspace of chosenWorkspaces(deps, name)) {
      const records = await deps.store.keys.list(workspace.id)
      keys.push(...keyViews(workspace, records, now))
    }
    return { keys }
  },
})
