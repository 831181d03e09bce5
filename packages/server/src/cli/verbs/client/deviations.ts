import type { ClientDeviations, DeviationView } from '../../../admin-api/clients/deviations.ts'
import { callAdmin } from '../../admin.ts'
import { confirm, given, workspaceOption } from '../../flags.ts'
import { facts, table } from '../../terminal/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { relative } from '../../terminal/time.ts'
import type { DefineVerb } from '../../verbs.ts'

interface Flags {
  readonly reset?: true
  readonly workspace?: string
}

export const defineDeviations: DefineVerb = (parent, run) => {
  parent
    .command('deviations')
    .description('Lists what a client still does in the way of an older system, and what to change in it.')
    .argument('<client_id>')
    .option('--reset', 'begin to count anew, such as after a new release of the client')
    .addOption(workspaceOption())
    .action(
      run(async (context, client_id: string, { workspace, reset }: Flags) => {
        if (reset) await confirm(context, `Forget what was counted for ${client_id}?`)
        const operation = reset ? 'client.reset-deviations' : 'client.deviations'
        const result = await callAdmin(context, operation, { client_id, ...given({ workspace }) })
        const short = result.deviations.map(({ deviation }) => deviation).join('\n')
        context.result(result, () => deviationsText(context.terminal, result), short)
      }),
    )
}

function deviationsText(terminal: Terminal, result: ClientDeviations): string {
  const { deviations, now } = result
  if (deviations.length === 0) return `${summary(result)}\n`
  const rows = deviations.map(({ deviation, count, first_used_at, last_used_at }) => [
    deviation,
    String(count),
    relative(first_used_at, now),
    relative(last_used_at, now),
  ])
  return [
    table(terminal, ['DEVIATION', 'USES', 'FIRST', 'LAST'], rows),
    ...deviations.map((deviation) => `\n${explained(terminal, deviation)}`),
    `\n${summary(result)}\n`,
    ...(result.reset ? ['Counting begins anew.\n'] : []),
  ].join('')
}

function explained(terminal: Terminal, { deviation, summary, rule, fix }: DeviationView): string {
  const what = facts(terminal, [
    ['does', summary ?? 'a deviation that this version does not know'],
    ['rule', rule ?? undefined],
    ['change', fix ?? undefined],
  ])
  return `${terminal.colors.bold(deviation)}\n${what}`
}

function summary(result: ClientDeviations): string {
  const { dialects, deviations, unused_dialects, now } = result
  if (deviations.length === 0) {
    return dialects.length === 0
      ? 'The client speaks no dialect, and nothing was counted.'
      : `Nothing was counted so far. When the client has been used and nothing is, it can do without: ${remedy(result, dialects)}`
  }
  const needed = dialects.filter((dialect) => !unused_dialects.includes(dialect))
  const left = deviations.filter(({ dialect }) => dialect !== null && needed.some((name) => name === dialect))
  const lines = [
    ...left.slice(0, 1).map(({ last_used_at }) => {
      const count = `${left.length} ${left.length === 1 ? 'deviation' : 'deviations'}`
      return `${count} left, last use ${relative(last_used_at, now)}.`
    }),
    ...(unused_dialects.length > 0 ? [unusedLine(result)] : []),
  ]
  if (lines.length > 0) return lines.join('\n')
  return dialects.length === 0
    ? 'The client is strict now: these are from before.'
    : `Nothing of ${dialects.join(' and ')} was counted: these are from before.`
}

function unusedLine(result: ClientDeviations): string {
  const { unused_dialects: unused } = result
  const which = unused.length === 1 ? 'the dialect' : unused.join(' and ')
  return `Nothing in ${which} was used for 30 days: ${remedy(result, unused)}`
}

/** How to switch the client to strict. What the configuration file says is changed there. */
function remedy({ client_id, owner }: ClientDeviations, dialects: readonly string[]): string {
  if (owner === 'file') return `take ${dialects.join(' and ')} out of its dialects in the configuration file`
  return `pixy client update ${client_id}${dialects.map((dialect) => ` --remove-dialect ${dialect}`).join('')}`
}
