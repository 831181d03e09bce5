import { callAdmin } from '../../admin.ts'
import { printable } from '../../terminal/table.ts'
import type { DefineVerb } from '../../verbs.ts'
import { addUserFlags, type UserFlags, userReference } from './flags.ts'

export const defineDisable: DefineVerb = (parent, run) => {
  addUserFlags(
    parent
      .command('disable')
      .description('Keeps a user from signing in, signs them out everywhere and ends their tokens.')
      .argument('<user>', 'username or usr_… id'),
  ).action(
    run(async (context, name: string, flags: UserFlags) => {
      const user = await callAdmin(context, 'user.disable', userReference(name, flags))
      if (user.owner === 'file') {
        context.note('If the configuration file says enabled: true for this user, the next start does too.')
      }
      const text = () =>
        `${printable(user.username)} cannot sign in any more; sessions and tokens are ended.\n`
      context.result(user, text, user.user_id)
    }),
  )
}

export const defineEnable: DefineVerb = (parent, run) => {
  addUserFlags(
    parent
      .command('enable')
      .description('Lets a disabled user sign in again.')
      .argument('<user>', 'username or usr_… id'),
  ).action(
    run(async (context, name: string, flags: UserFlags) => {
      const user = await callAdmin(context, 'user.enable', userReference(name, flags))
      context.result(user, () => `${printable(user.username)} can sign in.\n`, user.user_id)
    }),
  )
}
