import { afterEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  aUser,
  expectErrorPage,
  expectRefused,
  flowOf,
  open,
  openPage,
  press,
  signIn,
} from '../../support/authorization.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { ALICE, BOB } from '../../support/test-config.ts'
import { closeProviders, comeBack, leaveFor, redeemAt, signInBy, startBroker } from './support.ts'

afterEach(closeProviders)

const WORKSPACE = 'acme:main'
const verified = { email: ALICE.username.toUpperCase(), email_verified: true, name: 'Alice at Corp' }

async function alice(as: TestAs) {
  const user = await as.server.pixy.deps.store.users.findByUsername(WORKSPACE, 'pool', ALICE.username)
  if (!user) throw new Error('there is no Alice')
  return user
}

async function federatedUsers(as: TestAs) {
  const users = await as.server.pixy.deps.store.users.list(WORKSPACE, { limit: 100 })
  return users.filter(({ sourceId }) => sourceId === 'corp')
}

forEachStore((start) => {
  describe('GET and POST /link-account', () => {
    it('S3-21 an account with the same verified address is linked by its password, never silently', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const browser = new FormBrowser()
      const first = as.authorizationUrl({ client: 'both' })
      const options = { client: 'both', parameters: { idp_hint: 'corp' } }
      const { arrival } = await signInBy(as, provider, { ...options, browser })
      expect(arrival.response).toBeUndefined()
      expect([pageName(arrival.page), arrival.page.status]).toEqual(['link-account', 200])
      expect(arrival.page.body).toContain(ALICE.username)
      expect(arrival.page.body).toContain('Acme Corp')
      expect(arrival.page.body).not.toContain('Alice Adams')

      const wrong = await press(browser, arrival.page, ['password', 'a guess of somebody'])
      expect([pageName(wrong.page), wrong.page.status]).toEqual(['link-account', 401])
      const right = await press(browser, wrong.page, ['password', ALICE.password])
      expect(right.response?.searchParams.has('code')).toBe(true)

      // From now on straight, with the account's own claims; it is not the provider's to change.
      const later = new FormBrowser()
      const request = await leaveFor(as, later, 'corp', options)
      const back = await comeBack(later, provider, request)
      expect(back.response?.searchParams.has('code')).toBe(true)
      const own = await alice(as)
      expect(own.claims.name).toBe('Alice Adams')
      expect(await federatedUsers(as)).toEqual([])
      const { url, verifier } = first
      const silent = await later.visit(url)
      const { claims } = await redeemAt(as, 'both', verifier, new URL(silent.headers.get('location') ?? ''))
      expect(claims).toMatchObject({ sub: own.userId, acr: 'urn:pixy:acr:federated', amr: ['fed'] })
    })

    it('a linked account signs in by either source, each good for the clients of that source', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      await press(browser, arrival.page, ['password', ALICE.password])
      expect((await open(as, browser, { client: 'corp-only' })).response?.searchParams.has('code')).toBe(true)
      await openPage(as, browser, 'sign-in', { client: 'pool-only' })

      const byPassword = new FormBrowser()
      await as.authorize({ client: 'pool-only', browser: byPassword })
      expect((await open(as, byPassword, { client: 'corp-only' })).response?.origin).toBe(provider.issuer)
    })

    it('what proved the person is told: by the provider, and by the password', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const browser = new FormBrowser()
      const { url, verifier } = as.authorizationUrl({ client: 'both', parameters: { idp_hint: 'corp' } })
      const sent = await browser.follow(await browser.visit(url), (to) => to.startsWith(provider.issuer))
      const { page } = await comeBack(browser, provider, new URL(sent.location ?? ''))
      const { response } = await press(browser, page, ['password', ALICE.password])
      expect((await redeemAt(as, 'both', verifier, response)).claims.amr).toEqual(['fed', 'pwd'])
    })

    it('without linking there is a separate account, also from then on', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      const { response } = await press(browser, arrival.page, ['action', 'separate'])
      expect(response?.searchParams.has('code')).toBe(true)
      const again = await signInBy(as, provider, { client: 'both' })
      expect(again.arrival.response?.searchParams.has('code')).toBe(true)
      const made = await federatedUsers(as)
      expect(made.map(({ username }) => username)).toEqual([verified.email])
    })

    it('cancel goes back to the client, and nothing is made', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      const cancelled = await press(browser, arrival.page, ['action', 'cancel'])
      expectRefused(as, cancelled, { error: 'access_denied', reason: 'user_denied' })
      expect(await federatedUsers(as)).toEqual([])
    })

    it.each([
      ['unverified', { email: ALICE.username, email_verified: false }],
      ['said to be verified by a text', { email: ALICE.username, email_verified: 'true' }],
      ['not said to be verified', { email: ALICE.username }],
    ])('an address that is %s is never a reason to ask', async (_, userinfo) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo }
      const { arrival } = await signInBy(as, provider, { client: 'both' })
      expect(arrival.response?.searchParams.has('code')).toBe(true)
      const [made] = await federatedUsers(as)
      expect(made?.userId).not.toBe((await alice(as)).userId)
    })

    it('nor is an account of a source that is not the client’s, without password, or disabled', async () => {
      const { as, provider } = await startBroker(start)
      const bare = await aUser(as, { username: 'bare@example.com', passwordHash: null })
      const off = await aUser(as, { username: 'off@example.com', enabled: false })
      for (const [client, email] of [
        ['corp-only', ALICE.username],
        ['both', bare.username],
        ['both', off.username],
      ] as const) {
        provider.behaviour = { claims: { sub: email }, userinfo: { email, email_verified: true } }
        const { arrival } = await signInBy(as, provider, { client })
        expect(arrival.response?.searchParams.has('code'), email).toBe(true)
      }
    })

    it('guesses are throttled as on the sign-in page, together with it', async () => {
      const { as, provider } = await startBroker(start)
      as.server.clock.stop()
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      let { page } = arrival
      for (let guess = 0; guess < 11; guess++) {
        page = (await press(browser, page, ['password', `guess number ${guess}`])).page
      }
      expect(page.status).toBe(401)
      page = (await press(browser, page, ['password', ALICE.password])).page
      expect(page.status).toBe(429)
      expect(page.headers.get('retry-after')).toMatch(/^\d+$/)
      const other = new FormBrowser()
      const form = await openPage(as, other, 'sign-in', { client: 'both' })
      expect((await signIn(other, form, ALICE)).page.status).toBe(429)
    })

    it('another name in the form does not choose another account', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      const { page } = await press(
        browser,
        arrival.page,
        ['username', BOB.username],
        ['password', BOB.password],
      )
      expect([pageName(page), page.status]).toEqual(['link-account', 401])
    })

    it('is due for whom the provider sent alone, and not for others', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'both' })
      const url = `${as.issuer}/link-account?flow=${flowOf(page)}`
      expect((await browser.visit(url)).headers.get('location')).toContain('/sign-in?flow=')
      provider.behaviour = { userinfo: verified }
      const { arrival } = await signInBy(as, provider, { client: 'both' })
      const stranger = await open(as, new FormBrowser(), { client: 'both' })
      expect(pageName(stranger.page)).toBe('sign-in')
      const peek = await new FormBrowser().visit(arrival.page.url)
      expectErrorPage({ page: peek, response: undefined }, 'interaction_other_browser', peek.status)
    })

    it('an account that is linked and then deleted leaves nothing behind', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: verified }
      const { arrival, browser } = await signInBy(as, provider, { client: 'both' })
      await press(browser, arrival.page, ['password', ALICE.password])
      await as.server.pixy.deps.store.users.delete(WORKSPACE, (await alice(as)).userId)
      const next = await signInBy(as, provider, { client: 'both' })
      expect(next.arrival.response?.searchParams.has('code')).toBe(true)
      expect(await federatedUsers(as)).toHaveLength(1)
    })
  })
})
