import { FormBrowser, pageName, type Visit } from '@pixy/testing'
import express, { type NextFunction, type Request, type Response } from 'express'
import oidc from 'express-openid-connect'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { NOTES_API, SECRET, signIn, startPixy, tamper } from './support/pixy.ts'
import { openSite } from './support/site.ts'

const app = express()
const site = await openSite(app)
const SCOPE = 'openid profile email offline_access notes:read'

const pixy = await startPixy([
  {
    client_id: 'web',
    client_secret: SECRET,
    redirect_uris: [`${site.url}/query/callback`, `${site.url}/posted/callback`],
    post_logout_redirect_uris: [`${site.url}/query`],
    scope: SCOPE,
  },
])
afterAll(async () => {
  await site.close()
  await pixy.close()
})

// It warns that a form posted to http may lose cookies; not on loopback, where both ends are one site.
const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
for (const [place, responseMode] of [
  ['query', 'query'],
  ['posted', 'form_post'],
] as const) {
  const router = express.Router()
  router.use(
    oidc.auth({
      issuerBaseURL: pixy.issuer,
      baseURL: `${site.url}/${place}`,
      clientID: 'web',
      clientSecret: SECRET,
      secret: 'of the cookies of this app alone',
      authRequired: false,
      idpLogout: true,
      session: { name: `session-${place}` },
      transactionCookie: { name: `login-${place}` },
      authorizationParams: {
        response_type: 'code',
        response_mode: responseMode,
        scope: SCOPE,
        resource: NOTES_API,
      },
    }),
  )
  router.get('/', (request: Request, response: Response) => {
    response.json({ signedIn: request.oidc.isAuthenticated(), user: request.oidc.user })
  })
  router.get('/userinfo', async (request: Request, response: Response) => {
    response.json(await request.oidc.fetchUserInfo())
  })
  router.get('/refresh', async (request: Request, response: Response) => {
    const before = request.oidc.accessToken?.access_token
    const { access_token, expires_in } = (await request.oidc.accessToken?.refresh()) ?? {}
    response.json({ changed: access_token !== before, expires_in })
  })
  app.use(`/${place}`, router)
}
warn.mockRestore()
app.use((error: Error & { status?: number }, _: Request, response: Response, __: NextFunction) => {
  response.status(error.status ?? 500).json({ ...error })
})

async function go(browser: FormBrowser, url: string | URL): Promise<Visit> {
  const { visit } = await browser.follow(await browser.visit(String(url)), () => false)
  return visit
}

async function signedInBrowser(): Promise<FormBrowser> {
  const browser = new FormBrowser()
  const back = await signIn(`${site.url}/query/login`, `${site.url}/query/callback`, { browser })
  await go(browser, back)
  return browser
}

describe('express-openid-connect', () => {
  it('signs in by code, PKCE and nonce, and keeps the user in its session', async () => {
    const browser = await signedInBrowser()
    const { body } = await go(browser, `${site.url}/query`)
    expect(JSON.parse(body)).toMatchObject({ signedIn: true, user: { sub: expect.stringMatching(/^usr_/) } })
  })

  it('reads userinfo with a token that is for an API too', async () => {
    const { body } = await go(await signedInBrowser(), `${site.url}/query/userinfo`)
    expect(JSON.parse(body)).toMatchObject({ name: 'Alice Adams', email: 'alice@example.com' })
  })

  it('refreshes', async () => {
    const { body } = await go(await signedInBrowser(), `${site.url}/query/refresh`)
    expect(JSON.parse(body)).toEqual({ changed: true, expires_in: 600 })
  })

  it('takes the response by form_post', async () => {
    const browser = await signedInBrowser() // so that no page comes in between
    const page = await go(browser, `${site.url}/posted/login`)
    expect(pageName(page)).toBe('form-post')
    const { visit } = await browser.follow(await browser.submit(page, []), () => false)
    expect(JSON.parse(visit.body)).toMatchObject({ signedIn: true })
  })

  it('signs out here and at the server', async () => {
    const browser = await signedInBrowser()
    const page = await go(browser, `${site.url}/query/logout`)
    expect(page.url).toBe(`${site.url}/query`)
    expect(JSON.parse(page.body)).toMatchObject({ signedIn: false })
    // The next login asks for the password again.
    expect(pageName(await go(browser, `${site.url}/query/login`))).toBe('sign-in')
  })

  it.each([
    ['state', 'somebody-elses', 'OAUTH_INVALID_RESPONSE'],
    ['iss', 'https://evil.example', 'OAUTH_INVALID_RESPONSE'],
    ['code', 'no-such-code', 'invalid_grant'],
  ])('notices a callback with another %s', async (name, value, error) => {
    const browser = new FormBrowser()
    const back = await signIn(`${site.url}/query/login`, `${site.url}/query/callback`, { browser })
    const answer = await go(browser, tamper(back, name, value))
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ error })
  })

  it('notices an ID token with the nonce of another login', async () => {
    const browser = new FormBrowser()
    const { headers } = await browser.visit(`${site.url}/query/login`)
    const request = new URL(headers.get('location') ?? '')
    const back = await signIn(tamper(request, 'nonce', 'another'), `${site.url}/query/callback`, { browser })
    const answer = await go(browser, back)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  })

  it('notices a callback in another browser', async () => {
    const back = await signIn(`${site.url}/query/login`, `${site.url}/query/callback`)
    expect((await go(new FormBrowser(), back)).status).toBe(400)
  })
})
