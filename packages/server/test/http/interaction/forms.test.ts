import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  arrive,
  aUser,
  errorOn,
  expectErrorPage,
  flowOf,
  open,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    /** Posts to a page's own address whatever it is given. */
    function post(
      browser: FormBrowser,
      page: Visit,
      values: Readonly<Record<string, string>>,
      headers: Readonly<Record<string, string>> = SAME_ORIGIN,
    ) {
      return browser.visit(page.url, { body: new URLSearchParams(values), headers })
    }
    /** Everything that the form of a page would send, with these values. */
    function filled(page: Visit, values: Readonly<Record<string, string>>): Record<string, string> {
      return { ...Object.fromEntries(readForm(page).values), ...values }
    }
    const credentials = (
      page: Visit,
      { username, password }: { readonly username: string; readonly password: string },
    ) => filled(page, { username, password })
    /** The token that the page with this name would hold, made from the browser's own cookie. */
    function tokenFor(browser: FormBrowser, flow: string, page: string): string {
      const transaction = browser.cookies(as().issuer).get('pixy_txn') ?? ''
      return createHmac('sha256', transaction).update(`${flow} ${page}`).digest('base64url')
    }
    const isSignedIn = async (browser: FormBrowser) => {
      const { response } = await open(as(), browser, {
        client: 'spa-implied',
        parameters: { prompt: 'none' },
      })
      return response?.searchParams.has('code') ?? false
    }

    describe('POST /sign-in, forms of our own pages only (OAuth 2.1 §7.10, OWASP ASVS 5.0 §3.5.1)', () => {
      it('LG-01 refuses a post without cookies', async () => {
        const browser = new FormBrowser()
        const person = await aUser(as())
        const page = await openPage(as(), browser, 'sign-in')
        const answer = await browser.visit(page.url, {
          body: new URLSearchParams(credentials(page, person)),
          headers: SAME_ORIGIN,
          cookies: false,
        })
        expectErrorPage({ page: answer, response: undefined }, 'interaction_other_browser')
        expect(answer.headers.getSetCookie()).toEqual([])
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('LG-02 refuses a post with a missing, empty, foreign or changed token', async () => {
        const browser = new FormBrowser()
        const person = await aUser(as())
        const page = await openPage(as(), browser, 'sign-in')
        const own = credentials(page, person)
        const otherFlow = await openPage(as(), browser, 'sign-in')
        const otherBrowser = await openPage(as(), new FormBrowser(), 'sign-in')
        const { csrf: _, ...missing } = own
        for (const values of [
          missing,
          { ...own, csrf: '' },
          { ...own, csrf: `${own.csrf}x` },
          { ...own, csrf: String(own.csrf).slice(0, -1) },
          { ...own, csrf: filled(otherFlow, {}).csrf ?? '' },
          { ...own, csrf: filled(otherBrowser, {}).csrf ?? '' },
          { ...own, csrf: tokenFor(browser, flowOf(page), 'consent') },
          { ...own, csrf: 'ä'.repeat(43) },
        ]) {
          const answer = await post(browser, page, values)
          expectErrorPage({ page: answer, response: undefined }, 'csrf_mismatch', 403)
          expect(answer.headers.getSetCookie()).toEqual([])
        }
        expect(await isSignedIn(browser)).toBe(false)
      })

      it.each([
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'bogus' },
        { origin: 'null' },
        { origin: 'https://evil.example' },
        { origin: 'https://app.example' },
        { origin: 'http://localhost' },
        { origin: '' },
        { 'sec-fetch-site': 'cross-site', origin: 'OUR OWN' },
        { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
      ])('LG-03 refuses a post with all cookies and the right token from elsewhere: %j', async (headers) => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const own = Object.entries(headers).map(([name, value]) => [
          name,
          value === 'OUR OWN' ? as().issuer : value,
        ])
        const answer = await post(
          browser,
          page,
          credentials(page, await aUser(as())),
          Object.fromEntries(own),
        )
        expectErrorPage({ page: answer, response: undefined }, 'cross_site_post', 403)
        expect(answer.headers.getSetCookie()).toEqual([])
        expect(await isSignedIn(browser)).toBe(false)
      })

      it('takes the right token from browsers that say less: own Origin, Sec-Fetch-Site none, or neither header', async () => {
        for (const headers of [{ origin: as().issuer }, { 'sec-fetch-site': 'none' }, {}]) {
          const browser = new FormBrowser()
          const page = await openPage(as(), browser, 'sign-in')
          const answer = await post(browser, page, credentials(page, await aUser(as())), headers)
          expect(answer.status).toBe(303)
        }
      })

      it('LG-03 guards consent, sign-up and select-account in the same way', async () => {
        const person = await aUser(as())
        const browser = await signedIn(as(), person)
        const pages = [
          await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } }),
          await openPage(as(), browser, 'sign-up', { parameters: { prompt: 'create' } }),
          await openPage(as(), browser, 'select-account', { parameters: { prompt: 'select_account' } }),
        ]
        for (const page of pages) {
          const values = filled(page, { action: 'allow', account: '' })
          const crossSite = await post(browser, page, values, { origin: 'https://evil.example' })
          expectErrorPage({ page: crossSite, response: undefined }, 'cross_site_post', 403)
          const forged = await post(browser, page, { ...values, csrf: 'x'.repeat(43) })
          expectErrorPage({ page: forged, response: undefined }, 'csrf_mismatch', 403)
          expect(errorOn(forged).reference).toBe(flowOf(page))
        }
      })
    })

    describe('pages answer the browser that began (RFC 6819 §4.4.1.8)', () => {
      it('LG-04 gives no code for a consent form that another browser or none posts', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const page = await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } })
        const values = filled(page, { action: 'allow' })
        const attacker = await signedIn(as(), await aUser(as()))
        const strangers = [await post(attacker, page, values), await post(new FormBrowser(), page, values)]
        for (const answer of strangers)
          expectErrorPage({ page: answer, response: undefined }, 'interaction_other_browser')
        const { response } = await press(browser, page, ['action', 'allow'])
        expect(response?.searchParams.has('code')).toBe(true)
      })

      it('LG-24 shows neither sign-in nor consent page in another browser', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const victim = await signedIn(as(), await aUser(as()))
        const pages = [
          await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } }),
          await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } }),
        ]
        for (const { url } of pages) {
          for (const other of [victim, new FormBrowser()]) {
            for (const path of ['sign-in', 'consent', 'select-account', 'sign-up', 'continue']) {
              const arrival = await openUrl(other, url.replace(/\/[a-z-]+\?/, `/${path}?`))
              expectErrorPage(arrival, 'interaction_other_browser')
            }
          }
        }
      })

      it('knows no flow by a guessed or broken id', async () => {
        const browser = new FormBrowser()
        await openPage(as(), browser, 'sign-in')
        for (const flow of [
          '',
          'flow_',
          `flow_${'A'.repeat(22)}`,
          `flow_${'A'.repeat(21)}-`,
          `FLOW_${'A'.repeat(22)}`,
          '%00',
          'x'.repeat(3000),
        ]) {
          const { page } = await openUrl(browser, `${as().issuer}/sign-in?flow=${flow}`)
          expect(page.status).toBe(400)
          expect(errorOn(page).reason).toBe(flow === '%00' ? 'request_malformed' : 'interaction_unknown')
        }
        expectErrorPage(await openUrl(browser, `${as().issuer}/sign-in`), 'interaction_unknown')
      })

      it('expires after an hour', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        as().advance(3599)
        expect(pageName((await openUrl(browser, page.url)).page)).toBe('sign-in')
        as().advance(1)
        expectErrorPage(await openUrl(browser, page.url), 'interaction_expired')
      })
    })

    describe('a finished interaction', () => {
      it('LG-19 gives no second code for a replay of its last post, nor for any other page of it', async () => {
        const browser = new FormBrowser()
        const person = await aUser(as())
        const signInPage = await openPage(as(), browser, 'sign-in')
        const consent = await signIn(browser, signInPage, person)
        const values = filled(consent.page, { action: 'allow' })
        const first = await arrive(browser, await post(browser, consent.page, values))
        expect(first.response?.searchParams.has('code')).toBe(true)

        const replays = [
          await post(browser, consent.page, values),
          await post(browser, consent.page, { ...values, action: 'deny' }),
          await post(browser, signInPage, credentials(signInPage, person)),
        ]
        for (const page of replays) expectErrorPage({ page, response: undefined }, 'interaction_finished')
      })

      it('LG-19 gives one code to twenty posts at once', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const page = await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } })
        const values = filled(page, { action: 'allow' })
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(browser, page, values)))
        const codes = answers.filter((answer) => answer.headers.get('location')?.includes('code='))
        expect(codes).toHaveLength(1)
        for (const answer of answers) if (!codes.includes(answer)) expect([303, 400]).toContain(answer.status)
      })

      it('says so on Back and on reload, with the way to start again', async () => {
        const browser = new FormBrowser()
        const signInPage = await openPage(as(), browser, 'sign-in')
        const consent = await signIn(browser, signInPage, await aUser(as()))
        await press(browser, consent.page, ['action', 'allow'])
        for (const { url } of [consent.page, signInPage])
          expectErrorPage(await openUrl(browser, url), 'interaction_finished')
      })

      it('is finished by a denial and by cancelling too', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        await press(browser, page, ['action', 'cancel'])
        expectErrorPage(await openUrl(browser, page.url), 'interaction_finished')
      })
    })

    describe('several tabs of one browser', () => {
      it('finish independently, in whatever order, each with its own state', async () => {
        const browser = new FormBrowser()
        const person = await aUser(as())
        const first = await openPage(as(), browser, 'sign-in', { parameters: { state: 'first' } })
        const second = await openPage(as(), browser, 'sign-in', { parameters: { state: 'second' } })
        const consent = await signIn(browser, second, person)
        const done = await press(browser, consent.page, ['action', 'allow'])
        expect(done.response?.searchParams.get('state')).toBe('second')
        // The first tab is still on its sign-in page: submitting it signs in once more, and finishes there.
        const late = await signIn(browser, first, person)
        expect(late.response?.searchParams.get('state')).toBe('first')
        expect(late.response?.searchParams.has('code')).toBe(true)
      })

      it('are carried along by reload once one of them has signed in', async () => {
        const browser = new FormBrowser()
        const first = await openPage(as(), browser, 'sign-in', { parameters: { state: 'first' } })
        await as().authorize({ user: await aUser(as()), browser })
        const { response } = await openUrl(browser, first.url)
        expect(response?.searchParams.get('state')).toBe('first')
      })

      it('may begin at once in a browser that has no cookie yet: both go on', async () => {
        const browser = new FormBrowser()
        const begun = ['first', 'second'].map((state) =>
          browser.visit(as().authorizationUrl({ parameters: { state } }).url, { cookies: false }),
        )
        const pages = (await Promise.all(begun)).map((answer) => answer.headers.get('location') ?? '')
        for (const page of pages) expect(pageName((await openUrl(browser, page)).page)).toBe('sign-in')
      })

      it('may send the sign-in form twice at once: both go on', async () => {
        const browser = new FormBrowser()
        const person = await aUser(as())
        const page = await openPage(as(), browser, 'sign-in')
        const answers = await Promise.all([1, 2].map(() => post(browser, page, credentials(page, person))))
        for (const answer of answers) expect(answer.headers.get('location')).toContain('/consent?')
      })
    })

    describe('steps cannot be skipped', () => {
      it('LG-20 takes no consent while the sign-in is due, even with the right token for it', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const flow = flowOf(page)
        const consent = { url: page.url.replace('/sign-in?', '/consent?') } as Visit
        const token = tokenFor(browser, flow, 'consent')
        const skipped = await arrive(
          browser,
          await post(browser, consent, { csrf: token, action: 'allow', scope: 'openid' }),
        )
        expect(skipped.response).toBeUndefined()
        expect(pageName(skipped.page)).toBe('sign-in')
        // Nor are the fields of one page read on another.
        const mixed = await arrive(
          browser,
          await post(browser, page, filled(page, { action: 'allow', scope: 'openid' })),
        )
        expect(mixed.response).toBeUndefined()
        expect(pageName(mixed.page)).toBe('sign-in')
      })

      it('LG-20 takes no choice of account for a sign-in', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const page = await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } })
        const choice = { url: page.url.replace('/sign-in?', '/select-account?') } as Visit
        const form = await openUrl(browser, choice.url)
        const sid =
          readForm(form.page).buttons.find(([name, value]) => name === 'account' && value !== '')?.[1] ?? ''
        const arrival = await press(browser, form.page, ['account', sid])
        expect(pageName(arrival.page)).toBe('sign-in')
      })

      it('LG-20 asks whoever signs in last: a consent does not outlive the person who gave it', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        // Ann allowed, but the server stopped before it could answer.
        const { store, workspaces } = as().server.pixy.deps
        const workspaceId = workspaces.list()[0]?.id ?? ''
        await signIn(browser, page, ann)
        const stored = await store.interactions.find(workspaceId, flowOf(page))
        const progress = stored?.progress ?? ''
        const allowed = JSON.stringify({
          ...(JSON.parse(progress) as object),
          consented: ['openid', 'email'],
        })
        expect(await store.interactions.advance(workspaceId, flowOf(page), progress, allowed)).toBe(true)

        const arrival = await signIn(browser, page, ben)
        expect(pageName(arrival.page)).toBe('consent')
        expect(arrival.page.body).toContain(ben.username)
      })

      it.each([
        ['empty', 'application/x-www-form-urlencoded', '', 'csrf_mismatch'],
        [
          'JSON',
          'application/json',
          '{"username":"alice@example.com","action":"allow"}',
          'content_type_unsupported',
        ],
        ['text', 'text/plain', 'username=alice', 'content_type_unsupported'],
        ['garbage', 'application/x-www-form-urlencoded', '%%%&&&===\u0001', 'request_malformed'],
        [
          'a repeated field',
          'application/x-www-form-urlencoded',
          'username=a&username=b',
          'parameter_repeated',
        ],
      ] as const)('LG-26 skips no step by a body that is %s', async (what, type, body, reason) => {
        const person = await aUser(as())
        const browser = await signedIn(as(), person)
        const pages = [
          await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } }),
          await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } }),
          await openPage(as(), browser, 'select-account', { parameters: { prompt: 'select_account' } }),
          await openPage(as(), browser, 'sign-up', { parameters: { prompt: 'create' } }),
        ]
        for (const page of pages) {
          const answer = await browser.visit(page.url, {
            method: 'POST',
            body,
            headers: { ...SAME_ORIGIN, 'content-type': type },
          })
          expect(answer.status, `${pageName(page)} ${what}`).toBeGreaterThanOrEqual(400)
          expect(answer.status).toBeLessThan(500)
          expect(answer.headers.get('location')).toBeNull()
          // Scopes may be repeated on the consent page; there the missing token is what counts.
          if (what !== 'a repeated field' || pageName(page) !== 'consent')
            expect(errorOn(answer).reason).toBe(reason)
          expect(pageName((await openUrl(browser, page.url)).page)).toBe(pageName(page))
        }
      })

      it('LG-26 wants an answer on the consent page: neither allow nor deny is no answer', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const page = await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } })
        for (const action of ['', 'Allow', 'yes', 'allow,deny']) {
          const answer = await post(browser, page, filled(page, { action }))
          expectErrorPage({ page: answer, response: undefined }, 'interaction_step_skipped')
        }
      })

      it('answers other methods with 405', async () => {
        const page = await openPage(as(), new FormBrowser(), 'sign-in')
        for (const path of ['sign-in', 'sign-up', 'consent', 'select-account', 'continue']) {
          for (const method of ['PUT', 'DELETE', 'PATCH']) {
            const { status } = await as().request(`/${path}?flow=${flowOf(page)}`, { method })
            expect(status).toBe(405)
          }
        }
      })
    })
  },
  { config, hasher: quickHasher() },
)
