import type { Explanation } from '../../admin-api/flows/explain.ts'
import { callAdmin } from '../admin.ts'
import { facts, printable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dateTime } from '../terminal/time.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy explain ID` */
export const define: DefineVerb = (command, run) => {
  command
    .description('Says why a request was refused: what was received, what was expected, and what to do.')
    .argument('<id>', 'flow_… or evt_…, as the error, the page or the log shows it')
    .action(
      run(async (context, id: string) => {
        const explanation = await callAdmin(context, 'explain', { id })
        context.result(explanation, () => explanationText(context.terminal, explanation))
      }),
    )
}

function explanationText(terminal: Terminal, { flow, exchanges, refusal }: Explanation): string {
  const { bold, red, green, dim } = terminal.colors
  const whole = dim(
    `The whole flow (${exchanges} ${exchanges === 1 ? 'request' : 'requests'}): pixy flow show ${flow}`,
  )
  if (!refusal) return `${green('✔')} Nothing was refused in ${flow}.\n${whole}\n`
  const rows = [
    ['request', `${refusal.request}  ${refusal.status}`],
    ['at', dateTime(refusal.at)],
    ['client', refusal.client_id ?? undefined],
    ['workspace', refusal.workspace],
    ['error', refusal.error],
    ['parameter', refusal.param],
    ['received', refusal.received],
    ['expected', refusal.expected],
    ['rule', refusal.section],
    ['fix', refusal.fix && bold(printable(refusal.fix))],
    ['more', refusal.error_uri],
  ] as const
  const safe = rows.map(
    ([name, value]) => [name, value && name !== 'fix' ? printable(value) : value] as const,
  )
  return `${red('✖')} ${bold(refusal.reason)}  ${refusal.error_description ?? ''}\n${facts(terminal, safe)}${whole}\n`
}
