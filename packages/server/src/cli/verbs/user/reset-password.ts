import { withAdmin } from '../../admin.ts'
import type { DefineVerb } from '../../verbs.ts'
import {
  addPasswordFlags,
  addUserFlags,
  type PasswordFlags,
  readNewPassword,
  type UserFlags,
  userReference,
} from './flags.ts'
import { userText } from './view.ts'

export const defineResetPassword: DefineVerb = (parent, run) => {
  const command = parent
    .command('reset-password')
    .description('Sets a new password, signs the user out everywhere and ends their tokens.')
    .argument('<user>', 'username or usr_… id')
  addUserFlags(addPasswordFlags(command)).action(
    run((context, name: string, flags: UserFlags & PasswordFlags) =>
      withAdmin(context, async (admin) => {
        // Whoever is meant, before anybody types a password for them.
        const reference = userReference(name, flags)
        await admin.call('user.show', reference)
        const { password, generated } = await readNewPassword(context, flags)
        const user = await admin.call('user.reset-password', { ...reference, password })
        const shown = generated ? password : undefined
        const result = shown === undefined ? { user } : { user, password: shown }
        context.result(result, () => userText(context.terminal, user, shown), shown ?? user.user_id)
      }),
    ),
  )
}
