import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { authorizeInBrowser, createTestServer, FormBrowser, type PixyTestServer } from '@pixy/testing'
import type { PixyConfigInput } from 'pixy'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDemoApi } from '../../examples/demo-api/src/server.ts'
import { ALICE } from '../clients/support/pixy.ts'
import { openSite } from '../clients/support/site.ts'
import { Program } from './program.ts'

const SECRET = 'an-example-secret-that-everybody-knows'
const API = 'http://localhost:4002'
const file = new URL('../../examples/systems/tapkey/pixy.json', import.meta.url)

let pixy: PixyTestServer
let redirectUri: string
let program: Program | undefined

beforeAll(async () => {
  redirectUri = `http://localhost:${await freePort()}/Auth/LoginCallback`
  pixy = await createTestServer({ config: configWith(redirectUri) })
})
beforeEach(() => pixy.clock.set(Math.floor(Date.now() / 1000)))
afterEach(async () => {
  await program?.stop()
  program = undefined
})
afterAll(() => pixy.close())

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The clients of the example on a port that is free, and the same with rotation or without the dialect. */
function configWith(callback: string): PixyConfigInput {
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    tenants: Array<{
      workspaces: Array<{ clients: Array<Record<string, unknown>> } & Record<string, unknown>>
    }>
  }
  const workspace = config.tenants[0]?.workspaces[0]
  const [doors, , nightly] = workspace?.clients ?? []
  const { refresh_token, ...rotating } = doors ?? {}
  workspace?.clients.push(
    { ...rotating, client_id: 'rotating' },
    { ...rotating, client_id: 'strict', dialects: [] },
    { ...nightly, client_id: 'strict-nightly', dialects: [] },
  )
  for (const client of workspace?.clients ?? []) {
    if (client !== nightly && client.client_id !== 'strict-nightly') client.redirect_uris = [callback]
  }
  if (workspace) workspace.resources = [{ identifier: API, name: 'Doors API' }]
  return config as PixyConfigInput
}

async function startApp(env: Readonly<Record<string, string>> = {}): Promise<Program> {
  program = new Program('tapkey', ['web-app.mjs'], {
    AUTH_SERVER: `${pixy.issuer}/`,
    CLIENT_ID: 'doors',
    REDIRECT_URI: redirectUri,
    ...env,
  })
  await program.prints(/App running at/)
  return program
}

const app = (path: string) => new URL(path, redirectUri).href

/** Where the app sends a browser that wants to sign in. */
async function authorizeUrl(browser: FormBrowser): Promise<string> {
  return (await browser.visit(app('/Auth/Login'))).headers.get('location') ?? ''
}

const signInAt = async (browser: FormBrowser) =>
  authorizeInBrowser(browser, await authorizeUrl(browser), redirectUri, ALICE)

/** Signs in, and comes to rest on the app's page. */
async function logIn(browser: FormBrowser) {
  const back = await browser.visit((await signInAt(browser)).href)
  return (await browser.follow(back, () => false)).visit
}

