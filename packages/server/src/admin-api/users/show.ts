import { defineOperation } from '../operation.ts'
import { getUser, userReference } from './find-user.ts'
import { type UserView, userView } from './user-view.ts'

export const showUser = defineOperation({
  name: 'user.show',
  summary: 'Shows one user with their claims.',
  writes: false,
  input: userReference,

  async run(deps, input): Promise<UserView> {
    const { workspace, user } = await getUser(deps, input)
    return userView(workspace, user)
  },
})
