import { createHash } from 'node:crypto'
import { type AuthClient, createAuthClient } from '@pixy/browser'
import { FormBrowser } from '@pixy/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createDemoApi } from '../../examples/demo-api/src/server.ts'
import { openPage, type Page } from './support/page.ts'
import { claimsOf, NOTES_API, signIn, startPixy, tamper } from './support/pixy.ts'
import { openSite } from './support/site.ts'

const APP = 'https://app.example'
const SCOPE = 'openid profile offline_access notes:read'

const spa = { redirect_uris: [`${APP}/callback`], post_logout_redirect_uris: [`${APP}/bye`], scope: SCOPE }
const pixy = await startPixy(
  [
    { ...spa, client_id: 'spa' },
    {
      ...spa,
      client_id: 'tapkey-like',
      dialects: ['tapkey'],
      refresh_token: { policy: 'reuse', idle_lifetime: 7_776_000, absolute_lifetime: 0, retry_window: 30 },
    },
  ],
  { loopback_resources: true },
)
const api = await openSite((request, response) => void demoApi.emit('request', request, response))
const demoApi = createDemoApi({ issuer: pixy.issuer, audience: api.url, allowedOrigins: [APP] })
afterAll(async () => {
  await api.close()
  await pixy.close()
})

interface App {
  readonly auth: AuthClient
  readonly page: Page
  /** The forms that were sent to the token endpoint. */
  readonly sent: readonly URLSearchParams[]
}

/** An app that has come back from the server, and has not handled its callback yet. */
async function comeBack({
  clientId = 'spa',
  audience = api.url,
  browser = new FormBrowser(),
} = {}): Promise<App & { readonly request: URL }> {
  const sent: URLSearchParams[] = []
  const network = async (request: Request): Promise<Response> => {
    if (request.url.endsWith('/oauth2/token')) sent.push(new URLSearchParams(await request.clone().text()))
    return fetch(request)
  }
  const now = () => pixy.clock.now() * 1000
  const create = (page: Page) =>
    createAuthClient({
      issuer: pixy.issuer,
      clientId,
      redirectUri: `${APP}/callback`,
      postLogoutRedirectUri: `${APP}/bye`,
      audience,
      scope: SCOPE,
      platform: page.platform,
    })
  const first = openPage(`${APP}/`, { now, network })
  await create(first).login()
  const request = new URL(first.address())
  const page = first.load(await signIn(request, `${APP}/callback`, { browser }))
  return { auth: create(page), page, sent, request }
}

async function signedIn(options?: Parameters<typeof comeBack>[0]): Promise<App> {
  const app = await comeBack(options)
  await app.auth.handleCallback()
  return app
}

const bearer = (token: string, path = '/api/me') =>
  fetch(api.url + path, { headers: { authorization: `Bearer ${token}` } })

describe('@pixy/browser, as the four systems want a client library', () => {
  it('S0-04 S2-03 S2-04 S3-05 makes a new verifier of 32 random bytes for every login, and hashes it by S256', async () => {
    const verifiers: string[] = []
    for (let login = 0; login < 3; login++) {
      const { auth, sent, request } = await comeBack()
      await auth.handleCallback()
      const verifier = sent[0]?.get('code_verifier') ?? ''
      expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(Buffer.from(verifier, 'base64url')).toHaveLength(32)
      const hash = createHash('sha256').update(verifier, 'utf8').digest('base64url')
      expect(request.searchParams.get('code_challenge')).toBe(hash)
      expect(request.searchParams.get('code_challenge_method')).toBe('S256')
      verifiers.push(verifier)
    }
    expect(new Set(verifiers).size).toBe(3)
  })

  it('S0-05 S3-27 does the whole flow: sign in, silently too, claims, revocation, sign out', async () => {
    const browser = new FormBrowser()
    const { auth, page } = await signedIn({ browser, audience: pixy.issuer })
    const { user } = auth.getSnapshot()
    expect(user?.sub).toMatch(/^usr_/)

    await auth.login({ prompt: 'none' })
    const silent = await browser.follow(await browser.visit(page.address()), (to) => to.startsWith(APP))
    expect(new URL(silent.location ?? '').searchParams.has('code')).toBe(true)

    const headers = { authorization: `Bearer ${await auth.getAccessToken()}` }
    const claims = await fetch(`${pixy.issuer}/userinfo`, { headers })
    expect(await claims.json()).toMatchObject({ sub: user?.sub, name: 'Alice Adams' })
    await auth.revoke()
    expect((await fetch(`${pixy.issuer}/userinfo`, { headers })).status).toBe(401)
    await auth.logout()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out' })
  })

  it('S1-27 S2-16 stops at a callback with a foreign state, before the code is sent anywhere', async () => {
    const { auth, page, sent } = await comeBack()
    const foreign = tamper(new URL(page.address()), 'state', 'somebody-elses')
    await expect(auth.handleCallback(foreign.href)).rejects.toMatchObject({ code: 'state_mismatch' })
    expect(sent).toEqual([])
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  it('S1-28 shows no token: not in the address, nor in what it hands to the page', async () => {
    const { auth, page } = await signedIn()
    const token = await auth.getAccessToken()
    const shown = page.address() + JSON.stringify(auth.getSnapshot())
    expect(shown).toContain('usr_')
    for (const secret of [token, token.split('.')[2] ?? '']) expect(shown).not.toContain(secret)
    expect(shown).not.toMatch(/access_token|refresh_token|ey[A-Za-z0-9_-]+\.ey/)
  })

  it('S2-41 S2-27 stores the refresh token of every answer, where it stays the same and where it is another', async () => {
    const tokensOf = async (clientId: string) => {
      const { auth, sent } = await signedIn({ clientId })
      for (let hour = 0; hour < 3; hour++) {
        pixy.clock.advance('61m')
        expect((await bearer(await auth.getAccessToken())).status).toBe(200)
      }
      return sent.map((form) => form.get('refresh_token')).filter((token) => token !== null)
    }
    expect(new Set(await tokensOf('spa')).size).toBe(3)
    const reused = await tokensOf('tapkey-like')
    expect([reused.length, new Set(reused).size]).toEqual([3, 1])
  })
})

describe('an API, as the four systems have theirs', () => {
  it('S0-16 S3-18 S2-36 serves the user whose token comes as Bearer', async () => {
    const { auth } = await signedIn()
    const answer = await bearer(await auth.getAccessToken())
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ sub: auth.getSnapshot().user?.sub, client_id: 'spa' })
    expect((await fetch(`${api.url}/api/me`)).status).toBe(401)
  })

  it('S2-26 answers 401 to an expired token', async () => {
    const token = await (await signedIn()).auth.getAccessToken()
    expect((await bearer(token)).status).toBe(200)
    // The API has no clock but the machine's.
    const { exp } = claimsOf(token)
    vi.useFakeTimers({ toFake: ['Date'], now: (Number(exp) + 10) * 1000 })
    const answer = await bearer(token).finally(() => vi.useRealTimers())
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('S2-38 takes the tokens that are for it, and within their scope', async () => {
    const { auth } = await signedIn()
    const token = await auth.getAccessToken()
    expect((await bearer(token, '/api/notes')).status).toBe(200)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const write = await fetch(`${api.url}/api/notes`, { method: 'POST', headers, body: '{"text":"x"}' })
    expect(write.status).toBe(403)
    const other = await (await signedIn({ audience: NOTES_API })).auth.getAccessToken()
    expect((await bearer(other)).status).toBe(401)
  })
})
