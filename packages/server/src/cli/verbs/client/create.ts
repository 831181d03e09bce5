import { Option } from 'commander'
import { type ClientType, clientTypes } from '../../../admin-api/clients/client-types.ts'
import { callAdmin } from '../../admin.ts'
import { given, workspaceOption } from '../../flags.ts'
import type { DefineVerb } from '../../verbs.ts'
import { envLines, type Framework, frameworks } from './env-lines.ts'
import { addMemberFlags, type MemberFlags, membersOf } from './member-flags.ts'
import { clientText } from './view.ts'

interface Flags extends MemberFlags {
  readonly type: ClientType
  readonly id?: string
  readonly ifMissing?: true
  readonly env?: Framework
  readonly workspace?: string
}

export const defineCreate: DefineVerb = (parent, run) => {
  const command = parent
    .command('create')
    .description('Registers a client and shows what its application needs to know.')
    .addOption(
      new Option('--type <type>', 'spa, native, web or machine: decides what is not given')
        .choices(clientTypes)
        .makeOptionMandatory(),
    )
    .option('--id <client_id>', 'client_id (app_… and 22 random characters)')
  addMemberFlags(command)
    .addOption(new Option('--env <framework>', 'also print lines for .env').choices(Object.keys(frameworks)))
    .option('--if-missing', 'succeed without a change where the id is taken')
    .addOption(workspaceOption())
    .action(
      run(async (context, flags: Flags) => {
        const made = await callAdmin(context, 'client.create', {
          type: flags.type,
          metadata: membersOf(flags),
          if_missing: flags.ifMissing ?? false,
          ...given({ workspace: flags.workspace, client_id: flags.id }),
        })
        const { client, client_secret: secret } = made
        if (!made.created) context.note('It was there already: nothing was changed.')
        const lines = flags.env ? envLines(flags.env, client, secret) : ''
        const text = () =>
          `${clientText(context.terminal, client, secret)}${lines === '' ? '' : `\n${lines}`}`
        context.result(made, text, client.client_id)
      }),
    )
}
