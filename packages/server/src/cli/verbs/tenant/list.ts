import { callAdmin } from '../../admin.ts'
import { table } from '../../terminal/table.ts'
import type { DefineVerb } from '../../verbs.ts'

export const defineList: DefineVerb = (parent, run) => {
  parent
    .command('list')
    .description('Lists tenants with their workspaces and issuers.')
    .action(
      run(async (context) => {
        const result = await callAdmin(context, 'tenant.list', {})
        const rows = result.tenants.flatMap(({ name, owner, workspaces }) =>
          workspaces.map(({ id, issuer }) => [id, name, issuer, owner]),
        )
        const head = ['WORKSPACE', 'TENANT', 'ISSUER', 'OWNER']
        const text = () =>
          rows.length === 0 ? 'There are no workspaces.\n' : table(context.terminal, head, rows)
        context.result(result, text, rows.map(([id]) => id).join('\n'))
      }),
    )
}
