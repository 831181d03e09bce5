import type { ExchangeView } from '../../admin-api/flows/exchange-view.ts'
import type { FlowView } from '../../admin-api/flows/show.ts'
import { type Admin, callAdmin, withAdmin } from '../admin.ts'
import type { Context } from '../context.ts'
import { given, wholeNumber, workspaceOption } from '../flags.ts'
import { exchangeLine, exchangeTree } from '../flow-text.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dateTime } from '../terminal/time.ts'
import type { DefineVerb } from '../verbs.ts'

interface ListFlags {
  readonly client?: string
  readonly reason?: string
  readonly refused?: true
  readonly limit?: number
  readonly workspace?: string
}

/** `pixy flow …`: the same data as the inspector. */
export const define: DefineVerb = (command, run) => {
  command
    .usage('VERB [options]')
    .description('What happened in a sign-in. Refusals are kept for 7 days, successes in development only.')
  command
    .command('show')
    .description('Shows every request of a flow with what was decided.')
    .argument('<id>', 'flow_… or evt_…')
    .action(
      run(async (context, id: string) => {
        const flow = await callAdmin(context, 'flow.show', { id })
        context.result(flow, () => flowText(context.terminal, flow))
      }),
    )
  filters(command.command('list').description('Lists the last requests, the newest first.'))
    .option('--limit <number>', 'how many (20)', wholeNumber(1, 1000))
    .action(
      run(async (context, flags: ListFlags) => {
        const result = await callAdmin(context, 'flow.list', listInput(flags))
        context.result(result, () =>
          result.exchanges.map((exchange) => row(context.terminal, exchange)).join(''),
        )
      }),
    )
  filters(command.command('tail').description('Prints requests as they come, until it is stopped.')).action(
    run((context, flags: ListFlags) => withAdmin(context, (admin) => tail(context, admin, flags))),
  )

  function filters(inner: typeof command): typeof command {
    return inner
      .option('--client <client_id>', 'only of this client')
      .option('--reason <reason>', 'only those refused for this reason')
      .option('--refused', 'only refusals')
      .addOption(workspaceOption())
  }
}

function listInput({ client, reason, refused, limit, workspace }: ListFlags) {
  return { refused: refused ?? false, ...given({ client_id: client, reason, limit, workspace }) }
}

const POLL_MS = 500
const WINDOW = 200

/** Asks again and again; the server flushes what it has when it is asked. */
async function tail(context: Context, admin: Admin, flags: ListFlags): Promise<void> {
  const input = { ...listInput(flags), limit: WINDOW }
  let seen: ReadonlySet<string> | undefined
  for (;;) {
    const { exchanges } = await admin.call('flow.list', input)
    const before = seen
    const fresh = before ? exchanges.filter(({ event }) => !before.has(event)).reverse() : []
    for (const exchange of fresh) {
      context.terminal.out(context.json ? `${JSON.stringify(exchange)}\n` : row(context.terminal, exchange))
    }
    if (!seen) context.note('Waiting for requests; Ctrl-C ends it.')
    seen = new Set(exchanges.map(({ event }) => event))
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function row(terminal: Terminal, exchange: ExchangeView): string {
  const { dim } = terminal.colors
  return `${exchangeLine(terminal, exchange)}  ${dim(`${exchange.client_id ?? '–'}  ${exchange.flow}`)}\n`
}

function flowText(terminal: Terminal, { flow, exchanges }: FlowView): string {
  const { bold, dim } = terminal.colors
  const first = exchanges[0]
  const clientId = exchanges.find(({ client_id }) => client_id !== null)?.client_id
  const head = [flow, clientId, first?.workspace, first && dateTime(first.at)].filter((text) => text)
  return `${bold(head[0] ?? '')}  ${dim(head.slice(1).join('  '))}\n\n${exchanges.map((exchange) => exchangeTree(terminal, exchange)).join('')}`
}
