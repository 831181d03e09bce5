import { callAdmin } from '../../admin.ts'
import { given, workspaceOption } from '../../flags.ts'
import { table } from '../../terminal/table.ts'
import type { DefineVerb } from '../../verbs.ts'
import { kindOf } from './view.ts'

export const defineList: DefineVerb = (parent, run) => {
  parent
    .command('list')
    .description('Lists clients.')
    .addOption(workspaceOption())
    .action(
      run(async (context, { workspace }: { readonly workspace?: string }) => {
        const result = await callAdmin(context, 'client.list', given({ workspace }))
        const rows = result.clients.map((client) => [
          client.client_id,
          client.client_name,
          kindOf(client),
          client.enabled ? 'enabled' : 'disabled',
          client.owner,
          client.workspace,
        ])
        const head = ['CLIENT', 'NAME', 'TYPE', 'STATE', 'OWNER', 'WORKSPACE']
        const text = () =>
          rows.length === 0 ? 'There are no clients.\n' : table(context.terminal, head, rows)
        context.result(result, text, result.clients.map(({ client_id }) => client_id).join('\n'))
      }),
    )
}
