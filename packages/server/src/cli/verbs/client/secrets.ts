import { callAdmin } from '../../admin.ts'
import { confirm, given, wholeNumber, workspaceOption } from '../../flags.ts'
import { dateTime } from '../../terminal/time.ts'
import type { DefineVerb } from '../../verbs.ts'

const DAY = 86_400

interface RotateFlags {
  readonly expiresInDays?: number
  readonly removeOthers?: true
  readonly workspace?: string
}

export const defineRotateSecret: DefineVerb = (parent, run) => {
  parent
    .command('rotate-secret')
    .description('Gives a client one more secret. Those it has go on working until they are removed.')
    .argument('<client_id>')
    .option('--expires-in-days <number>', 'let the new secret end by itself', wholeNumber(1, 3650))
    .option('--remove-others', 'remove all others at once: a leaked secret')
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, { workspace, expiresInDays, removeOthers }: RotateFlags) => {
        if (removeOthers) await confirm(context, `Remove all other secrets of ${client_id} at once?`)
        const expires_in = expiresInDays === undefined ? undefined : expiresInDays * DAY
        const rotated = await callAdmin(context, 'client.rotate-secret', {
          client_id,
          remove_others: removeOthers ?? false,
          ...given({ workspace, expires_in }),
        })
        const { bold, dim } = context.terminal.colors
        const text = () =>
          [
            `${bold(rotated.client_secret)}  ${dim('shown once: keep it now')}`,
            `${rotated.secret_id}${rotated.expires_at === 0 ? '' : `, until ${dateTime(rotated.expires_at)}`}`,
            ...rotated.others.map((id) => `Still works: ${id}  pixy client remove-secret ${client_id} ${id}`),
            '',
          ].join('\n')
        context.result(rotated, text, rotated.client_secret)
      }),
    )
}

export const defineRemoveSecret: DefineVerb = (parent, run) => {
  parent
    .command('remove-secret')
    .description('Removes one secret of a client: it stops working at once.')
    .argument('<client_id>')
    .argument('<secret_id>', 'sec_…, as pixy client show lists it')
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, secret_id: string, flags: { readonly workspace?: string }) => {
        const removed = await callAdmin(context, 'client.remove-secret', {
          client_id,
          secret_id,
          ...given({ workspace: flags.workspace }),
        })
        context.result(removed, () => `${secret_id} does not work any more.\n`, secret_id)
      }),
    )
}
