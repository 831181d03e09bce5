import { Option } from 'commander'
import { callAdmin } from '../../admin.ts'
import { UsageError } from '../../errors.ts'
import { collect, given, workspaceOption } from '../../flags.ts'
import type { DefineVerb } from '../../verbs.ts'
import { addMemberFlags, type MemberFlags, membersOf } from './member-flags.ts'
import { clientText } from './view.ts'

interface Flags extends MemberFlags {
  readonly addRedirectUri?: string[]
  readonly removeRedirectUri?: string[]
  readonly addPostLogoutRedirectUri?: string[]
  readonly removePostLogoutRedirectUri?: string[]
  readonly addDialect?: string[]
  readonly removeDialect?: string[]
  readonly enable?: true
  readonly disable?: true
  readonly workspace?: string
}

export const defineUpdate: DefineVerb = (parent, run) => {
  const command = parent
    .command('update')
    .description('Changes a client. What a flag names is replaced; --add-… and --remove-… change lists.')
    .argument('<client_id>')
    .option('--add-redirect-uri <uri>', 'one more; several times', collect)
    .option('--remove-redirect-uri <uri>', 'one less; several times', collect)
    .option('--add-post-logout-redirect-uri <uri>', 'one more; several times', collect)
    .option('--remove-post-logout-redirect-uri <uri>', 'one less; several times', collect)
    .option('--add-dialect <name>', 'let it speak as an older system does; several times', collect)
    .option('--remove-dialect <name>', 'hold it to the standard; several times', collect)
    .option('--enable', 'let it work again')
    .addOption(new Option('--disable', 'refuse everything it asks').conflicts('enable'))
  addMemberFlags(command)
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, { workspace, ...flags }: Flags) => {
        if (Object.keys(flags).length === 0) {
          throw new UsageError('There is nothing to change: pixy client update --help lists the flags')
        }
        const enabled = flags.enable ? true : flags.disable ? false : undefined
        const updated = await callAdmin(context, 'client.update', {
          client_id,
          set: membersOf(flags),
          add: given({
            redirect_uris: flags.addRedirectUri,
            post_logout_redirect_uris: flags.addPostLogoutRedirectUri,
            dialects: flags.addDialect,
          }),
          remove: given({
            redirect_uris: flags.removeRedirectUri,
            post_logout_redirect_uris: flags.removePostLogoutRedirectUri,
            dialects: flags.removeDialect,
          }),
          ...given({ workspace, enabled }),
        })
        const text = () => clientText(context.terminal, updated.client, updated.client_secret)
        context.result(updated, text, updated.client_secret ?? client_id)
      }),
    )
}
