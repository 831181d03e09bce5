import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  expectErrorPage,
  expectRefused,
  open,
  openPage,
  openUrl,
  press,
  signIn,
} from '../../support/authorization.ts'
import { claimsOf, forEachStore, type TestAs } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import {
  closeProviders,
  comeBack,
  leaveFor,
  OUR_ID,
  OUR_SECRET,
  pressProvider,
  redeemAt,
  signInBy,
  startBroker,
} from './support.ts'

afterEach(closeProviders)

const WORKSPACE = 'acme:main'

/** The tokens of a request that needs no page. */
async function silently(as: TestAs, browser: FormBrowser, client: string) {
  const { url, verifier } = as.authorizationUrl({ client })
  return redeemAt(as, client, verifier, (await openUrl(browser, url)).response)
}

forEachStore((start) => {
  describe('signing in by another OpenID provider', () => {
    it('S3-12 S3-21 the sign-in page offers each provider, and the user comes back with a code', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo: { name: 'Ada Lovelace', email: 'ada@corp.example' } }
      const browser = new FormBrowser()
      const { url, verifier } = as.authorizationUrl({ client: 'all' })
      const { page } = await openUrl(browser, url)
      expect(page.body).toContain('Acme Corp')
      expect(page.body).toContain('id="provider-other"')
      expect(page.body).toContain('id="password"')
      expect(page.body.match(/<form /g)).toHaveLength(1)

      const request = await pressProvider(browser, page, 'corp')
      expect(`${request.origin}${request.pathname}`).toBe(`${provider.issuer}/authorize`)
      expect(Object.fromEntries(request.searchParams)).toEqual({
        response_type: 'code',
        client_id: OUR_ID,
        redirect_uri: `${as.issuer}/federation/callback/corp`,
        scope: 'openid profile email',
        state: expect.stringMatching(/^flow_[A-Za-z0-9]{22}\.[A-Za-z0-9]{50}$/),
        nonce: expect.stringMatching(/^[A-Za-z0-9]{50}$/),
        code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        code_challenge_method: 'S256',
      })
      const { response } = await comeBack(browser, provider, request)
      const { claims, userinfo } = await redeemAt(as, 'all', verifier, response)
      expect(claims).toMatchObject({ acr: 'urn:pixy:acr:federated', amr: ['fed'] })
      expect(claims.sub).toMatch(/^usr_/)
      expect(userinfo).toMatchObject({ sub: claims.sub, name: 'Ada Lovelace', email: 'ada@corp.example' })

      const [sent] = provider.tokenRequests
      const code = sent?.form.get('code_verifier') ?? ''
      expect(createHash('sha256').update(code).digest('base64url')).toBe(
        request.searchParams.get('code_challenge'),
      )
      expect(sent?.authorization).toBe(`Basic ${btoa(`${OUR_ID}:${OUR_SECRET}`)}`)
      expect(sent?.form.get('redirect_uri')).toBe(request.searchParams.get('redirect_uri'))
    })

    it('S3-12 the only provider of a client is gone to at once, and the same account comes back', async () => {
      const { as, provider } = await startBroker(start)
      const first = as.authorizationUrl({ client: 'corp-only' })
      const browser = new FormBrowser()
      const request = (await openUrl(browser, first.url)).response ?? new URL(first.url)
      expect(request.origin).toBe(provider.issuer)
      const one = await comeBack(browser, provider, request)
      const { claims } = await redeemAt(as, 'corp-only', first.verifier, one.response)

      const again = as.authorizationUrl({ client: 'corp-only' })
      const elsewhere = new FormBrowser()
      const next = (await openUrl(elsewhere, again.url)).response ?? new URL(again.url)
      const two = await comeBack(elsewhere, provider, next)
      const later = await redeemAt(as, 'corp-only', again.verifier, two.response)
      expect(later.claims.sub).toBe(claims.sub)
      expect((await silently(as, browser, 'corp-only')).claims.sub).toBe(claims.sub)
      const { store } = as.server.pixy.deps
      const users = await store.users.list(WORKSPACE, { limit: 100 })
      expect(users.filter(({ sourceId }) => sourceId === 'corp')).toHaveLength(1)
    })

    it('idp_hint goes straight to one of several, and an unknown one is ignored', async () => {
      const { as, provider } = await startBroker(start)
      const hinted = (idp_hint: string) =>
        open(as, new FormBrowser(), { client: 'all', parameters: { idp_hint } })
      expect((await hinted('corp')).response?.origin).toBe(provider.issuer)
      for (const hint of ['pool', 'nobody', '../x'])
        expect(pageName((await hinted(hint)).page)).toBe('sign-in')
      const { page } = await open(as, new FormBrowser(), {
        client: 'both',
        parameters: { idp_hint: 'other' },
      })
      expect(pageName(page)).toBe('sign-in')
    })

    it('prompt=none never leaves: login_required', async () => {
      const { as } = await startBroker(start)
      for (const client of ['corp-only', 'all']) {
        const parameters = { prompt: 'none', idp_hint: 'corp' }
        const arrival = await open(as, new FormBrowser(), { client, parameters })
        expectRefused(as, arrival, { error: 'login_required', reason: 'login_required' })
      }
    })

    it('login_hint and ui_locales are passed on, and the scope always has openid', async () => {
      const { as } = await startBroker(start)
      const parameters = { login_hint: 'ada@corp.example', ui_locales: 'de en', idp_hint: 'other' }
      const { searchParams } = await leaveFor(as, new FormBrowser(), 'other', {
        client: 'providers',
        parameters,
      })
      expect(searchParams.get('login_hint')).toBe('ada@corp.example')
      expect(searchParams.get('ui_locales')).toBe('de en')
      expect(searchParams.get('scope')).toBe('openid email')
    })

    it('without a source of our own there is no password form, nor sign-up, nor does a password count', async () => {
      const { as } = await startBroker(start)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'providers' })
      expect(page.body).not.toContain('id="password"')
      expect(page.body).not.toContain('/sign-up')
      const { page: after, response } = await signIn(browser, page, ALICE)
      expect(response).toBeUndefined()
      expect(after.status).toBe(401)
      expectRefused(as, await press(browser, after, ['action', 'cancel']), {
        error: 'access_denied',
        reason: 'user_denied',
      })
    })

    it('a password still signs in beside a provider that comes first', async () => {
      const { as } = await startBroker(start)
      const browser = new FormBrowser()
      const { url, verifier } = as.authorizationUrl({ client: 'all' })
      const { response } = await signIn(browser, (await openUrl(browser, url)).page, ALICE)
      const { claims } = await redeemAt(as, 'all', verifier, response)
      expect(claims).toMatchObject({ acr: 'urn:pixy:acr:password', amr: ['pwd'] })
    })

    it('an essential acr leaves only the way that reaches it', async () => {
      const { as } = await startBroker(start)
      const asking = (acr: string) => ({
        client: 'both',
        parameters: { claims: JSON.stringify({ id_token: { acr: { essential: true, value: acr } } }) },
      })
      const browser = new FormBrowser()
      await as.authorize({ client: 'both', browser })
      const { response } = await open(as, browser, asking('urn:pixy:acr:federated'))
      expect(response?.pathname, 'a password session does not do').toBe('/authorize')
      const page = await openPage(as, new FormBrowser(), 'sign-in', asking('urn:pixy:acr:password'))
      expect(page.body).not.toContain('provider-corp')
      const refused = { error: 'unmet_authentication_requirements', reason: 'acr_unmet' } as const
      expectRefused(as, await open(as, new FormBrowser(), asking('urn:else')), refused)
      const only = { ...asking('urn:pixy:acr:password'), client: 'corp-only' }
      expectRefused(as, await open(as, new FormBrowser(), only), refused)
      const { json } = await as.request('/.well-known/openid-configuration')
      expect(json.acr_values_supported).toEqual(['urn:pixy:acr:password', 'urn:pixy:acr:federated'])
    })
  })

  describe('how recent the sign-in at the provider is', () => {
    it('prompt=login and max_age are asked of the provider, and auth_time is checked and passed on', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const now = as.server.clock.now()
      const { url, verifier } = as.authorizationUrl({ client: 'corp-only', parameters: { max_age: '600' } })
      const request = (await openUrl(browser, url)).response ?? new URL(url)
      expect(request.searchParams.get('max_age')).toBe('600')
      expect(request.searchParams.get('prompt')).toBeNull()
      provider.behaviour = { claims: { auth_time: now - 500 } }
      const { response } = await comeBack(browser, provider, request)
      expect((await redeemAt(as, 'corp-only', verifier, response)).claims.auth_time).toBe(now - 500)

      as.advance(200)
      const later = (await openUrl(browser, url)).response ?? new URL(url)
      expect(later.origin, 'by now it is 700 s old').toBe(provider.issuer)
      const login = await leaveFor(as, browser, 'corp', {
        client: 'corp-only',
        parameters: { prompt: 'login' },
      })
      expect(login.searchParams.get('prompt')).toBe('login')
      expect(login.searchParams.get('max_age')).toBe('0')
      provider.behaviour = { claims: { auth_time: as.server.clock.now() } }
      expect((await comeBack(browser, provider, login)).response?.searchParams.has('code')).toBe(true)
    })

    it.each([
      ['is older than asked', -700],
      ['is not told', undefined],
    ])('a sign-in that %s does not count', async (_, age) => {
      const { as, provider } = await startBroker(start)
      const options = { client: 'corp-only', parameters: { max_age: '600' } }
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', options)
      const auth_time = age === undefined ? undefined : as.server.clock.now() + age
      provider.behaviour = { claims: { auth_time } }
      const { page, response } = await comeBack(browser, provider, request)
      expect(response).toBeUndefined()
      expect([pageName(page), page.status]).toEqual(['sign-in', 403])
    })

    it('an auth_time in the future counts as now, and one that nobody asked about is taken as it is', async () => {
      const { as, provider } = await startBroker(start)
      as.server.clock.stop()
      const now = as.server.clock.now()
      for (const [told, kept] of [
        [now + 20, now],
        [now - 90_000, now - 90_000],
        [undefined, now],
      ] as const) {
        provider.behaviour = { claims: { auth_time: told } }
        const { url, verifier } = as.authorizationUrl({ client: 'corp-only' })
        const browser = new FormBrowser()
        const request = (await openUrl(browser, url)).response ?? new URL(url)
        const { response } = await comeBack(browser, provider, request)
        expect((await redeemAt(as, 'corp-only', verifier, response)).claims.auth_time).toBe(kept)
      }
    })
  })

  describe('accounts that come from a provider', () => {
    it('have standard claims alone, of the right type, and are brought up to date at each sign-in', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = {
        claims: { groups: ['admins'], email: 'old@corp.example', email_verified: true, locale: 'de' },
        userinfo: {
          email: 'ada@corp.example',
          name: 'Ada',
          phone_number_verified: true,
          address: { country: 'GB', planet: 'Earth' },
          website: 'x'.repeat(5000),
          role: 'root',
          sid: 'x',
          updated_at: 5,
        },
      }
      const { browser } = await signInBy(as, provider)
      const { store } = as.server.pixy.deps
      const user = await store.users.findByUsername(WORKSPACE, 'corp', 'ada-upstream')
      // The verified address is another one, and nobody said a phone number.
      expect(user?.claims).toEqual({
        email: 'ada@corp.example',
        name: 'Ada',
        locale: 'de',
        address: { country: 'GB' },
      })
      provider.behaviour = { userinfo: { email: 'lady@corp.example', email_verified: true } }
      await signInBy(as, provider, { browser, parameters: { prompt: 'login' } })
      expect((await store.users.find(WORKSPACE, user?.userId ?? ''))?.claims).toEqual(user?.claims)
      provider.behaviour = {
        ...provider.behaviour,
        claims: { auth_time: as.server.clock.now() },
      }
      await signInBy(as, provider, { browser, parameters: { prompt: 'login' } })
      const fresh = await store.users.find(WORKSPACE, user?.userId ?? '')
      expect(fresh?.claims).toEqual({ email: 'lady@corp.example', email_verified: true })
      expect(fresh?.username).toBe('ada-upstream')
    })

    it('with an address that is another one’s there are named after their sub', async () => {
      const { as, provider } = await startBroker(start)
      for (const sub of ['first', 'second']) {
        provider.behaviour = {
          claims: { sub },
          userinfo: { email: 'shared@corp.example', email_verified: true },
        }
        expect((await signInBy(as, provider)).arrival.response?.searchParams.has('code')).toBe(true)
      }
      const { store } = as.server.pixy.deps
      const users = await store.users.list(WORKSPACE, { limit: 100 })
      const names = users.filter(({ sourceId }) => sourceId === 'corp').map(({ username }) => username)
      expect(names.sort()).toEqual(['second', 'shared@corp.example'])
    })

    it('are others where the same sub comes from another issuer or by another source', async () => {
      const { as, provider, other } = await startBroker(start)
      other.behaviour = { claims: { aud: 'pixy-at-other' } }
      await signInBy(as, provider, { client: 'providers' })
      await signInBy(as, other, { client: 'providers', source: 'other' })
      const { store } = as.server.pixy.deps
      const users = await store.users.list(WORKSPACE, { limit: 100 })
      const made = users.filter(({ passwordHash }) => passwordHash === null)
      expect(made.map(({ sourceId }) => sourceId).sort()).toEqual(['corp', 'other'])
      const link = { workspaceId: WORKSPACE, sourceId: 'corp', issuer: other.issuer, subject: 'ada-upstream' }
      expect(await store.linkedIdentities.find(link)).toBeUndefined()
    })

    it('that are disabled stay out, and the claims of a disabled one stay as they are', async () => {
      const { as, provider } = await startBroker(start)
      await signInBy(as, provider)
      const { store } = as.server.pixy.deps
      const user = await store.users.findByUsername(WORKSPACE, 'corp', 'ada-upstream')
      if (!user) throw new Error('no account was made')
      await store.users.update({ ...user, enabled: false })
      provider.behaviour = { userinfo: { name: 'Ada' } }
      const { arrival } = await signInBy(as, provider)
      expect(arrival.response).toBeUndefined()
      expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', 403])
      expect((await store.users.find(WORKSPACE, user.userId))?.claims).toEqual({})
    })

    it('must be assigned where the client says so', async () => {
      const { as, provider } = await startBroker(start)
      const { arrival } = await signInBy(as, provider, { client: 'corp-assigned' })
      expectRefused(as, arrival, { error: 'access_denied', reason: 'user_not_assigned' })
      const { store } = as.server.pixy.deps
      const user = await store.users.findByUsername(WORKSPACE, 'corp', 'ada-upstream')
      if (!user) throw new Error('no account was made')
      await store.users.update({ ...user, clients: ['corp-assigned'] })
      const next = await signInBy(as, provider, { client: 'corp-assigned' })
      expect(next.arrival.response?.searchParams.has('code')).toBe(true)
    })

    it('that are not the one of the id_token_hint are told so', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const tokens = await as.login({ client: 'both', browser })
      const parameters = { id_token_hint: tokens.id_token, idp_hint: 'corp', prompt: 'login' }
      provider.behaviour = { claims: { auth_time: as.server.clock.now() } }
      const { arrival } = await signInBy(as, provider, { browser, client: 'both', parameters })
      expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', 403])
      const users = await as.server.pixy.deps.store.users.list(WORKSPACE, { limit: 100 })
      expect(users.filter(({ sourceId }) => sourceId === 'corp')).toEqual([])
      expect(claimsOf(tokens.id_token).amr).toEqual(['pwd'])
    })
  })

  describe('sessions by one source', () => {
    it('are good for clients of that source alone', async () => {
      const { as, provider } = await startBroker(start)
      const byPassword = new FormBrowser()
      await as.authorize({ client: 'pool-only', browser: byPassword, user: await aUser(as) })
      expect((await open(as, byPassword, { client: 'both' })).response?.searchParams.has('code')).toBe(true)
      expect((await open(as, byPassword, { client: 'corp-only' })).response?.origin).toBe(provider.issuer)

      const { browser } = await signInBy(as, provider)
      expect((await open(as, browser, { client: 'both' })).response?.searchParams.has('code')).toBe(true)
      await openPage(as, browser, 'sign-in', { client: 'pool-only' })
    })

    it('an account of another source that is chosen leads to the page: a form may not lead to the provider', async () => {
      const { as } = await startBroker(start)
      const browser = new FormBrowser()
      await as.authorize({ client: 'pool-only', browser })
      const options = { client: 'corp-only', parameters: { prompt: 'select_account' } }
      const choose = await openPage(as, browser, 'select-account', options)
      const sid = /name="account" value="(ses_[^"]+)"/.exec(choose.body)?.[1] ?? ''
      const { page, response } = await press(browser, choose, ['account', sid])
      expect(response).toBeUndefined()
      expect(pageName(page)).toBe('sign-in')
    })

    it('"use another account" shows the page, and asks the provider for a choice', async () => {
      const { as, provider } = await startBroker(start)
      const { browser } = await signInBy(as, provider)
      const options = { client: 'corp-only', parameters: { prompt: 'select_account' } }
      const choose = await openPage(as, browser, 'select-account', options)
      const { page } = await press(browser, choose, ['account', ''])
      const request = await pressProvider(browser, page, 'corp')
      expect(request.searchParams.get('prompt')).toBe('login')
      provider.behaviour = { claims: { sub: 'grace' } }
      expect((await comeBack(browser, provider, request)).response?.searchParams.has('code')).toBe(true)
    })
  })

  describe('GET /federation/start', () => {
    it('knows the providers of the client alone', async () => {
      const { as } = await startBroker(start)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'both' })
      const flow = new URL(page.url).searchParams.get('flow')
      for (const source of ['other', 'pool', '', 'https://evil.example']) {
        const url = `${as.issuer}/federation/start?flow=${flow}&source=${encodeURIComponent(source)}`
        expectErrorPage(await openUrl(browser, url), 'provider_unknown')
      }
      const stranger = await openUrl(
        new FormBrowser(),
        `${as.issuer}/federation/start?flow=${flow}&source=corp`,
      )
      expectErrorPage(stranger, 'interaction_other_browser', stranger.page.status)
      expect(CALLBACK).not.toContain(as.issuer)
    })
  })
})
