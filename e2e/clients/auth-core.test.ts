import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Auth, type AuthConfig } from '@auth/core'
import { FormBrowser, type Visit } from '@pixy/testing'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { SECRET, signIn, startPixy, tamper } from './support/pixy.ts'
import { listen } from './support/site.ts'

const site = await listen(createServer((request, response) => void answer(request, response)))
const callback = `${site.url}/auth/callback/pixy`
const pixy = await startPixy([{ client_id: 'web', client_secret: SECRET, redirect_uris: [callback] }])
afterAll(async () => {
  await site.close()
  await pixy.close()
})

const noticed: Error[] = []
beforeEach(() => {
  noticed.length = 0
})

const config: AuthConfig = {
  basePath: '/auth',
  secret: 'of the cookies of this app alone',
  trustHost: true,
  logger: { error: (error) => noticed.push(error), warn: () => undefined, debug: () => undefined },
  providers: [
    {
      id: 'pixy',
      name: 'Pixy',
      type: 'oidc',
      issuer: pixy.issuer,
      clientId: 'web',
      clientSecret: SECRET,
      checks: ['pkce', 'state', 'nonce'],
      idToken: false, // name and e-mail come from userinfo (OIDC Core §5.4)
    },
  ],
}

/** What its adapters for Express, SvelteKit and so on do. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  const body = request.method === 'POST' ? Buffer.concat(chunks) : null
  const made = await Auth(
    new Request(site.url + request.url, { method: request.method ?? 'GET', headers, body }),
    config,
  )
  response.writeHead(made.status, [
    ...[...made.headers].filter(([name]) => name !== 'set-cookie').flat(),
    ...made.headers.getSetCookie().flatMap((cookie) => ['set-cookie', cookie]),
  ])
  response.end(await made.text())
}

/** Presses the button of its sign-in page. Resolves with the authorization request. */
async function start(browser: FormBrowser): Promise<URL> {
  const page = await browser.visit(`${site.url}/auth/signin`)
  const { headers } = await browser.submit(page, [])
  return new URL(headers.get('location') ?? '')
}

async function session(browser: FormBrowser): Promise<unknown> {
  return JSON.parse((await browser.visit(`${site.url}/auth/session`)).body)
}

/** The error that the app logs; to the browser it says no more than which page to show. */
async function causeOf(visit: Promise<Visit>): Promise<unknown> {
  const { headers } = await visit
  expect(headers.get('location')).toMatch(/\/auth\/(?:error|signin)\?error=/)
  const [error] = noticed
  const { cause } = error ?? {}
  return typeof cause === 'object' && cause !== null && 'err' in cause ? cause.err : error
}

describe('@auth/core', () => {
  it('signs in by code with PKCE, state and nonce, and reads userinfo', async () => {
    const browser = new FormBrowser()
    const request = await start(browser)
    expect([...request.searchParams.keys()]).toEqual(
      expect.arrayContaining(['code_challenge', 'state', 'nonce']),
    )
    const back = await signIn(request, callback, { browser })
    expect((await browser.visit(back.href)).headers.get('location')).toBe(site.url)
    expect(noticed).toEqual([])
    expect(await session(browser)).toMatchObject({
      user: { name: 'Alice Adams', email: 'alice@example.com' },
    })
  })

  it('signs out of the app, and in again without a password', async () => {
    const browser = new FormBrowser()
    await browser.visit((await signIn(await start(browser), callback, { browser })).href)
    await browser.submit(await browser.visit(`${site.url}/auth/signout`), [])
    expect(await session(browser)).toBeNull()

    const { location } = await browser.follow(await browser.visit((await start(browser)).href), (to) =>
      to.startsWith(callback),
    )
    await browser.visit(location ?? '')
    expect(await session(browser)).toMatchObject({ user: { email: 'alice@example.com' } })
  })

  it.each([
    ['state', 'somebody-elses'],
    ['iss', 'https://evil.example'],
    ['iss', null],
  ])('notices a callback whose %s is %s', async (name, value) => {
    const browser = new FormBrowser()
    const back = await signIn(await start(browser), callback, { browser })
    expect(await causeOf(browser.visit(tamper(back, name, value).href))).toMatchObject({
      code: 'OAUTH_INVALID_RESPONSE',
    })
    expect(await session(browser)).toBeNull()
  })

  it('notices an ID token with the nonce of another login', async () => {
    const browser = new FormBrowser()
    const back = await signIn(tamper(await start(browser), 'nonce', 'another'), callback, { browser })
    expect(await causeOf(browser.visit(back.href))).toMatchObject({
      code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    })
  })

  it('notices a callback in another browser', async () => {
    const back = await signIn(await start(new FormBrowser()), callback)
    expect(await causeOf(new FormBrowser().visit(back.href))).toMatchObject({ name: 'InvalidCheck' })
  })

  it('is refused by the server where its challenge was swapped', async () => {
    const browser = new FormBrowser()
    const foreign = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' // RFC 7636 App. B
    const back = await signIn(tamper(await start(browser), 'code_challenge', foreign), callback, { browser })
    expect(await causeOf(browser.visit(back.href))).toMatchObject({ error: 'invalid_grant' })
  })

  it('hears that the user declined', async () => {
    const browser = new FormBrowser()
    const request = tamper(await start(browser), 'prompt', 'consent')
    const back = await signIn(request, callback, { browser, deny: true })
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(await causeOf(browser.visit(back.href))).toMatchObject({ name: 'OAuthCallbackError' })
  })
})
