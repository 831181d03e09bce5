import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock } from './adapters/clock.ts'
import { createLogger } from './adapters/logger.ts'
import { startAdminSocket } from './admin-api/socket-server.ts'
import { createPixy, openStore, type Pixy } from './compose.ts'
import { demoConfig } from './config/demo.ts'
import { type Environment, loadConfig, readEnvironment } from './config/load.ts'
import { ConfigError, type PixyConfig } from './config/schema.ts'
import { type DemoServers, startDemo } from './demo/demo-servers.ts'
import { LOOPBACK } from './http/server.ts'
import { FIRST_RUN, type FirstRun, firstRun } from './start/first-run.ts'
import { choosePort } from './start/listen.ts'
import { masterSecret } from './start/master-secret.ts'
import { checkProduction, productionProblems } from './start/production.ts'
import { type ReadyInfo, readyBlock, readyLine } from './start/ready.ts'
import { onSignal } from './start/shutdown.ts'
import { readTls, type Tls } from './start/tls.ts'
import { describePostgres, isPostgresUrl } from './store/postgres/url.ts'
import { version } from './version.ts'

export interface StartOptions {
  readonly config?: string | undefined
  readonly data?: string | undefined
  readonly port?: number | undefined
  readonly host?: string | undefined
  readonly production: boolean
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  readonly tlsSelfSigned: boolean
  readonly workers?: number | undefined
  /** Print the JSON line even on a terminal. */
  readonly json: boolean
}

export interface Running {
  readonly pixy: Pixy
  readonly url: string
  stop(): Promise<void>
}

const DEFAULT_PORT = 4000

/** `pixy start`: migrate, generate what is missing, serve; prints where everything is. */
export async function runStart(options: StartOptions): Promise<Running> {
  const began = performance.now()
  const plan = await planStart(options)
  const { config, dataFolder, hosts, port, first, tls } = plan
  const terminal = process.stdout.isTTY && !options.json
  const log = createLogger({ level: config.log_level ?? (terminal ? 'warn' : 'info') })
  const secret = await masterSecret({
    configured: plan.env.secret,
    dataFolder,
    databaseExists: await databaseExists(config.database),
  })
  const pixy = await createPixy({
    config,
    database: config.database,
    secret,
    previousSecret: plan.env.secretPrevious,
    production: options.production,
    clock: systemClock,
    log,
    trustProxy: config.trust_proxy ?? false,
    tls,
  })
  let demo: DemoServers | undefined
  let socket: { close(): Promise<void> } | undefined
  const stop = async () => {
    await demo?.close()
    await socket?.close()
    await pixy.close()
  }
  try {
    await pixy.listen(port, hosts)
    socket = await startAdminSocket(join(dataFolder, 'admin.sock'), pixy.deps, pixy.flowLog)
    if (first) demo = await startDemo({ issuer: config.url, spaPort: port + 1, apiPort: port + 2 }, log)
  } catch (error) {
    await stop()
    throw error
  }
  onSignal(stop)
  const info = describe(plan, pixy, demo, performance.now() - began, options.production)
  process.stdout.write(terminal ? readyBlock(info) : `${readyLine(info)}\n`)
  if (plan.moved && !terminal) log.warn({ port }, `port ${DEFAULT_PORT} was taken, so this one is used`)
  return { pixy, url: config.url, stop }
}

interface StartPlan {
  readonly config: PixyConfig
  readonly env: Environment
  readonly dataFolder: string
  readonly hosts: readonly string[]
  readonly port: number
  /** The default port was taken. */
  readonly moved: boolean
  /** The demo tenant's secrets, where there is no configuration file. */
  readonly first: (FirstRun & { readonly isFirst: boolean }) | undefined
  readonly tls: Tls | undefined
}

async function planStart(options: StartOptions): Promise<StartPlan> {
  const env = readEnvironment(process.env)
  if ((options.workers ?? 1) > 1) {
    throw new ConfigError([
      isPostgresUrl(env.database ?? '')
        ? '--workers above 1 is not served yet. On PostgreSQL start several nodes and put a load balancer before them.'
        : '--workers above 1 needs PostgreSQL: one process writes to an SQLite file. Leave --workers out.',
    ])
  }
  const tls = await readTls(options)
  const file = options.config ?? env.config
  const overrides = { data: options.data, port: options.port, host: options.host }
  if (options.production || file !== undefined) {
    const { production } = options
    const problems = production ? productionProblems(env) : []
    const loaded = await loadConfig({ file, env: process.env, overrides, production, problems })
    if (production) checkProduction(loaded)
    const dataFolder = await makeFolder(loaded.data)
    const hosts = hostsOf(loaded.host)
    const port = await choosePort(loaded.port, DEFAULT_PORT, hosts, 0)
    const config = loaded.url_is_default ? { ...loaded, url: localUrl(port, tls) } : loaded
    return {
      config,
      env,
      dataFolder,
      hosts,
      port,
      moved: loaded.port === undefined && port !== DEFAULT_PORT,
      first: undefined,
      tls,
    }
  }
  const dataFolder = await makeFolder(options.data ?? env.data ?? './data')
  const hosts = hostsOf(options.host ?? env.host)
  const given = options.port ?? env.port
  const isDemo = await isDemoFolder(dataFolder, env)
  const port = await choosePort(given, DEFAULT_PORT, hosts, isDemo ? 2 : 0)
  const url = env.url ?? localUrl(port, tls)
  const first = isDemo ? await firstRun(dataFolder) : undefined
  const input = first ? demoInput(first, url, port) : { url }
  const config = await loadConfig({
    input,
    env: process.env,
    overrides: { ...overrides, data: dataFolder },
    production: false,
  })
  return {
    config,
    env,
    dataFolder,
    hosts,
    port,
    moved: given === undefined && port !== DEFAULT_PORT,
    first,
    tls,
  }
}

