import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  arrive,
  aUser,
  expectErrorPage,
  open,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { claimsOf, forEachStore, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    {
      client_id: 'always',
      redirect_uris: ['https://app.example/callback'],
      offline_access: 'always',
      consent: 'implied',
      scope: 'openid profile email',
    },
  ],
})

function store(as: TestAs) {
  const { deps } = as.server.pixy
  return { ...deps.store, workspaceId: deps.workspaces.list()[0]?.id ?? '' }
}

forEachStore((start) => {
  describe('review: consent (OIDC Core §3.1.2.4)', () => {
    it('does not let a consent page that shows one account be answered for another one, signed in meanwhile', async () => {
      const as = await start({ config })
      const [first, second] = [await aUser(as), await aUser(as)]
      const browser = await signedIn(as, first)
      const page = await openPage(as, browser, 'consent', { parameters: { prompt: 'consent' } })
      expect(page.body).toContain(first.username)

      // In another tab somebody else signs in; that account is now the last used one.
      as.advance(5)
      await as.authorize({ user: second, browser, parameters: { prompt: 'login' } })
      const answer = await press(browser, page, ['action', 'allow'], ['scope', 'openid'])
      expectErrorPage(answer, 'csrf_mismatch', 403)

      const again = await arrive(browser, await browser.visit(page.url))
      expect(again.page.body).toContain(second.username)
      const done = await press(browser, again.page, ['action', 'allow'])
      expect(done.response?.searchParams.has('code')).toBe(true)
    })
  })

  describe('review: logout after a second sign-in (RP-Initiated Logout §2)', () => {
    const logOut = async (as: TestAs, browser: FormBrowser) => {
      const page = await arrive(browser, await browser.visit(`${as.issuer}/sign-out`))
      expect(pageName(page.page)).toBe('sign-out')
      await press(browser, page.page)
    }

    it('ends what was granted before the same person signed in again in that browser', async () => {
      const as = await start({ config })
      const user = await aUser(as)
      const browser = new FormBrowser()
      const earlier = await as.login({ user, browser, client: 'always', scope: 'openid' })
      await as.login({ user, browser, client: 'always', scope: 'openid', parameters: { prompt: 'login' } })
      await logOut(as, browser)
      expect((await as.userinfo(earlier.access_token)).status).toBe(401)
      const refreshed = await as.refresh(earlier.refresh_token, { client_id: 'always' })
      expect(refreshed).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    })

    it('ends what comes of a code that was issued before they signed in again', async () => {
      const as = await start({ config })
      const user = await aUser(as)
      const browser = new FormBrowser()
      const authorized = await as.authorize({ user, browser, client: 'always', scope: 'openid' })
      await as.authorize({
        user,
        browser,
        client: 'always',
        scope: 'openid',
        parameters: { prompt: 'login' },
      })
      const { access_token } = (await as.redeem(authorized)).json
      expect((await as.userinfo(String(access_token))).status).toBe(200)
      await logOut(as, browser)
      expect((await as.userinfo(String(access_token))).status).toBe(401)
    })

    it('leaves what another person was granted in another browser', async () => {
      const as = await start({ config })
      const other = await as.login({ user: await aUser(as), client: 'always', scope: 'openid' })
      const user = await aUser(as)
      const browser = new FormBrowser()
      await as.login({ user, browser, client: 'always', scope: 'openid' })
      await as.login({ user, browser, client: 'always', scope: 'openid', parameters: { prompt: 'login' } })
      await logOut(as, browser)
      expect((await as.userinfo(other.access_token)).status).toBe(200)
    })
  })

  describe('review: what the sign-in page tells about an account', () => {
    it('shows nobody the username of a sub that a client, or a stranger, asks for', async () => {
      const as = await start({ config })
      const person = await aUser(as)
      const { id_token } = await as.login({ user: person, scope: 'openid' })
      const { sub } = claimsOf(id_token)
      const claims = JSON.stringify({ id_token: { sub: { value: sub } } })
      for (const parameters of [{ claims }, { id_token_hint: id_token }]) {
        const stranger = new FormBrowser()
        const page = await openPage(as, stranger, 'sign-in', { scope: 'openid', parameters })
        expect(page.body).not.toContain(person.username)
        const wrong = await signIn(stranger, page, { username: 'somebody', password: 'else' })
        expect(wrong.page.body).not.toContain(person.username)

        // Nor is anybody else let through, and the right person is.
        const other = await signIn(stranger, page, await aUser(as))
        expect(pageName(other.page)).toBe('sign-in')
        const right = await signIn(stranger, other.page, person)
        expect(right.response?.searchParams.has('code') || pageName(right.page) === 'consent').toBe(true)
      }
    })

    it('shows it in a browser that has signed in to the account before', async () => {
      const as = await start({ config })
      const person = await aUser(as)
      const browser = new FormBrowser()
      const { id_token } = await as.login({ user: person, browser })
      const parameters = { id_token_hint: id_token, prompt: 'login' }
      expect((await openPage(as, browser, 'sign-in', { parameters })).body).toContain(person.username)
    })
  })

  describe('review: a redirect URI that is taken away in an emergency', () => {
    it('gets no code any more, also of a sign-in that is under way', async () => {
      const as = await start({ config })
      const person = await aUser(as)
      const browser = new FormBrowser()
      const pending = { client: 'spa-two', redirectUri: 'https://app.example/other' }
      const { page } = await open(as, browser, pending)
      const { clients, workspaceId } = store(as)
      const client = await clients.find(workspaceId, 'spa-two')
      if (!client) throw new Error('no client')
      const metadata = { ...client.metadata, redirect_uris: ['https://app.example/callback'] }
      await clients.update({ ...client, metadata })
      await as.server.pixy.deps.workspaces.refresh()

      expectErrorPage(await signIn(browser, page, person), 'redirect_uri_mismatch')
      expectErrorPage(await openUrl(browser, page.url), 'redirect_uri_mismatch')
      expectErrorPage(await press(browser, page, ['action', 'cancel']), 'redirect_uri_mismatch')
    })
  })
})
