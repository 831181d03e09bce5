import { callAdmin } from '../../admin.ts'
import { given, workspaceOption } from '../../flags.ts'
import type { DefineVerb } from '../../verbs.ts'
import { clientText } from './view.ts'

export const defineShow: DefineVerb = (parent, run) => {
  parent
    .command('show')
    .description('Shows a client with its metadata.')
    .argument('<client_id>')
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, { workspace }: { readonly workspace?: string }) => {
        const client = await callAdmin(context, 'client.show', { client_id, ...given({ workspace }) })
        const metadata = JSON.stringify(client.metadata, null, 2)
        context.result(client, () => `${clientText(context.terminal, client)}\n${metadata}\n`, client_id)
      }),
    )
}
