import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import { foreignKey } from '../../support/jwt.ts'
import {
  type AuthorizeOptions,
  claimsOf,
  forEachSharedStore,
  headerOf,
  type Tokens,
} from '../../support/test-as.ts'
import { BOB, testConfig } from '../../support/test-config.ts'

const BYE = 'https://app.example/bye'
const config = testConfig({
  clients: [
    {
      client_id: 'with-query',
      redirect_uris: ['https://app.example/callback'],
      consent: 'implied',
      post_logout_redirect_uris: ['https://app.example/bye?tenant=a'],
    },
    {
      client_id: 'app',
      application_type: 'native',
      redirect_uris: ['https://app.example/callback'],
      consent: 'implied',
      post_logout_redirect_uris: ['com.example.app:/bye'],
    },
  ],
})

forEachSharedStore(
  (server) => {
    const login = async (
      options: AuthorizeOptions = {},
    ): Promise<{ browser: FormBrowser; tokens: Tokens }> => {
      const browser = options.browser ?? new FormBrowser()
      return { browser, tokens: await server().login({ client: 'spa-implied', ...options, browser }) }
    }
    const logout = (
      browser: FormBrowser,
      parameters: Readonly<Record<string, string>> | ReadonlyArray<readonly [string, string]> = {},
    ) =>
      browser.visit(
        `${server().issuer}/oauth2/logout?${new URLSearchParams(parameters as Record<string, string>)}`,
      )
    /** Whether this browser would get a code without a page. */
    const isSignedIn = async (browser: FormBrowser): Promise<boolean> => {
      const { url } = await server().authorizationResponse({
        browser,
        client: 'spa-implied',
        parameters: { prompt: 'none' },
      })
      return url.searchParams.has('code')
    }
    const locationOf = (visit: Visit) => visit.headers.get('location')
    const expectPage = (visit: Visit, name: string) =>
      expect([visit.status, pageName(visit), locationOf(visit)]).toEqual([200, name, null])

    describe('GET and POST /oauth2/logout (OIDC RP-Initiated Logout 1.0 §2, §3)', () => {
      it('LO-01: a bare link from elsewhere asks first, and the session lives until the answer', async () => {
        const { browser } = await login()
        const page = await browser.visit(`${server().issuer}/oauth2/logout`, {
          headers: { 'sec-fetch-site': 'cross-site' },
        })
        expectPage(page, 'sign-out')
        expect(page.body).toMatch(/id="logout-form"/)
        expect(page.body).toMatch(/id="logout-confirm"/)
        expect(page.body).toMatch(/id="logout-cancel"/)
        expect(await isSignedIn(browser)).toBe(true)
        const done = await browser.follow(await browser.submit(page, [['action', 'confirm']]), () => false)
        expectPage(done.visit, 'signed-out')
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('LO-01: cancel keeps the session', async () => {
        const { browser } = await login()
        const page = await logout(browser)
        const done = await browser.submit(page, [['action', 'cancel']])
        expect(done.status).toBe(303)
        expect(await isSignedIn(browser)).toBe(true)
      })

      it('LO-02: never goes to an address that is not registered, exactly', async () => {
        const { browser, tokens } = await login({ client: 'spa' })
        const unregistered = [
          'https://evil.example',
          `${BYE}/`,
          `${BYE}?`,
          `${BYE}?x=1`,
          `${BYE}#x`,
          'https://APP.example/bye',
          'https://app.example:443/bye',
          'https://app.example/b%79e',
          'https://app.example.evil.example/bye',
          'https://app.example@evil.example/bye',
          'javascript:alert(1)',
          '//evil.example',
          '/bye',
          `${BYE}\r\nx: y`,
          'https://app.example/callback',
        ]
        for (const uri of unregistered) {
          const fresh = new FormBrowser()
          const answers = [
            await logout(fresh, { post_logout_redirect_uri: uri, client_id: 'spa' }),
            await logout(fresh, { post_logout_redirect_uri: uri, id_token_hint: tokens.id_token }),
            await logout(browser, { post_logout_redirect_uri: uri, client_id: 'spa' }),
          ]
          for (const answer of answers) {
            expect(locationOf(answer) ?? server().issuer, uri).toContain(server().issuer)
            expect(locationOf(answer) ?? '', uri).not.toContain('evil')
            expect(answer.body, uri).not.toContain('javascript:')
          }
        }
        const hinted = await logout(browser, {
          post_logout_redirect_uri: 'https://evil.example',
          id_token_hint: tokens.id_token,
        })
        const done = await browser.follow(hinted, () => false)
        expectPage(done.visit, 'signed-out')
      })

      it('LO-02: without client_id or hint no address counts, not even a registered one', async () => {
        const { browser } = await login()
        for (const who of [browser, new FormBrowser()]) {
          const answer = await logout(who, { post_logout_redirect_uri: BYE })
          expect(locationOf(answer) ?? '').not.toContain('app.example')
        }
        const confirmed = await browser.submit(await logout(browser, { post_logout_redirect_uri: BYE }), [
          ['action', 'confirm'],
        ])
        expect(locationOf(confirmed)).toContain(`${server().issuer}/signed-out`)
      })

      it('LO-03: with a hint of this session it ends it, and goes to exactly the registered address with state', async () => {
        const { browser, tokens } = await login({ client: 'spa' })
        const state = 's&=+ ü"<'
        const answer = await logout(browser, {
          id_token_hint: tokens.id_token,
          post_logout_redirect_uri: BYE,
          state,
        })
        expect(answer.status).toBe(303)
        const location = new URL(locationOf(answer) ?? '')
        expect(location.origin + location.pathname).toBe(BYE)
        expect([...location.searchParams]).toEqual([['state', state]])
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('LO-03: works without state, without address, and by POST', async () => {
        const first = await login({ client: 'spa' })
        expect(
          locationOf(
            await logout(first.browser, {
              id_token_hint: first.tokens.id_token,
              post_logout_redirect_uri: BYE,
            }),
          ),
        ).toBe(BYE)
        const second = await login()
        expect(
          locationOf(await logout(second.browser, { id_token_hint: second.tokens.id_token, state: 'x' })),
        ).toBe(`${server().issuer}/signed-out?client_id=spa-implied`)
        expect(await isSignedIn(second.browser)).toBe(false)
        const third = await login({ client: 'spa' })
        const form = new URLSearchParams({
          id_token_hint: third.tokens.id_token,
          post_logout_redirect_uri: BYE,
          state: 'x',
        })
        // From the client's page: no SameSite=Lax cookie comes along.
        const posted = await third.browser.visit(`${server().issuer}/oauth2/logout`, {
          body: form,
          cookies: false,
          headers: { origin: 'https://app.example' },
        })
        const { location } = await third.browser.follow(posted, (target) => target.startsWith(BYE))
        expect(location).toBe(`${BYE}?state=x`)
        expect(await isSignedIn(third.browser)).toBe(false)
      })

      it('LO-03: keeps the query of the registered address, and goes to one of an app', async () => {
        const first = await login({ client: 'with-query' })
        const uri = 'https://app.example/bye?tenant=a'
        expect(
          locationOf(
            await logout(first.browser, {
              id_token_hint: first.tokens.id_token,
              post_logout_redirect_uri: uri,
              state: 'x',
            }),
          ),
        ).toBe(`${uri}&state=x`)
        const second = await login({ client: 'app' })
        const app = {
          id_token_hint: second.tokens.id_token,
          post_logout_redirect_uri: 'com.example.app:/bye',
        }
        expect(locationOf(await logout(second.browser, app))).toBe('com.example.app:/bye')
      })

      it('LO-03: with client_id alone it asks, and goes to the address after the answer', async () => {
        const { browser } = await login({ client: 'spa' })
        const page = await logout(browser, { client_id: 'spa', post_logout_redirect_uri: BYE, state: 'x' })
        expectPage(page, 'sign-out')
        const confirmed = await browser.submit(page, [['action', 'confirm']])
        expect([confirmed.status, locationOf(confirmed)]).toEqual([303, `${BYE}?state=x`])
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('LO-03: an expired hint counts, and so does one that a retired key has signed', async () => {
        const as = server()
        const { browser, tokens } = await login({ client: 'spa', remember: true })
        await as.request(`${as.server.url}/__test/keys/rotate`, { method: 'POST', body: '{"now":true}' })
        as.advance('2d')
        const { kid } = headerOf(tokens.id_token)
        const published = (await as.request('/.well-known/jwks.json')).json.keys as ReadonlyArray<{
          kid: string
        }>
        expect(published.map((key) => key.kid)).not.toContain(kid)
        expect(await isSignedIn(browser)).toBe(true)
        const answer = await logout(browser, {
          id_token_hint: tokens.id_token,
          post_logout_redirect_uri: BYE,
        })
        expect(locationOf(answer)).toBe(BYE)
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('LO-03: nobody signed in: it goes on all the same, and without an address says so', async () => {
        const { tokens } = await login({ client: 'spa' })
        const fresh = new FormBrowser()
        expect(
          locationOf(await logout(fresh, { id_token_hint: tokens.id_token, post_logout_redirect_uri: BYE })),
        ).toBe(BYE)
        expectPage((await fresh.follow(await logout(fresh), () => false)).visit, 'signed-out')
        expectPage((await fresh.follow(await logout(fresh, { state: 'x' }), () => false)).visit, 'signed-out')
      })

      it('LO-03: a hint of another browser’s session does not end this one unasked', async () => {
        const [alice, bob] = [await login(), await login({ user: BOB })]
        expectPage(await logout(bob.browser, { id_token_hint: alice.tokens.id_token }), 'sign-out')
        expect(await isSignedIn(bob.browser)).toBe(true)
        expect(await isSignedIn(alice.browser)).toBe(true)
      })

      it('LO-04: a cookie that was copied before is worth nothing after', async () => {
        const { origin } = new URL(server().issuer)
        const { browser, tokens } = await login()
        const thief = new FormBrowser()
        for (const [name, value] of browser.cookies(origin)) thief.setCookie(origin, name, value)
        expect(await isSignedIn(thief)).toBe(true)
        await logout(browser, { id_token_hint: tokens.id_token })
        expect(await isSignedIn(thief)).toBe(false)
        expect([...browser.cookies(origin).keys()]).not.toContain('pixy_sid')
      })

      it('LO-05: refuses forged hints, and the session lives', async () => {
        const { browser, tokens } = await login()
        const claims = claimsOf(tokens.id_token)
        const [head = '', payload = '', signature = ''] = tokens.id_token.split('.')
        const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
        const stranger = await foreignKey('RS256', String(headerOf(tokens.id_token).kid))
        const forged = [
          'x',
          'a.b.c',
          `${head}.${payload}.`,
          `${encode({ alg: 'none' })}.${payload}.`,
          `${encode({ ...headerOf(tokens.id_token), alg: 'none' })}.${payload}.`,
          `${head}.${encode({ ...claims, aud: 'spa-two' })}.${signature}`,
          tokens.access_token,
          tokens.refresh_token,
          await new SignJWT(claims)
            .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: String(stranger.jwk.kid) })
            .sign(stranger.privateKey),
        ]
        for (const id_token_hint of forged) {
          const answer = await logout(browser, { id_token_hint, post_logout_redirect_uri: BYE })
          expect([answer.status, pageName(answer)], id_token_hint.slice(0, 20)).toEqual([400, 'error'])
          expect(locationOf(answer)).toBeNull()
        }
        expect(await isSignedIn(browser)).toBe(true)
      })

      it('LO-06: the answer counts from our own page in this browser alone', async () => {
        const issuer = server().issuer
        const { browser } = await login()
        const page = await logout(browser)
        const { action, values } = readForm(page)
        const good = Object.fromEntries([...values, ['action', 'confirm']])
        const { csrf: _, ...withoutToken } = good
        const sameOrigin = { origin: issuer, 'sec-fetch-site': 'same-origin' }
        const other =
          readForm(await logout((await login({ user: BOB })).browser)).values.find(
            ([name]) => name === 'csrf',
          )?.[1] ?? ''
        const attempts: ReadonlyArray<readonly [Record<string, string>, Record<string, string>]> = [
          [withoutToken, sameOrigin],
          [{ ...good, csrf: '' }, sameOrigin],
          [{ ...good, csrf: 'x' }, sameOrigin],
          [{ ...good, csrf: other }, sameOrigin],
          [good, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
          [good, { origin: 'https://evil.example' }],
          [good, { origin: 'null' }],
          [good, { 'sec-fetch-site': 'same-site' }],
        ]
        for (const [form, headers] of attempts) {
          const answer = await browser.visit(action, { body: new URLSearchParams(form), headers })
          expect(answer.status, JSON.stringify(headers)).toBeGreaterThanOrEqual(400)
          expect(answer.status).toBeLessThan(500)
        }
        const elsewhere = await new FormBrowser().visit(action, {
          body: new URLSearchParams(good),
          headers: sameOrigin,
        })
        expect([400, 403]).toContain(elsewhere.status)
        expect(await isSignedIn(browser)).toBe(true)
      })

      it('LO-07: refuses a client_id that is not the hint’s, and an unknown one', async () => {
        const { browser, tokens } = await login({ client: 'spa' })
        for (const parameters of [
          { id_token_hint: tokens.id_token, client_id: 'spa-two' },
          { id_token_hint: tokens.id_token, client_id: 'nobody' },
          { client_id: 'nobody', post_logout_redirect_uri: BYE },
        ]) {
          const answer = await logout(browser, parameters)
          expect([answer.status, locationOf(answer)]).toEqual([400, null])
        }
        expect(await isSignedIn(browser)).toBe(true)
      })

      it('LO-08: the pages cannot be framed or kept, and reflect no markup', async () => {
        const { browser } = await login()
        const markup = '"><script>alert(1)</script>'
        const pages = [
          await logout(browser, {
            state: markup,
            client_id: 'spa',
            post_logout_redirect_uri: BYE,
            ui_locales: markup,
            logout_hint: markup,
          }),
        ]
        const fresh = new FormBrowser()
        pages.push((await fresh.follow(await logout(fresh, { state: markup }), () => false)).visit)
        pages.push(await logout(fresh, { id_token_hint: markup }), await logout(fresh, { client_id: markup }))
        for (const page of pages) {
          expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
          expect(page.headers.get('x-frame-options')).toBe('DENY')
          expect(page.headers.get('cache-control')).toBe('no-store')
          expect(page.body).not.toContain('<script>alert')
        }
      })

      it('LO-09: refuses each parameter that is sent twice', async () => {
        const { browser, tokens } = await login({ client: 'spa' })
        const good = {
          id_token_hint: tokens.id_token,
          client_id: 'spa',
          post_logout_redirect_uri: BYE,
          state: 'x',
        }
        for (const [name, value] of Object.entries(good)) {
          const answer = await logout(browser, [...Object.entries(good), [name, value]])
          expect([answer.status, locationOf(answer)], name).toEqual([400, null])
        }
        expect(await isSignedIn(browser)).toBe(true)
      })

      it('other methods and content types are refused', async () => {
        const as = server()
        for (const method of ['PUT', 'DELETE', 'PATCH'])
          expect((await as.request('/oauth2/logout', { method })).status).toBe(405)
        const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
        expect((await as.request('/oauth2/logout', json)).status).toBe(400)
      })

      it('a hint of one of two accounts in a browser ends that one alone', async () => {
        const { browser, tokens } = await login()
        const bob = await login({ browser, user: BOB, parameters: { prompt: 'login' } })
        expect(claimsOf(bob.tokens.id_token).sub).not.toBe(claimsOf(tokens.id_token).sub)
        await logout(browser, { id_token_hint: tokens.id_token })
        expect(await isSignedIn(browser)).toBe(true)
        const { url } = await server().authorizationResponse({
          browser,
          client: 'spa-implied',
          parameters: { prompt: 'none', id_token_hint: tokens.id_token },
        })
        expect(url.searchParams.get('error')).toBe('login_required')
      })
    })
  },
  { config },
)
