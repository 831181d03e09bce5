import type { DefineVerb } from '../verbs.ts'
import { defineDisable, defineEnable } from './user/access.ts'
import { defineCreate } from './user/create.ts'
import { defineList } from './user/list.ts'
import { defineResetPassword } from './user/reset-password.ts'
import { defineShow } from './user/show.ts'

/** `pixy user …`: people. */
export const define: DefineVerb = (command, run) => {
  command.usage('VERB [options]').description('People who can sign in.')
  defineCreate(command, run)
  defineList(command, run)
  defineShow(command, run)
  defineDisable(command, run)
  defineEnable(command, run)
  defineResetPassword(command, run)
}
