import type { Server } from 'node:http'
import type { Logger } from '../core/ports.ts'

export interface DemoOptions {
  readonly issuer: string
  readonly spaPort: number
  readonly apiPort: number
}

export interface DemoServers {
  readonly spa: string
  readonly api: string
  close(): Promise<void>
}

/**
 * The demo single-page app and API, on their own origins. They live in `examples/`, beside the product: where that is
 * not there (an installed package) the demo is left out, and the log says so.
 */
export async function startDemo(
  { issuer, spaPort, apiPort }: DemoOptions,
  log: Logger,
): Promise<DemoServers | undefined> {
  const spa = `http://localhost:${spaPort}`
  const api = `http://localhost:${apiPort}`
  let servers: readonly Server[]
  try {
    const [{ createDemoSpa }, { createDemoApi }] = await loadExamples()
    const config = {
      issuer,
      client_id: 'demo-spa',
      other_client_id: 'demo-cloudentity',
      redirect_uri: `${spa}/callback`,
      api,
      scope: 'openid profile email offline_access notes:read notes:write notes:delete',
    }
    servers = [
      createDemoSpa({ config, port: spaPort }),
      createDemoApi({ issuer, audience: api, port: apiPort, allowedOrigins: [spa] }),
    ]
  } catch (error) {
    log.warn({ err: error }, 'the demo is not here')
    return undefined
  }
  await Promise.all(servers.map(listening))
  return {
    spa,
    api,
    async close() {
      await Promise.all(servers.map(closed))
    },
  }
}

/** What the examples export. They are built after the server and are no part of it, so their types are not imported. */
interface DemoSpaModule {
  createDemoSpa(options: { readonly config: Readonly<Record<string, string>>; readonly port: number }): Server
}
interface DemoApiModule {
  createDemoApi(options: {
    readonly issuer: string
    readonly audience: string
    readonly port: number
    readonly allowedOrigins: readonly string[]
  }): Server
}

function loadExamples(): Promise<[DemoSpaModule, DemoApiModule]> {
  const [spa, api] = ['@pixy-examples/demo-spa', '@pixy-examples/demo-api'] as const
  return Promise.all([import(spa as string), import(api as string)])
}

function listening(server: Server): Promise<void> {
  if (server.listening) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