describe('Tapkey’s sample application', () => {
  it('S2-39 S2-40 P1 P2 P3 signs in at //connect/authorize, logs in to the user manager, and lists the accounts', async () => {
    const running = await startApp()
    const browser = new FormBrowser()
    expect(await authorizeUrl(browser)).toMatch(
      new RegExp(
        `^${pixy.issuer}//connect/authorize\\?client_id=doors&scope=read%3Acore%3Aentities\\+read%3Aowneraccounts\\+offline_access&`,
      ),
    )
    const page = await logIn(browser)
    expect(page.status).toBe(200)
    expect(page.body).toContain('<li>Adams &#38; Co</li>')
    expect(await running.prints(/Granted: (.*)\n/)).toBe(
      'read:core:entities read:owneraccounts offline_access',
    )
    const userId = await running.prints(/Signed in: (.*)\n/)
    expect(page.body).toContain(`${userId} of pool`)
  })

  it('S2-16 aborts where the state is not its own', async () => {
    await startApp()
    const browser = new FormBrowser()
    const back = await signInAt(browser)
    back.searchParams.set('state', 'another')
    const refused = await browser.visit(back.href)
    expect([refused.status, refused.body]).toEqual([400, 'The state differs.'])
  })

  it('S2-27 S2-33 S2-41 P4 refreshes after an hour, and stores the token that comes back, which is the same', async () => {
    const running = await startApp()
    const browser = new FormBrowser()
    await logIn(browser)
    for (const duration of ['61m', '89d', '89d']) {
      pixy.clock.advance(duration)
      expect((await browser.visit(app('/'))).body).toContain('Adams')
      expect(await running.prints(/Refreshed: (.*)\n/)).toBe('the same refresh token')
    }
  })

  it('S2-41 works as it is with a server that rotates, since it stores what comes back', async () => {
    const running = await startApp({ CLIENT_ID: 'rotating' })
    const browser = new FormBrowser()
    await logIn(browser)
    for (let count = 0; count < 3; count++) {
      pixy.clock.advance('61m')
      expect((await browser.visit(app('/'))).body).toContain('Adams')
      expect(await running.prints(/Refreshed: (.*)\n/)).toBe('another refresh token')
    }
  })

  it('S2-34 begins anew after 90 days without use', async () => {
    const running = await startApp()
    const browser = new FormBrowser()
    await logIn(browser)
    pixy.clock.advance('91d')
    const answer = await browser.visit(app('/'))
    expect(answer.headers.get('location')).toBe('/Auth/Login')
    expect(await running.prints(/Refused: (.*)\n/)).toContain('invalid_grant')
    expect((await logIn(browser)).body).toContain('Adams')
  })

  it('S2-01 P7 as a confidential client, without PKCE and with a state in standard base64', async () => {
    await startApp({ CLIENT_ID: 'doors-server', CLIENT_SECRET: SECRET })
    const url = new URL(await authorizeUrl(new FormBrowser()))
    expect(url.searchParams.has('code_challenge')).toBe(false)
    expect(url.searchParams.get('state')).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect((await logIn(new FormBrowser())).body).toContain('Adams')
  })

  it('S2-05 S2-37 strict: the sign-in stays on our page, whose owner reads what to change', async () => {
    await startApp({ CLIENT_ID: 'strict' })
    const page = await new FormBrowser().visit(await authorizeUrl(new FormBrowser()))
    expect(page.status).toBe(400)
    expect(page.body).toContain('/docs/errors/dialect_off')
    expect(page.body).toContain(`Send the same parameters to ${pixy.issuer}/oauth2/authorize`)
    expect(page.body).toContain('pixy client update strict --add-dialect tapkey')
  })
})

describe('Tapkey’s console sample', () => {
  const run = (clientId: string, server = `${pixy.issuer}/`) => {
    program = new Program('tapkey', ['console.mjs'], {
      AUTH_SERVER: server,
      CLIENT_ID: clientId,
      CLIENT_SECRET: SECRET,
    })
    return program
  }

  it('P7 gets a token for itself', async () => {
    const running = run('doors-nightly')
    expect(await running.ends()).toBe(0)
    expect(running.printed).toBe('Bearer token for 3600 s, scope read:core:entities read:owneraccounts\n')
  })

  it('S2-18 strict: is told the standard’s endpoint', async () => {
    const running = run('strict-nightly')
    expect(await running.ends()).toBe(1)
    expect(running.printed).toContain(`Send the same form to ${pixy.issuer}/oauth2/token.`)
  })
})

describe('an API that takes these tokens', () => {
  it('S2-26 S2-36 S2-38 P6 opens to a live one, and answers an expired one with 401 invalid_token', async () => {
    const api = createDemoApi({ issuer: pixy.issuer, audience: API })
    const site = await openSite((request, response) => void api.emit('request', request, response))
    try {
      const { access_token } = await pixy.login({
        user: ALICE.username,
        password: ALICE.password,
        client: 'doors',
        scope: 'read:core:entities',
        resource: API,
      })
      const call = () => fetch(`${site.url}/api/me`, { headers: { authorization: `Bearer ${access_token}` } })
      expect((await call()).status).toBe(200)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61 * 60_000 })
      const expired = await call()
      expect(expired.status).toBe(401)
      expect(expired.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
    } finally {
      vi.useRealTimers()
      await site.close()
    }
  })
})
