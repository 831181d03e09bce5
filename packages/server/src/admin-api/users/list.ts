import { z } from 'zod'
import { usernameKey } from '../../core/accounts/username.ts'
import { defineOperation } from '../operation.ts'
import { readAll } from '../pages.ts'
import { listLimit, shortText } from '../text.ts'
import { chosenWorkspaces, workspaceName } from '../workspaces.ts'
import { type UserView, userView } from './user-view.ts'

export const listUsers = defineOperation({
  name: 'user.list',
  summary: 'Lists users, those whose name begins with a text where one is given.',
  writes: false,
  input: z.strictObject({ workspace: workspaceName, search: shortText.optional(), limit: listLimit }),

  async run(deps, input): Promise<{ readonly users: readonly UserView[] }> {
    const search = input.search === undefined ? undefined : usernameKey(input.search)
    const users: UserView[] = []
    for (const workspace of chosenWorkspaces(deps, input.workspace)) {
      const records = await readAll(
        input.limit - users.length,
        (page) => deps.store.users.list(workspace.id, { ...page, search }),
        ({ userId }) => userId,
      )
      users.push(...records.map((record) => userView(workspace, record)))
    }
    return { users }
  },
})
