import { type AuthClient, type AuthClientOptions, createAuthClient } from '@pixy/browser'
import { FormBrowser } from '@pixy/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { createDemoApi } from '../../examples/demo-api/src/server.ts'
import { openPage, type Page } from './support/page.ts'
import { claimsOf, signIn, startPixy, tamper } from './support/pixy.ts'
import { openSite } from './support/site.ts'

const APP = 'https://app.example'
const SCOPE = 'openid profile offline_access notes:read notes:write'
const ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const

const spa = { redirect_uris: [`${APP}/callback`], post_logout_redirect_uris: [`${APP}/bye`], scope: SCOPE }
const pixy = await startPixy(
  [
    { ...spa, client_id: 'spa' },
    ...ALGORITHMS.map((alg) => ({ ...spa, client_id: `spa-${alg}`, id_token_signed_response_alg: alg })),
  ],
  { loopback_resources: true },
)
const api = await openSite((request, response) => void demoApi.emit('request', request, response))
const demoApi = createDemoApi({ issuer: pixy.issuer, audience: api.url, allowedOrigins: [APP] })
afterAll(async () => {
  await api.close()
  await pixy.close()
})

const now = () => pixy.clock.now() * 1000

interface App {
  readonly auth: AuthClient
  readonly page: Page
}

function openApp(page: Page, options: Partial<AuthClientOptions> = {}): App {
  const auth = createAuthClient({
    issuer: pixy.issuer,
    clientId: 'spa',
    redirectUri: `${APP}/callback`,
    postLogoutRedirectUri: `${APP}/bye`,
    audience: api.url,
    scope: SCOPE,
    platform: page.platform,
    ...options,
  })
  return { auth, page }
}

interface LoginOptions extends Partial<AuthClientOptions> {
  readonly browser?: FormBrowser
  readonly page?: Page
  readonly meddle?: (request: URL) => URL
  readonly deny?: boolean
}

/** Leaves for the server, signs in there, and opens the app again at the callback, which it has not handled yet. */
async function comeBack({ browser, page, meddle, deny, ...options }: LoginOptions = {}): Promise<App> {
  const first = openApp(page ?? openPage(`${APP}/notes?page=2`, { now }), options)
  await first.auth.login(deny ? { prompt: 'consent' } : {})
  const request = new URL(first.page.address())
  const back = await signIn(meddle?.(request) ?? request, `${APP}/callback`, {
    ...(browser && { browser }),
    ...(deny && { deny }),
  })
  return openApp(first.page.load(back), options)
}

async function signedIn(options?: LoginOptions): Promise<App> {
  const app = await comeBack(options)
  await app.auth.handleCallback()
  return app
}

