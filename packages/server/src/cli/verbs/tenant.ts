import type { DefineVerb } from '../verbs.ts'
import { defineCreate } from './tenant/create.ts'
import { defineList } from './tenant/list.ts'

/** `pixy tenant …` */
export const define: DefineVerb = (command, run) => {
  command.usage('VERB [options]')
  defineCreate(command, run)
  defineList(command, run)
}
