import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import {
  type Arrival,
  arrive,
  aUser,
  errorOn,
  expectErrorPage,
  expectRefused,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { type AuthorizeOptions, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })

forEachSharedStore(
  (as) => {
    /**
     * Posts an authorization request from the client's page, as a browser does: from another site, and so without our
     * cookies (`SameSite=Lax`).
     */
    async function post(browser: FormBrowser, options: AuthorizeOptions = {}): Promise<Arrival> {
      const { url } = as().authorizationUrl(options)
      return arrive(browser, await postBody(browser, new URL(url).searchParams))
    }

    function postBody(
      browser: FormBrowser,
      body: URLSearchParams | string,
      headers: Readonly<Record<string, string>> = {},
    ) {
      return browser.visit(`${as().issuer}/oauth2/authorize`, {
        method: 'POST',
        body,
        cookies: false,
        headers: { origin: 'https://app.example', 'sec-fetch-site': 'cross-site', ...headers },
      })
    }

    describe('POST /oauth2/authorize (OIDC Core §3.1.2.1)', () => {
      it('AZ-27 leads to the same pages and the same response as GET', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const { page } = await post(browser)
        expect(pageName(page)).toBe('sign-in')
        const consent = await signIn(browser, page, user)
        const { response } = await press(browser, consent.page, ['action', 'allow'])
        expect([...(response?.searchParams.keys() ?? [])]).toEqual(['code', 'state', 'iss'])
      })

      it('AZ-27 answers 303 to our own GET, with nothing of the request in the address or in a cookie', async () => {
        const browser = new FormBrowser()
        const { url } = as().authorizationUrl()
        const answer = await postBody(browser, new URL(url).searchParams)
        expect(answer.status).toBe(303)
        expect(answer.headers.get('location')).toMatch(
          new RegExp(`^${as().issuer}/continue\\?flow=flow_\\w{22}$`),
        )
        expect(answer.headers.getSetCookie().join()).not.toContain('state-of-the-test')
      })

      it('AZ-27 finds the session by the GET that follows, since the POST came without cookies', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const { response } = await post(browser)
        expect(response?.searchParams.has('code')).toBe(true)
        const silent = await post(browser, { parameters: { prompt: 'none' } })
        expect(silent.response?.searchParams.has('code')).toBe(true)
      })

      it('AZ-27 answers prompt=none without a session at the client', async () => {
        expectRefused(as(), await post(new FormBrowser(), { parameters: { prompt: 'none' } }), {
          error: 'login_required',
        })
      })

      it('AZ-27 posts the response where form_post was asked for', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const { page } = await post(browser, { parameters: { response_mode: 'form_post' } })
        expect(readForm(page).action).toBe('https://app.example/callback')
        expect(readForm(page).values.map(([name]) => name)).toEqual(['code', 'state', 'iss'])
      })

      it('AZ-27 refuses what GET refuses: by redirect, or by a page', async () => {
        expectRefused(as(), await post(new FormBrowser(), { parameters: { code_challenge: null } }), {
          error: 'invalid_request',
        })
        expectErrorPage(
          await post(new FormBrowser(), { redirectUri: 'https://evil.example/' }),
          'redirect_uri_mismatch',
        )
        expectErrorPage(await post(new FormBrowser(), { client: 'nobody' }), 'authorization_client_unknown')
        const { searchParams } = new URL(as().authorizationUrl().url)
        searchParams.append('client_id', 'spa')
        const page = await postBody(new FormBrowser(), searchParams)
        expectErrorPage({ page, response: undefined }, 'parameter_repeated')
      })

      it('leaves the other tabs of the browser alone', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        // Its cookie is there already, so that the first tab shares it.
        await openPage(as(), browser, 'sign-in')
        const first = await openPage(as(), browser, 'sign-in')
        const second = (await post(browser)).page
        const third = (await post(browser)).page
        for (const tab of [first, second, third]) {
          const { page } = await openUrl(browser, tab.url)
          expect(pageName(page), errorOn(page).reason).toBe('sign-in')
        }
        const consent = await signIn(browser, first, user)
        expect(
          (await press(browser, consent.page, ['action', 'allow'])).response?.searchParams.has('code'),
        ).toBe(true)
        for (const tab of [second, third]) {
          expect((await openUrl(browser, tab.url)).response?.searchParams.has('code')).toBe(true)
        }
      })

      it('LG-24 belongs to the browser that goes on first, and to no other', async () => {
        const browser = new FormBrowser()
        const { url } = as().authorizationUrl()
        const posted = await postBody(browser, new URL(url).searchParams)
        const address = posted.headers.get('location') ?? ''
        const { page } = await openUrl(browser, address)
        expect(pageName(page)).toBe('sign-in')
        for (const elsewhere of [address, page.url]) {
          expectErrorPage(await openUrl(new FormBrowser(), elsewhere), 'interaction_other_browser')
        }
        // Reloading the address where it began is harmless.
        expect(pageName((await openUrl(browser, address)).page)).toBe('sign-in')
      })

      it('takes its parameters from the body alone', async () => {
        const { url } = as().authorizationUrl()
        const page = await new FormBrowser().visit(url, { method: 'POST', body: new URLSearchParams() })
        expectErrorPage({ page, response: undefined }, 'client_id_missing')
      })
    })

    describe('/oauth2/authorize, other methods and types', () => {
      it.each([
        ['JSON', 'application/json', '{"client_id":"spa"}'],
        [
          'multipart',
          'multipart/form-data; boundary=x',
          '--x\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nspa\r\n--x--',
        ],
        ['text', 'text/plain', 'client_id=spa'],
        ['XML', 'application/xml', '<client_id>spa</client_id>'],
        ['a form in another charset', 'application/x-www-form-urlencoded; charset=utf-16', 'client_id=spa'],
      ])('AZ-28 refuses a body that is %s', async (_what, type, body) => {
        const page = await postBody(new FormBrowser(), body, { 'content-type': type })
        expectErrorPage({ page, response: undefined }, 'content_type_unsupported')
      })

      it('AZ-28 refuses a body without a type, and one with two', async () => {
        const { searchParams } = new URL(as().authorizationUrl().url)
        const body = new TextEncoder().encode(String(searchParams))
        for (const type of [undefined, 'application/json, application/x-www-form-urlencoded']) {
          const headers = type === undefined ? {} : { 'content-type': type }
          const answer = await as().request('/oauth2/authorize', { method: 'POST', headers, body })
          expect(answer.status).toBe(400)
          expect(answer.headers.get('location')).toBeNull()
        }
      })

      it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('AZ-28 does nothing for %s', async (method) => {
        const { status, headers } = await as().request(new URL(as().authorizationUrl().url).href, { method })
        expect(status).toBe(method === 'OPTIONS' ? 204 : 405)
        expect(headers.get('allow')).toBe('GET, POST')
        expect(headers.get('location')).toBeNull()
      })

      it('AZ-28 answers 413 to a body that no request needs', async () => {
        const { status } = await as().post('/oauth2/authorize', {
          client_id: 'spa',
          state: 'x'.repeat(70_000),
        })
        expect(status).toBe(413)
      })
    })
  },
  { config },
)
