import { callAdmin } from '../../admin.ts'
import type { DefineVerb } from '../../verbs.ts'
import { addUserFlags, type UserFlags, userReference } from './flags.ts'
import { userText } from './view.ts'

export const defineShow: DefineVerb = (parent, run) => {
  addUserFlags(
    parent
      .command('show')
      .description('Shows a user with their claims.')
      .argument('<user>', 'username or usr_… id'),
  ).action(
    run(async (context, name: string, flags: UserFlags) => {
      const user = await callAdmin(context, 'user.show', userReference(name, flags))
      context.result(user, () => userText(context.terminal, user), user.user_id)
    }),
  )
}
