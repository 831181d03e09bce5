import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { BatchedDeviationLog } from './adapters/deviation-log.ts'
import { guardedFetcher } from './adapters/fetcher.ts'
import { BatchedFlowLog } from './adapters/flow-log.ts'
import { argon2Hasher } from './adapters/hasher.ts'
import { lazyOpenIdProviders } from './adapters/openid-provider-lazy.ts'
import { systemRandom } from './adapters/random.ts'
import { createVault } from './adapters/vault.ts'
import { applyConfig } from './config/apply.ts'
import { ConfigError, type PixyConfig } from './config/schema.ts'
import type { Clock, Deps, Logger, PasswordHasher } from './core/ports.ts'
import { servePath } from './core/serve-path.ts'
import { WorkspaceDirectory } from './core/workspaces/directory.ts'
import { accessTokenProfiles, dialects, mayReuseRefreshTokens, withDialects } from './dialects/dialects.ts'
import { productReply } from './http/product-routes.ts'
import { createHttpServer, type Dispatch, listenOn } from './http/server.ts'
import { startJobs } from './jobs/jobs.ts'
import { createPages } from './pages/pages.ts'
import type { OAuthReply, OAuthRequest } from './protocol/types.ts'
import { rootMetadata, workspacePrefixes, workspaceRoutes } from './routes.ts'
import { DatabaseUrlInvalid, isPostgresUrl } from './store/postgres/url.ts'
import { openSqlite } from './store/sqlite/open.ts'
import type { Store } from './store/store.ts'

export interface PixyOptions {
  readonly config: PixyConfig
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…`. */
  readonly database: string
  /** The master secret: what is encrypted at rest opens with it alone. */
  readonly secret: string
  readonly previousSecret?: string | undefined
  readonly production: boolean
  readonly clock: Clock
  readonly log: Logger
  readonly hasher?: PasswordHasher
  readonly trustProxy?: boolean | number | string | readonly string[]
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Only the test server hands this in. */
  readonly intercept?: Interceptor
}

/** Sees every request before and every answer after the product does. */
export interface Interceptor {
  /** Answers in the product's place. */
  before(request: OAuthRequest): Promise<OAuthReply | undefined>
  request(request: OAuthRequest): OAuthRequest
  after(request: OAuthRequest, reply: OAuthReply | undefined): Promise<OAuthReply | undefined>
}

/** A server that is wired and has its data, but does not listen yet. */
export interface Pixy {
  readonly deps: Deps
  readonly http: FastifyInstance
  /** Listens on every address; see `listenOn`. */
  listen(port: number, hosts: readonly string[]): Promise<void>
  readonly flowLog: BatchedFlowLog
  /** Serves a request without a socket. */
  handle(host: string, request: OAuthRequest): Promise<OAuthReply | undefined>
  /** Empties the store and brings it to what the configuration says. */
  restore(config: PixyConfig): Promise<void>
  close(): Promise<void>
}

/** The one place that wires the rooms. */
export async function createPixy(options: PixyOptions): Promise<Pixy> {
  const { config, log, clock, production } = options
  const store = await openStore(options.database)
  try {
    const random = systemRandom()
    const vault = createVault(options.secret, options.previousSecret)
    const hasher = options.hasher ?? argon2Hasher()
    await store.migrate()
    const { warnings } = await applyConfig({ store, vault, random, clock, hasher }, config)
    for (const warning of warnings) log.warn({}, warning)
    const workspaces = new WorkspaceDirectory({ store, vault, clock, random, url: config.url })
    await workspaces.refresh()
    const flowLog = new BatchedFlowLog(store, log)
    const deviations = new BatchedDeviationLog(store, log)
    const deps: Deps = {
      clock,
      random,
      store,
      pages: createPages(),
      hasher,
      vault,
      fetcher: guardedFetcher({ allowPrivate: config.allow_private_addresses }),
      providers: lazyOpenIdProviders({ allowPrivate: config.allow_private_addresses, clock }),
      log,
      flowLog,
      deviations,
      accessTokenProfiles,
      mayReuseRefreshTokens,
      workspaces,
      development: !production,
    }
    const tables = withDialects({ workspaceRoutes, workspacePrefixes, rootMetadata }, dialects)
    const direct = async (host: string, request: OAuthRequest) =>
      (await productReply(deps, host, request)) ?? servePath(deps, tables, host, request)
    const handle = options.intercept ? intercepted(options.intercept, direct) : direct
    const http = createHttpServer({
      dispatch: handle,
      log,
      trustProxy: options.trustProxy ?? false,
      tls: options.tls,
      secure: config.url.startsWith('https:'),
    })
    const jobs = startJobs(deps)
    return {
      deps,
      http,
      listen: (port, hosts) => listenOn(http, port, hosts, options.tls),
      flowLog,
      handle,
      async restore(next) {
        // What is still counted belongs to clients that are about to go.
        await deviations.flush()
        await removeEverything(store)
        await applyConfig({ store, vault, random, clock, hasher }, next)
        await workspaces.refresh()
      },
      async close() {
        await http.close()
        await jobs.stop()
        await flowLog.flush()
        await deviations.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function intercepted(interceptor: Interceptor, serve: Dispatch): Dispatch {
  return async (host, original) => {
    const answer = await interceptor.before(original)
    if (answer) return answer
    const request = interceptor.request(original)
    return interceptor.after(request, await serve(host, request))
  }
}

async function removeEverything(store: Store): Promise<void> {
  for (const { workspaceId } of await store.workspaces.list()) await store.workspaces.delete(workspaceId)
  for (const { tenantId } of await store.tenants.list()) await store.tenants.delete(tenantId)
}

/** Opens what a database URL names. */
export async function openStore(database: string): Promise<Store> {
  if (isPostgresUrl(database)) return openPostgresUrl(database)
  if (!database.startsWith('sqlite:')) {
    throw new ConfigError([
      `database: received ${database.slice(0, database.indexOf(':') + 1)}…, expected sqlite:PATH or postgres://…`,
    ])
  }
  const path = database.slice('sqlite:'.length)
  if (path !== ':memory:') await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return openSqlite({ path })
}

/** Loaded where it is used: the driver takes as long to load as everything that SQLite needs. */
async function openPostgresUrl(url: string): Promise<Store> {
  const { openPostgres } = await import('./store/postgres/open.ts')
  try {
    return await openPostgres({ url })
  } catch (error) {
    if (error instanceof DatabaseUrlInvalid) throw new ConfigError([`database: ${error.message}`])
    throw error
  }
}
