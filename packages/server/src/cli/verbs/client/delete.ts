import { callAdmin } from '../../admin.ts'
import { confirm, given, workspaceOption } from '../../flags.ts'
import type { DefineVerb } from '../../verbs.ts'

export const defineDelete: DefineVerb = (parent, run) => {
  parent
    .command('delete')
    .description('Deletes a client and ends every grant and token it has.')
    .argument('<client_id>')
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, { workspace }: { readonly workspace?: string }) => {
        await confirm(context, `Delete ${client_id} and end everything it was granted?`)
        const deleted = await callAdmin(context, 'client.delete', { client_id, ...given({ workspace }) })
        context.result(deleted, () => `${client_id} is deleted.\n`, client_id)
      }),
    )
}