/** A new folder, or one that the demo made: what a configuration file made is served as it is, and no demo put over it. */
async function isDemoFolder(folder: string, env: Environment): Promise<boolean> {
  const database = env.database ?? `sqlite:${join(folder, 'pixy.db')}`
  return existsSync(join(folder, FIRST_RUN)) || !(await databaseExists(database))
}

/** On PostgreSQL: with the tables of any version. @throws {StoreUnavailable} */
async function databaseExists(database: string): Promise<boolean> {
  if (database.startsWith('sqlite:')) return existsSync(database.slice('sqlite:'.length))
  const store = await openStore(database)
  try {
    return !(await store.pendingMigrations()).includes('0001-initial')
  } finally {
    await store.close()
  }
}

function demoInput(first: FirstRun, url: string, port: number) {
  return demoConfig({
    url,
    spaUrl: `http://localhost:${port + 1}`,
    apiUrl: `http://localhost:${port + 2}`,
    password: first.demo_password,
    webSecret: first.demo_web_secret,
    machineSecret: first.demo_machine_secret,
    atmSecret: first.demo_atm_secret,
    tokiSecret: first.demo_toki_secret,
  })
}

async function makeFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

function localUrl(port: number, tls: Tls | undefined): string {
  return `${tls ? 'https' : 'http'}://localhost:${port}`
}

function hostsOf(host: string | undefined): readonly string[] {
  return host === undefined || host === 'localhost' ? LOOPBACK : [host]
}

function describe(
  { config, port, moved, first }: StartPlan,
  pixy: Pixy,
  demo: DemoServers | undefined,
  milliseconds: number,
  production: boolean,
): ReadyInfo {
  const workspace = pixy.deps.workspaces.list()[0]
  const algs = workspace?.settings.signing_algs ?? []
  return {
    version,
    development: !production,
    url: config.url,
    issuer: workspace?.issuer ?? config.url,
    milliseconds,
    database: isPostgresUrl(config.database)
      ? describePostgres(config.database)
      : config.database.replace('sqlite:', 'SQLite '),
    keys: algs.flatMap((alg) => (workspace ? [{ alg, kid: workspace.keys.signer(alg).kid }] : [])),
    ...(demo && first
      ? {
          demo: {
            spa: demo.spa,
            api: demo.api,
            username: first.demo_username,
            password: first.isFirst ? first.demo_password : undefined,
          },
        }
      : {}),
    ...(moved && port !== DEFAULT_PORT ? { movedFrom: DEFAULT_PORT } : {}),
  }
}

export interface TestServerFlags {
  readonly config?: string | undefined
  readonly port?: number | undefined
  readonly data?: string | undefined
  readonly json: boolean
}

/** `pixy test-server`: the same engine in memory, loopback only, with the control API. */
export async function runTestServer(
  flags: TestServerFlags,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { startTestServer } = await import('./test-server.ts')
  const { readConfigInput } = await import('./config/load.ts')
  const env = readEnvironment(process.env)
  const file = flags.config ?? env.config
  const data = flags.data === undefined ? undefined : resolve(flags.data)
  const database = env.database ?? (data === undefined ? undefined : `sqlite:${join(data, 'pixy.db')}`)
  const given = flags.port ?? env.port
  const port = given === undefined ? undefined : await choosePort(given, given, LOOPBACK, 0)
  const server = await startTestServer({
    config: file === undefined ? undefined : await readConfigInput(file),
    port,
    database,
    secret: env.secret,
  })
  onSignal(() => server.close())
  const issuer = server.pixy.deps.workspaces.list()[0]?.issuer ?? server.url
  const urls = { discovery: `${issuer}/.well-known/openid-configuration`, control: `${server.url}/__test/` }
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: server.url, issuer, urls })}\n`)
  return { url: server.url, stop: () => server.close() }
}
