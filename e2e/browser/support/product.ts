import { createServer } from 'node:net'
import { type PixyConfigInput, startTestServer, type TestServer } from 'pixy'
import { demoConfig } from '../../../packages/server/src/config/demo.ts'
import { usernameKey } from '../../../packages/server/src/core/accounts/username.ts'
import { type DemoServers, startDemo } from '../../../packages/server/src/demo/demo-servers.ts'

/** What `pixy start` serves: the server, the demo app and the demo API, each on an origin of its own. */
export interface Product extends DemoServers {
  readonly issuer: string
  readonly server: TestServer
  /** Somebody who has not been here yet: nobody consented for them. */
  person(name?: string): Promise<Person>
}

export interface Person {
  readonly username: string
  readonly password: string
  readonly name: string
  readonly sub: string
}

export const PASSWORD = 'correct horse battery staple'

/** A page of an app that lives elsewhere; nothing answers there. */
export const WEB_CALLBACK = 'https://app.example/callback'
export const SCHEME_CALLBACK = 'com.example.notes:/callback'

export async function startProduct(): Promise<Product> {
  const port = await threeFreePorts()
  const server = await startTestServer({ port, config: configuration(port) })
  const issuer = server.pixy.deps.workspaces.list()[0]?.issuer ?? server.url
  const demo = await startDemo({ issuer, spaPort: port + 1, apiPort: port + 2 }, server.pixy.deps.log)
  if (!demo) throw new Error('The demo was not built: node scripts/ensure-ready.mjs')
  let people = 0
  return {
    ...demo,
    issuer,
    server,
    person(name = 'Ada Lovelace') {
      people += 1
      return addPerson(server, name, `${name.toLowerCase().replaceAll(' ', '.')}.${people}@example.com`)
    },
    async close() {
      await demo.close()
      await server.close()
    },
  }
}

/** The demo tenant, with apps that the demo has no need of. */
function configuration(port: number): PixyConfigInput {
  const config = demoConfig({
    url: `http://localhost:${port}`,
    spaUrl: `http://localhost:${port + 1}`,
    apiUrl: `http://localhost:${port + 2}`,
    password: PASSWORD,
    webSecret: 'demo-web-secret-for-the-browser-tests',
    machineSecret: 'demo-machine-secret-for-the-browser-tests',
    atmSecret: 'demo-atm-secret-for-the-browser-tests',
    tokiSecret: 'demo-toki-secret-for-the-browser-tests',
  })
  const workspace = config.tenants?.[0]?.workspaces?.[0]
  workspace?.clients?.push(
    {
      client_id: 'elsewhere',
      client_name: 'Notes elsewhere',
      redirect_uris: [WEB_CALLBACK],
      token_endpoint_auth_method: 'none',
      scope: 'openid',
    },
    {
      client_id: 'phone',
      client_name: 'Notes on the phone',
      application_type: 'native',
      redirect_uris: [SCHEME_CALLBACK],
      token_endpoint_auth_method: 'none',
      scope: 'openid',
    },
    {
      client_id: 'tv',
      client_name: 'Notes on the TV',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      scope: 'openid profile offline_access notes:read notes:delete',
    },
  )
  return config
}

/** A copy of the demo user, whose password is hashed already. */
async function addPerson({ pixy }: TestServer, name: string, username: string): Promise<Person> {
  const { store } = pixy.deps
  const workspaceId = pixy.deps.workspaces.list()[0]?.id ?? ''
  const demo = await store.users.findByUsername(workspaceId, 'pool', 'demo@example.com')
  if (!demo) throw new Error('the demo tenant has no demo user')
  const userId = `usr_${usernameKey(username).replaceAll(/\W/g, '')}`
  const claims = { name, email: username, email_verified: true }
  await store.users.insert({ ...demo, userId, username, usernameKey: usernameKey(username), claims })
  return { username, password: PASSWORD, name, sub: userId }
}

const FIRST = 20_000
const LAST = 32_000 // below the ports that systems give out by themselves

/** The first of three ports in a row that nobody uses. */
async function threeFreePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    const free = await Promise.all([port, port + 1, port + 2].map(isFree))
    if (free.every(Boolean)) return port
  }
  throw new Error('no three free ports in a row')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, 'localhost', () => server.close(() => resolve(true)))
  })
}
