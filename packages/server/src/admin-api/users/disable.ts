import { defineOperation } from '../operation.ts'
import { endAccess } from './end-access.ts'
import { getUser, userReference } from './find-user.ts'
import { type UserView, userView } from './user-view.ts'

/** Also for users of the configuration file, which says `enabled` only where it is written there. */
export const disableUser = defineOperation({
  name: 'user.disable',
  summary: 'Disables a user: signs them out everywhere and ends their tokens.',
  writes: true,
  input: userReference,

  async run(deps, input): Promise<UserView> {
    const found = await getUser(deps, input)
    const { workspace, user } = found
    const changed = { ...user, enabled: false, updatedAt: deps.clock.now() }
    await deps.store.users.update(changed)
    await endAccess(deps, found, 'user_disabled')
    return userView(workspace, changed)
  },
})
