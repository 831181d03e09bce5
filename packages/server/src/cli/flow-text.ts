import type { DecisionView, ExchangeView } from '../admin-api/flows/exchange-view.ts'
import { printable } from './terminal/table.ts'
import type { Terminal } from './terminal/terminal.ts'
import { timeOfDay } from './terminal/time.ts'

type Painting = Pick<Terminal, 'colors'>

/** One line an exchange: time, request, status, and what was refused. */
export function exchangeLine({ colors }: Painting, exchange: ExchangeView): string {
  const { dim, red, green } = colors
  const mark = exchange.reason === null ? green('✔') : red('✖')
  const request = `${exchange.method.padEnd(4)} ${printable(exchange.path)}`
  const outcome = exchange.reason === null ? '' : `  ${red(exchange.reason)}`
  return `${dim(timeOfDay(exchange.at))}  ${mark} ${request}  ${exchange.status}${outcome}`
}

/** An exchange with everything that was decided, as a branch of a tree. */
export function exchangeTree(painting: Painting, exchange: ExchangeView): string {
  const { dim } = painting.colors
  const sent = Object.entries(exchange.parameters ?? {})
  const wide = Math.max(0, ...sent.map(([name]) => name.length))
  const sentLines = sent.map(([name, value]) => dim(`  ${printable(name).padEnd(wide)}  ${printable(value)}`))
  const branches = [
    ...(sent.length === 0 ? [] : [[dim('sent'), ...sentLines]]),
    ...distinct(exchange.decisions).map((decision) => decisionLines(painting, decision)),
  ]
  const lines = branches.flatMap(([first = '', ...rest], index) => {
    const isLast = index === branches.length - 1
    const stem = isLast ? '   ' : dim('│  ')
    return [`  ${dim(isLast ? '└─ ' : '├─ ')}${first}`, ...rest.map((line) => `  ${stem}${line}`)]
  })
  return `${[exchangeLine(painting, exchange), ...lines].join('\n')}\n`
}

/** A check that several parameters passed is told once. */
function distinct(decisions: readonly DecisionView[]): readonly DecisionView[] {
  const passed = new Set<string>()
  return decisions.filter(({ outcome, reason }) => {
    if (outcome !== 'passed') return true
    if (passed.has(reason)) return false
    passed.add(reason)
    return true
  })
}

function decisionLines({ colors }: Painting, decision: DecisionView): readonly string[] {
  const { bold, dim, green, red, yellow } = colors
  const section = decision.section ? `  ${dim(decision.section)}` : ''
  // A check is named after the refusal that it can cause.
  if (decision.outcome === 'passed') return [`${green('✔')} ${dim(`no ${decision.reason}`)}${section}`]
  const mark = decision.outcome === 'refused' ? red('✖') : yellow('!')
  const rows = [
    ['', decision.description],
    ['received', decision.received],
    ['expected', decision.expected],
    ['fix', decision.outcome === 'refused' ? decision.fix : undefined],
  ] as const
  return [
    `${mark} ${bold(decision.reason)}${decision.param ? ` (${decision.param})` : ''}${section}`,
    ...rows.flatMap(([name, value]) => {
      if (!value) return []
      const text = printable(value).split('\n').join(', ')
      return [name === '' ? `  ${text}` : `  ${dim(name.padEnd(8))}  ${text}`]
    }),
  ]
}
