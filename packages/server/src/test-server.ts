import type { AddressInfo } from 'node:net'
import { MovableClock } from './adapters/clock.ts'
import { createLogger } from './adapters/logger.ts'
import { createPixy, type Pixy } from './compose.ts'
import { demoConfig } from './config/demo.ts'
import { type PixyConfigInput, parseConfig } from './config/schema.ts'
import type { PasswordHasher } from './core/ports.ts'
import { LOOPBACK } from './http/server.ts'
import type { OAuthRequest } from './protocol/types.ts'
import { controlReply } from './test-control/control.ts'
import { Faults } from './test-control/faults.ts'

export interface TestServerOptions {
  /** As the configuration file; `url` follows the port. Default: the demo tenant. */
  readonly config?: PixyConfigInput | undefined
  /** 0 or absent: a free one. */
  readonly port?: number | undefined
  /** `sqlite:PATH`; default in memory. */
  readonly database?: string | undefined
  readonly secret?: string | undefined
  /** As `--production`: refusals tell the public less. */
  readonly production?: boolean | undefined
  readonly hasher?: PasswordHasher | undefined
  readonly trustProxy?: boolean | number | string | undefined
}

/** The real engine, in this process, in memory, with a clock that moves. */
export interface TestServer {
  readonly url: string
  readonly clock: MovableClock
  readonly pixy: Pixy
  readonly faults: Faults
  /** Log lines so far. */
  readonly logs: readonly string[]
  close(): Promise<void>
}

const MAX_LOGS = 20_000

/** Starts a server on 127.0.0.1. Ready in a fraction of a second; takes everything with it when it closes. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const port = await freePort(options.port ?? 0)
  const url = options.config?.url ?? `http://localhost:${port}`
  const input = options.config ?? demoConfig(demoDefaults(url, port))
  const config = parseConfig({ ...input, url }, { production: options.production ?? false })
  const clock = new MovableClock()
  const faults = new Faults()
  const logs: string[] = []
  const log = createLogger({
    level: 'info',
    write: (line) => {
      if (logs.length < MAX_LOGS) logs.push(line.trimEnd())
    },
  })
  const control = { clock, faults, logs, deps: () => pixy.deps, reset: () => reset() }
  const pixy: Pixy = await createPixy({
    config,
    database: options.database ?? 'sqlite::memory:',
    secret: options.secret ?? 'a test server keeps nothing that this could protect',
    production: options.production ?? false,
    clock,
    log,
    ...(options.hasher ? { hasher: options.hasher } : {}),
    ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    intercept: {
      before: (request) => controlReply(control, request),
      request: (request: OAuthRequest) => faults.request(request),
      after: (request, reply) => faults.reply(request, reply),
    },
  })

  async function reset(): Promise<void> {
    clock.reset()
    faults.reset()
    logs.length = 0
    await pixy.deps.store.throttles.clearAll()
    await pixy.restore(config)
  }

  await pixy.listen(port, LOOPBACK)
  return { url, clock, pixy, faults, logs, close: () => pixy.close() }
}

function demoDefaults(url: string, port: number) {
  return {
    url,
    spaUrl: `http://localhost:${port + 1}`,
    apiUrl: `http://localhost:${port + 2}`,
    password: 'correct horse battery staple',
    webSecret: 'demo-web-secret-for-test-servers-only',
    machineSecret: 'demo-machine-secret-for-test-servers-only',
    atmSecret: 'demo-atm-secret-for-test-servers-only',
    tokiSecret: 'demo-toki-secret-for-test-servers-only',
  }
}

/** The port is part of the issuer, so it must be known before anything is made. */
async function freePort(wanted: number): Promise<number> {
  if (wanted !== 0) return wanted
  const { createServer } = await import('node:net')
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
