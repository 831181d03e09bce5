import { dirname, resolve } from 'node:path'
import { ConfigError } from './config-error.ts'
import { collectEnvironment, type Environment, type EnvironmentVariables, VARIABLES } from './environment.ts'
import { shown } from './problems.ts'
import { readConfigFile } from './read-file.ts'
import { type PixyConfig, type PixyConfigInput, parseConfig } from './schema.ts'
import { resolveSecrets } from './secret-references.ts'

export { type Environment, readEnvironment } from './environment.ts'

/** What flags say; they win over the environment, which wins over the file. */
export interface ConfigOverrides {
  readonly url?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly data?: string | undefined
  readonly database?: string | undefined
}

export interface LoadOptions {
  /** `--config`; it wins over `PIXY_CONFIG`. */
  readonly file?: string | undefined
  /** Stands in for the file where there is none, such as the demo. */
  readonly input?: PixyConfigInput | undefined
  readonly env: EnvironmentVariables
  readonly overrides?: ConfigOverrides | undefined
  readonly production: boolean
  /** Found by the caller; told together with those of environment and file. */
  readonly problems?: readonly string[] | undefined
}

/**
 * The configuration of this start: file, environment and flags together, checked, with every default. `PIXY_SECRET`
 * is not part of it: `readEnvironment` has that.
 *
 * @throws {ConfigError} with all problems at once
 */
export async function loadConfig(options: LoadOptions): Promise<PixyConfig> {
  const { file, input, env, overrides = {}, production } = options
  const { values, problems } = collectEnvironment(env)
  const path = file ?? values.config
  const read = path === undefined ? { value: input ?? {}, problems: [] } : await readFile(path, env, problems)
  const environment = membersOf(values)
  const flags = defined(overrides)
  const names = new Map([
    ...namesOf(values),
    ...Object.keys(flags).map((name) => [name, `--${name}`] as const),
  ])
  if (production && path === undefined && input === undefined) {
    problems.push('--config: is missing. With --production there is no demo: name a configuration file.')
  }
  const config = isObject(read.value) ? merge(read.value, environment, flags) : read.value
  const found = [...(options.problems ?? []), ...problems, ...read.problems]
  return parseConfig(config, { production, names, problems: found })
}

type Members = Readonly<Record<string, unknown>>

/** Flags win over the environment, which wins over the file; `mail` member by member. */
function merge(file: Members, { mail, ...environment }: Members, flags: Members): Members {
  const merged = { ...file, ...environment, ...flags }
  return mail === undefined
    ? merged
    : { ...merged, mail: isObject(file.mail) ? { ...file.mail, ...Object(mail) } : mail }
}

/** The variables as members of the file. */
function membersOf(values: Environment): Members {
  const mail = defined({ smtp_url: values.smtpUrl, from: values.mailFrom })
  return defined({
    url: values.url,
    host: values.host,
    port: values.port,
    data: values.data,
    database: values.database,
    trust_proxy: values.trustProxy,
    log_level: values.logLevel,
    metrics_port: values.metricsPort,
    mail: Object.keys(mail).length > 0 ? mail : undefined,
  })
}

/** Members that are not called as the environment calls them. */
const MEMBERS: Readonly<Partial<Record<keyof Environment, string>>> = {
  smtpUrl: 'mail.smtp_url',
  mailFrom: 'mail.from',
  trustProxy: 'trust_proxy',
  logLevel: 'log_level',
  metricsPort: 'metrics_port',
}

function namesOf(values: Environment): ReadonlyArray<readonly [string, string]> {
  return Object.entries(VARIABLES)
    .filter(([, { member }]) => values[member] !== undefined)
    .map(([name, { member }]) => [MEMBERS[member] ?? member, name])
}

/**
 * What a file holds, with its secrets read from where it says, for callers that add members of their own. It is not
 * checked yet, whatever its type says: `parseConfig` does that.
 *
 * @throws {ConfigError} where it cannot be read
 */
export async function readConfigInput(
  file: string,
  env: EnvironmentVariables = process.env,
): Promise<PixyConfigInput> {
  const { value, problems } = await readFile(file, env, [])
  if (!isObject(value))
    throw new ConfigError([...problems, `${file}: received ${shown(value)}, expected an object.`])
  if (problems.length > 0) throw new ConfigError(problems)
  return value as PixyConfigInput
}

/** A file that cannot be read does not hide what is wrong in the environment. */
async function readFile(path: string, env: EnvironmentVariables, problems: readonly string[]) {
  try {
    return resolveSecrets(await readConfigFile(path), { env, folder: dirname(resolve(path)) })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError([...problems, ...error.problems], { cause: error })
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function defined(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
