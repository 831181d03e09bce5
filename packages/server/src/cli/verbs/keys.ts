import { Option } from 'commander'
import type { KeyView } from '../../admin-api/keys/key-view.ts'
import { callAdmin } from '../admin.ts'
import { confirm, given, workspaceOption } from '../flags.ts'
import { table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dateTime, relative } from '../terminal/time.ts'
import type { DefineVerb } from '../verbs.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

interface RotateFlags {
  readonly alg?: (typeof ALGORITHMS)[number]
  readonly now?: true
  readonly workspace?: string
}

/** `pixy keys …`: signing keys. */
export const define: DefineVerb = (command, run) => {
  command
    .usage('VERB [options]')
    .description(
      'Signing keys: each is published before it signs, and after, for as long as its tokens live.',
    )
  command
    .command('list')
    .description('Lists the keys with their timetable.')
    .addOption(workspaceOption())
    .action(
      run(async (context, { workspace }: { readonly workspace?: string }) => {
        const result = await callAdmin(context, 'keys.list', given({ workspace }))
        context.result(result, () => timetable(context.terminal, result.keys), idsOf(result.keys))
      }),
    )
  command
    .command('rotate')
    .description(
      'Publishes new keys, lets them sign once every cache has seen them, and plans the end of the old.',
    )
    .addOption(new Option('--alg <name>', 'only this algorithm').choices(ALGORITHMS))
    .option('--now', 'sign at once: APIs that cached the keys refuse tokens until they read them again')
    .addOption(workspaceOption())
    .action(
      run(async (context, { workspace, alg, now }: RotateFlags) => {
        if (now) await confirm(context, 'Let the new keys sign at once, before caches have seen them?')
        const result = await callAdmin(context, 'keys.rotate', {
          now: now ?? false,
          ...given({ workspace, alg }),
        })
        context.result(result, () => timetable(context.terminal, result.keys), idsOf(result.published))
      }),
    )
  command
    .command('retire')
    .description(
      'Takes a key out of use at once (a leaked key): every token it signed is refused from now on.',
    )
    .argument('<kid>')
    .addOption(workspaceOption())
    .action(
      run(async (context, kid: string, { workspace }: { readonly workspace?: string }) => {
        await confirm(context, `Take ${kid} out of use? Every token that it signed is refused from then on.`)
        const result = await callAdmin(context, 'keys.retire', { kid, ...given({ workspace }) })
        const successor = result.successor ? ` ${result.successor.kid} signs now.` : ''
        context.result(result, () => `${kid} is out of use.${successor}\n`, result.successor?.kid ?? kid)
      }),
    )
}

function timetable(terminal: Terminal, keys: readonly KeyView[]): string {
  const now = Math.floor(Date.now() / 1000)
  const { green, dim } = terminal.colors
  const when = (at: number | null) => (at === null ? '' : `${dateTime(at)} (${relative(at, now)})`)
  const rows = keys.map((key) => [
    key.kid,
    key.alg,
    key.state === 'active' ? green(key.state) : key.state === 'revoked' ? dim(key.state) : key.state,
    when(key.signs_from),
    when(key.withdrawn_at),
    key.workspace,
  ])
  return table(terminal, ['KEY', 'ALG', 'STATE', 'SIGNS FROM', 'LEAVES THE JWKS', 'WORKSPACE'], rows)
}

function idsOf(keys: readonly KeyView[]): string {
  return keys.map(({ kid }) => kid).join('\n')
}
