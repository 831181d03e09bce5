import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import { nearest } from './nearest.ts'

/** What the `PIXY_` variables say (`contract.md` §1). A member is absent where its variable is not set. */
export interface Environment {
  readonly url?: string
  readonly port?: number
  readonly host?: string
  /** The configuration file. */
  readonly config?: string
  readonly data?: string
  readonly database?: string
  /** Master key of what is encrypted at rest. It has no place in the file. */
  readonly secret?: string
  readonly secretPrevious?: string
  readonly smtpUrl?: string
  readonly mailFrom?: string
  readonly trustProxy?: boolean | number | string
  readonly logLevel?: LogLevel
  readonly metricsPort?: number
}

export type LogLevel = (typeof LOG_LEVELS)[number]

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

interface Variable<Value = unknown> {
  readonly member: keyof Environment
  /** The value, or `undefined` where the text is not what is expected. */
  readonly read: (text: string) => Value | undefined
  readonly expected: string
}

const plain = (member: keyof Environment): Variable => ({ member, read: (text) => text, expected: '' })
const port = (member: keyof Environment): Variable => ({
  member,
  read: readPort,
  expected: 'a port from 0 to 65535',
})

/** The variables, each also as `NAME_FILE`. */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  PIXY_URL: plain('url'),
  PIXY_PORT: port('port'),
  PIXY_HOST: plain('host'),
  PIXY_CONFIG: plain('config'),
  PIXY_DATA: plain('data'),
  PIXY_DATABASE_URL: plain('database'),
  PIXY_SECRET: plain('secret'),
  PIXY_SECRET_PREVIOUS: plain('secretPrevious'),
  PIXY_SMTP_URL: {
    member: 'smtpUrl',
    read: (text) => (/^smtps?:\/\/./.test(text) ? text : undefined),
    expected: 'smtp://… or smtps://…',
  },
  PIXY_MAIL_FROM: plain('mailFrom'),
  PIXY_TRUST_PROXY: {
    member: 'trustProxy',
    read: readProxy,
    expected: 'a number of proxies, or their addresses',
  },
  PIXY_LOG_LEVEL: {
    member: 'logLevel',
    read: (text) => LOG_LEVELS.find((level) => level === text),
    expected: LOG_LEVELS.join(', '),
  },
  PIXY_METRICS_PORT: port('metricsPort'),
}

/** Whose value no message shows. */
const SECRET = /SECRET|SMTP|DATABASE/

/** Reads the variables, and the files that `NAME_FILE` names. @throws {ConfigError} with all problems at once */
export function readEnvironment(env: EnvironmentVariables): Environment {
  const { values, problems } = collectEnvironment(env)
  if (problems.length > 0) throw new ConfigError(problems)
  return values
}

/** The same, but hands the problems back, so that they are told together with those of the file. */
export function collectEnvironment(env: EnvironmentVariables): {
  readonly values: Environment
  readonly problems: string[]
} {
  const problems = unknownNames(env)
  const values: Record<string, unknown> = {}
  for (const [name, { member, read, expected }] of Object.entries(VARIABLES)) {
    const text = readVariable(env, name, problems)
    if (text === undefined) continue
    const value = read(text)
    if (value !== undefined) values[member] = value
    else problems.push(`${name}: received ${shownOf(name, text)}, expected ${expected}.`)
  }
  return { values, problems }
}

/** Names that start with `PIXY_TEST_` belong to the test suite. */
function unknownNames(env: EnvironmentVariables): string[] {
  const known = Object.keys(VARIABLES)
  const all = [...known, ...known.map((name) => `${name}_FILE`)]
  return Object.keys(env)
    .filter((name) => name.startsWith('PIXY_') && !name.startsWith('PIXY_TEST_') && !all.includes(name))
    .map((name) => {
      const guess = nearest(name, all)
      return `${name}: is not a variable that Pixy knows.${guess === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean ${guess}?`}`
    })
}

/** An empty variable counts as not set: that is what tools write for a value they do not have. */
function readVariable(env: EnvironmentVariables, name: string, problems: string[]): string | undefined {
  const direct = env[name] || undefined
  const file = env[`${name}_FILE`] || undefined
  if (file === undefined) return direct
  if (direct !== undefined) {
    problems.push(`${name}_FILE: is set together with ${name}. Keep one of the two.`)
    return undefined
  }
  try {
    return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '')
  } catch (error) {
    problems.push(
      `${name}_FILE: received ${JSON.stringify(file)}, which cannot be read (${reasonOf(error)}). Name a readable file.`,
    )
    return undefined
  }
}

function shownOf(name: string, text: string): string {
  return SECRET.test(name) ? `a string of ${text.length} characters` : JSON.stringify(text.slice(0, 80))
}

/** What the system says about a file, such as `ENOENT`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function readPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

/** How many proxies, `true`, `false`, or their addresses and networks, separated by commas. */
function readProxy(text: string): boolean | number | string {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}
