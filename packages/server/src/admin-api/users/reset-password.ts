import { defineOperation } from '../operation.ts'
import { endAccess } from './end-access.ts'
import { getUser, userReference } from './find-user.ts'
import { hashNewPassword, passwordText } from './password.ts'
import { type UserView, userView } from './user-view.ts'

/** Also for users of the configuration file: the password there is only the initial one (`contract.md` §2). */
export const resetUserPassword = defineOperation({
  name: 'user.reset-password',
  summary: 'Sets a new password, signs the user out everywhere and ends their tokens.',
  writes: true,
  input: userReference.extend({ password: passwordText }),

  async run(deps, input): Promise<UserView> {
    const found = await getUser(deps, input)
    const { workspace, user } = found
    const personal = [
      user.username,
      ...Object.values(user.claims).filter((claim) => typeof claim === 'string'),
    ]
    const passwordHash = await hashNewPassword(deps, input.password, personal)
    const changed = { ...user, passwordHash, updatedAt: deps.clock.now() }
    await deps.store.users.update(changed)
    await endAccess(deps, found, 'password_reset')
    return userView(workspace, changed)
  },
})