describe('@pixy/browser', () => {
  it('signs in and goes back to where it was', async () => {
    const { auth } = await comeBack()
    expect(await auth.handleCallback()).toEqual({ returnTo: '/notes?page=2' })
    expect(auth.getSnapshot()).toMatchObject({
      status: 'signed-in',
      user: { iss: pixy.issuer, aud: 'spa', sub: expect.stringMatching(/^usr_/) },
      scopes: SCOPE.split(' '),
    })
  })

  it.each(ALGORITHMS)('verifies an ID token signed with %s', async (alg) => {
    const { auth } = await signedIn({ clientId: `spa-${alg}` })
    expect(auth.getSnapshot().status).toBe('signed-in')
  })

  it('calls the API with a token that is for it alone', async () => {
    const { auth } = await signedIn()
    const headers = { 'content-type': 'application/json' }
    const made = await auth.fetch(`${api.url}/api/notes`, {
      method: 'POST',
      headers,
      body: '{"text":"Buy milk"}',
    })
    expect(made.status).toBe(201)
    expect(await (await auth.fetch(`${api.url}/api/notes`)).json()).toMatchObject({
      notes: [{ text: 'Buy milk' }],
    })
    expect(claimsOf(await auth.getAccessToken())).toMatchObject({ aud: api.url, client_id: 'spa' })
  })

  it('renews the access token when it ends, once for all who ask', async () => {
    const { auth } = await signedIn()
    const before = await auth.getAccessToken()
    pixy.clock.advance('11m')
    const [one, two] = await Promise.all([auth.getAccessToken(), auth.getAccessToken()])
    expect(one).not.toBe(before)
    expect(two).toBe(one)
    expect((await auth.fetch(`${api.url}/api/me`)).status).toBe(200)
  })

  it('stays signed in when the answer to a refresh is lost', async () => {
    let losing = false
    const network = async (request: Request): Promise<Response> => {
      const response = await fetch(request)
      if (!losing || !request.url.endsWith('/oauth2/token')) return response
      losing = false
      throw new TypeError('Failed to fetch')
    }
    const page = openPage(`${APP}/`, { now, network })
    const { auth } = await signedIn({ page })
    pixy.clock.advance('11m')
    losing = true
    expect(await auth.getAccessToken()).toBeTypeOf('string')
    pixy.clock.advance('11m')
    expect(await auth.getAccessToken()).toBeTypeOf('string')
  })

  it('signs in with a key that is newer than the ones it has fetched', async () => {
    const { auth, page } = await signedIn()
    const response = await fetch(`${pixy.url}/__test/keys/rotate`, { method: 'POST', body: '{"now":true}' })
    expect(response.status).toBe(200)
    const before = auth.getSnapshot().user
    const after = (await signedIn({ page: page.load(`${APP}/`) })).auth.getSnapshot().user
    expect(after?.sub).toBe(before?.sub)
    // The same client, with the old keys in its memory, reads a token by the new key.
    pixy.clock.advance('11m')
    await auth.getAccessToken()
    expect(auth.getSnapshot().user?.iat).toBeGreaterThan(before?.iat ?? 0)
  })

  it('signs out at the server too, whose pages then ask for a password again', async () => {
    const browser = new FormBrowser()
    const { auth, page } = await signedIn({ browser })
    await auth.logout()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out', user: undefined })
    const { location } = await browser.follow(await browser.visit(page.address()), (to) => to.startsWith(APP))
    expect(location).toBe(`${APP}/bye`)

    const next = openApp(page.load(`${APP}/`))
    await next.auth.login({ prompt: 'none' })
    const back = await signIn(next.page.address(), `${APP}/callback`, { browser })
    await expect(openApp(page.load(back)).auth.handleCallback()).rejects.toMatchObject({
      code: 'login_required',
    })
  })

  it('ends its session when the server says that the grant is over', async () => {
    const { auth, page } = await signedIn()
    const copy = openApp(page.duplicate()).auth
    expect(await copy.getAccessToken()).toBeTypeOf('string')
    await auth.revoke()
    pixy.clock.advance('11m')
    await expect(copy.getAccessToken()).rejects.toMatchObject({ code: 'invalid_grant' })
    expect(copy.getSnapshot()).toMatchObject({ status: 'signed-out', error: { code: 'invalid_grant' } })
  })

  it('reads the server from the origin of its client alone (CORS)', async () => {
    const token = await (await signedIn()).auth.getAccessToken()
    const stranger = openPage('https://stranger.example/', { now })
    expect(await openApp(stranger).auth.getMetadata()).toMatchObject({ issuer: pixy.issuer }) // anybody may
    await expect(
      stranger.platform.fetch?.(`${pixy.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }),
    ).rejects.toThrow('CORS')
  })
})

describe('@pixy/browser notices', () => {
  it.each([
    ['state', 'somebody-elses', 'state_mismatch'],
    ['state', null, 'state_missing'],
    ['iss', 'https://evil.example', 'iss_mismatch'],
    ['iss', null, 'iss_missing'],
    ['code', null, 'callback_invalid'],
    ['code', 'no-such-code', 'invalid_grant'],
  ])('a callback whose %s is %s', async (name, value, code) => {
    const { auth, page } = await comeBack()
    const url = tamper(new URL(page.address()), name, value)
    await expect(auth.handleCallback(url.href)).rejects.toMatchObject({ code })
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out', error: { code } })
  })

  it('an ID token with the nonce of another login', async () => {
    const { auth } = await comeBack({ meddle: (request) => tamper(request, 'nonce', 'another') })
    await expect(auth.handleCallback()).rejects.toMatchObject({
      code: 'id_token_invalid',
      reason: 'nonce_mismatch',
    })
  })

  it('that its verifier was refused, with the reason and the fix that the server gives while developing', async () => {
    const foreign = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' // RFC 7636 App. B
    const { auth } = await comeBack({ meddle: (request) => tamper(request, 'code_challenge', foreign) })
    await expect(auth.handleCallback()).rejects.toMatchObject({
      code: 'invalid_grant',
      reason: 'code_verifier_mismatch',
      hint: expect.any(String),
      flowId: expect.stringMatching(/^flow_/),
      docUrl: `${pixy.url}/docs/errors/code_verifier_mismatch`,
    })
  })

  it('an access token that was swapped on the way', async () => {
    const swap = async (request: Request): Promise<Response> => {
      const response = await fetch(request)
      if (!request.url.endsWith('/oauth2/token')) return response
      const tokens = (await response.json()) as object
      return Response.json({ ...tokens, access_token: 'of.somebody.else' }, { headers: response.headers })
    }
    const { auth } = await comeBack({ page: openPage(`${APP}/`, { now, network: swap }) })
    await expect(auth.handleCallback()).rejects.toMatchObject({
      code: 'id_token_invalid',
      reason: 'at_hash_mismatch',
    })
  })

  it('that the user declined', async () => {
    const { auth } = await comeBack({ deny: true })
    await expect(auth.handleCallback()).rejects.toMatchObject({ code: 'access_denied' })
  })
})
