import { defineOperation } from '../operation.ts'
import { getUser, userReference } from './find-user.ts'
import { type UserView, userView } from './user-view.ts'

/** Also for users of the configuration file, which says `enabled` only where it is written there. */
export const enableUser = defineOperation({
  name: 'user.enable',
  summary: 'Lets a disabled user sign in again.',
  writes: true,
  input: userReference,

  async run(deps, input): Promise<UserView> {
    const { workspace, user } = await getUser(deps, input)
    const changed = { ...user, enabled: true, updatedAt: deps.clock.now() }
    await deps.store.users.update(changed)
    return userView(workspace, changed)
  },
})
