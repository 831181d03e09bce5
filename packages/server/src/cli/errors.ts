import { AdminError } from '../admin-api/admin-error.ts'
import { Failure, type FailureDetail } from './failure.ts'
import { printable } from './terminal/table.ts'
import type { Terminal } from './terminal/terminal.ts'

export { UsageError } from '../start/errors.ts'

/** A verb did its work and what it found is bad: everything has been said, and the code is this. */
export class Exit extends Error {
  override name = 'Exit'
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

const CODES: Readonly<Record<string, number>> = { UsageError: 2, ConfigError: 3 }

/** The exit code of an error: by name, since rooms have classes of their own. */
export function exitCode(error: unknown): number {
  if (error instanceof Exit) return error.code
  if (!(error instanceof Error)) return 1
  if (error instanceof AdminError && error.reason === 'input_invalid') return 2
  return CODES[error.name] ?? 1
}

/** The one error object. */
export interface ErrorBody extends FailureDetail {
  readonly reason: string
  readonly message: string
}

const REASONS: Readonly<Record<string, string>> = {
  UsageError: 'usage_wrong',
  ConfigError: 'config_invalid',
  StartError: 'start_refused',
  StoreUnavailable: 'store_unavailable',
  NotOffered: 'not_offered',
}

export function errorBody(error: unknown): ErrorBody {
  if (error instanceof AdminError || error instanceof Failure) {
    return { reason: error.reason, message: error.message, ...error.detail }
  }
  if (!(error instanceof Error)) return { reason: 'failed', message: String(error) }
  const problems = 'problems' in error && isTexts(error.problems) ? error.problems : undefined
  const message = problems ? 'The configuration cannot be used.' : error.message
  return { reason: REASONS[error.name] ?? 'failed', message, ...(problems ? { problems } : {}) }
}

/** For people: what went wrong, what came, what is expected, what to do. */
export function formatError({ colors }: Pick<Terminal, 'colors'>, body: ErrorBody): string {
  const { bold, dim, red } = colors
  const code = [body.error, body.reason].filter((text) => text && text !== 'failed').join(' · ')
  const rows = [
    ['error', body.error === undefined ? undefined : code],
    ['request', body.request],
    ['received', body.received],
    ['expected', body.expected],
    ['fix', body.fix],
    ['more', body.flow && `pixy explain ${body.flow}`],
  ] as const
  const lines = [
    `${red('✖')} ${bold(printable(body.message))}`,
    ...(body.problems ?? []).map((problem) => `  - ${printable(problem)}`),
    ...rows.flatMap(([name, value]) => (value ? [`  ${dim(name.padEnd(8))}  ${printable(value)}`] : [])),
  ]
  return `${lines.join('\n')}\n`
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
