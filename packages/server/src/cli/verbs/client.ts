import type { DefineVerb } from '../verbs.ts'
import { defineCreate } from './client/create.ts'
import { defineDelete } from './client/delete.ts'
import { defineDeviations } from './client/deviations.ts'
import { defineList } from './client/list.ts'
import { defineRemoveSecret, defineRotateSecret } from './client/secrets.ts'
import { defineShow } from './client/show.ts'
import { defineUpdate } from './client/update.ts'

/** `pixy client …`: applications. */
export const define: DefineVerb = (command, run) => {
  command.usage('VERB [options]').description('Applications that sign people in, or act on their own.')
  defineCreate(command, run)
  defineList(command, run)
  defineShow(command, run)
  defineUpdate(command, run)
  defineDelete(command, run)
  defineRotateSecret(command, run)
  defineRemoveSecret(command, run)
  defineDeviations(command, run)
}
