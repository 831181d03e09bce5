import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock } from './adapters/clock.ts'
import { createLogger } from './adapters/logger.ts'
import { startAdminSocket } from './admin-api/socket-server.ts'
import { createPixy, type Pixy } from './compose.ts'
import { demoConfig } from './config/demo.ts'
import { loadConfig, readEnvironment } from './config/load.ts'
import { type PixyConfig, parseConfig } from './config/schema.ts'
import { type DemoServers, startDemo } from './demo/demo-servers.ts'
import { type FirstRun, firstRun } from './start/first-run.ts'
import { choosePort } from './start/listen.ts'
import { masterSecret } from './start/master-secret.ts'
import { checkProduction } from './start/production.ts'
import { type ReadyInfo, readyBlock, readyLine } from './start/ready.ts'
import { onSignal } from './start/shutdown.ts'
import { readTls } from './start/tls.ts'
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
const LOOPBACK = ['127.0.0.1', '::1'] as const

/** `pixy start`: migrate, generate what is missing, serve; prints where everything is. */
export async function runStart(options: StartOptions): Promise<Running> {
  const began = performance.now()
  const env = readEnvironment(process.env)
  if ((options.workers ?? 1) > 1) throw new SqliteWorkersError()
  const dataFolder = resolve(options.data ?? env.data ?? './data')
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const log = createLogger({ level: env.logLevel ?? (process.stdout.isTTY && !options.json ? 'warn' : 'info') })

  const tls = await readTls(options)
  const hosts = hostsOf(options.host ?? env.host)
  const file = options.config ?? env.config
  const isDemo = file === undefined && !options.production
  const given = options.port ?? env.port
  const port = await choosePort(given, DEFAULT_PORT, hosts, isDemo && given === undefined ? 2 : 0)
  const localUrl = `${tls ? 'https' : 'http'}://localhost:${port}`

  const first = isDemo ? await firstRun(dataFolder) : undefined
  const config = first
    ? parseConfig(demoInput(env.url ?? localUrl, port, first), { production: false })
    : await loadConfig({ file, env: process.env, defaultUrl: localUrl, production: options.production })
  if (options.production) checkProduction(config, { hasConfigFile: file !== undefined, secretGiven: env.secret !== undefined })

  const database = env.databaseUrl ?? (file === undefined ? `sqlite:${join(dataFolder, 'pixy.db')}` : databaseOf(config, dataFolder))
  const secret = await masterSecret({ configured: env.secret, dataFolder, databaseExists: databaseExists(database) })
  const pixy = await createPixy({
    config,
    database,
    secret,
    previousSecret: env.secretPrevious,
    production: options.production,
    clock: systemClock,
    log,
    trustProxy: env.trustProxy ?? false,
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
    await listen(pixy, port, hosts)
    socket = await startAdminSocket(join(dataFolder, 'admin.sock'), pixy.deps, pixy.flowLog)
    if (first) demo = await startDemo({ issuer: config.url, spaPort: port + 1, apiPort: port + 2 }, log)
  } catch (error) {
    await stop()
    throw error
  }
  onSignal(stop)
  print(describe({ pixy, config, database, began, port, given, demo, first, production: options.production }), options.json)
  return { pixy, url: config.url, stop }
}

/** With SQLite one process writes: exit code 3, as for a configuration that cannot work. */
export class SqliteWorkersError extends Error {
  override name = 'ConfigError'
  readonly problems = ['--workers above 1 needs PostgreSQL: one process writes to an SQLite file. Leave --workers out.']
  constructor() {
    super('--workers above 1 needs PostgreSQL: one process writes to an SQLite file. Leave --workers out.')
  }
}

function demoInput(url: string, port: number, first: FirstRun) {
  return demoConfig({
    url,
    spaUrl: `http://localhost:${port + 1}`,
    apiUrl: `http://localhost:${port + 2}`,
    password: first.demo_password,
    webSecret: first.demo_web_secret,
    machineSecret: first.demo_machine_secret,
  })
}

function hostsOf(host: string | undefined): readonly string[] {
  return host === undefined || host === 'localhost' ? LOOPBACK : [host]
}

async function listen(pixy: Pixy, port: number, hosts: readonly string[]): Promise<void> {
  // Fastify binds every address of `localhost`, which is both loopback ones where the machine has both.
  await pixy.http.listen({ port, host: hosts === LOOPBACK ? 'localhost' : (hosts[0] ?? 'localhost') })
}

function databaseOf(config: PixyConfig, dataFolder: string): string {
  return config.database ?? `sqlite:${join(dataFolder, 'pixy.db')}`
}

function databaseExists(database: string): boolean {
  return database.startsWith('sqlite:') && existsSync(database.slice('sqlite:'.length))
}

interface Started {
  readonly pixy: Pixy
  readonly config: PixyConfig
  readonly database: string
  readonly began: number
  readonly port: number
  readonly given: number | undefined
  readonly demo: DemoServers | undefined
  readonly first: (FirstRun & { readonly isFirst: boolean }) | undefined
  readonly production: boolean
}

function describe({ pixy, config, database, began, port, given, demo, first, production }: Started): ReadyInfo {
  const workspace = pixy.deps.workspaces.list()[0]
  const algs = workspace?.settings.signing_algs ?? []
  return {
    version,
    development: !production,
    url: config.url,
    issuer: workspace?.issuer ?? config.url,
    milliseconds: performance.now() - began,
    database: database.replace('sqlite:', 'SQLite '),
    keys: algs.flatMap((alg) => (workspace ? [{ alg, kid: workspace.keys.signer(alg).kid }] : [])),
    ...(demo && first
      ? { demo: { spa: demo.spa, api: demo.api, username: first.demo_username, password: first.isFirst ? first.demo_password : undefined } }
      : {}),
    ...(given === undefined && port !== DEFAULT_PORT ? { movedFrom: DEFAULT_PORT } : {}),
  }
}

function print(info: ReadyInfo, json: boolean): void {
  process.stdout.write(process.stdout.isTTY && !json ? readyBlock(info) : `${readyLine(info)}\n`)
}

export interface TestServerFlags {
  readonly config?: string | undefined
  readonly port?: number | undefined
  readonly data?: string | undefined
  readonly json: boolean
}

/** `pixy test-server`: the same engine in memory, loopback only, with the control API. */
export async function runTestServer(flags: TestServerFlags): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { startTestServer } = await import('./test-server.ts')
  const { readConfigInput } = await import('./config/load.ts')
  const env = readEnvironment(process.env)
  const file = flags.config ?? env.config
  const data = flags.data === undefined ? undefined : resolve(flags.data)
  const database = env.databaseUrl ?? (data === undefined ? undefined : `sqlite:${join(data, 'pixy.db')}`)
  const server = await startTestServer({
    config: file === undefined ? undefined : await readConfigInput(file),
    port: flags.port ?? env.port,
    database,
    secret: env.secret,
  })
  onSignal(() => server.close())
  const issuer = server.pixy.deps.workspaces.list()[0]?.issuer ?? server.url
  const urls = { discovery: `${issuer}/.well-known/openid-configuration`, control: `${server.url}/__test/` }
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: server.url, issuer, urls })}\n`)
  return { url: server.url, stop: () => server.close() }
}

