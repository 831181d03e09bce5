import { callAdmin } from '../../admin.ts'
import { given, workspaceOption } from '../../flags.ts'
import { printable, table } from '../../terminal/table.ts'
import { dateTime } from '../../terminal/time.ts'
import type { DefineVerb } from '../../verbs.ts'

interface Flags {
  readonly search?: string
  readonly workspace?: string
}

export const defineList: DefineVerb = (parent, run) => {
  parent
    .command('list')
    .description('Lists users.')
    .option('--search <text>', 'only those whose username begins with it')
    .addOption(workspaceOption())
    .action(
      run(async (context, { workspace, search }: Flags) => {
        const result = await callAdmin(context, 'user.list', given({ workspace, search }))
        const rows = result.users.map((user) => [
          printable(user.username),
          user.user_id,
          user.source,
          user.enabled ? 'enabled' : 'disabled',
          dateTime(user.created_at),
          user.workspace,
        ])
        const head = ['USERNAME', 'ID', 'SOURCE', 'STATE', 'CREATED', 'WORKSPACE']
        const text = () => (rows.length === 0 ? 'There are no users.\n' : table(context.terminal, head, rows))
        context.result(result, text, result.users.map(({ user_id }) => user_id).join('\n'))
      }),
    )
}
