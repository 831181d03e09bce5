import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  arrive,
  aUser,
  CALLBACK,
  expectRefused,
  open,
  openPage,
  press,
  STATE,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { parseQueryOf } from '../../support/query.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const ODD_STATE =
  '\r\nSet-Cookie: evil=1\r\n\r\n"><script>alert(1)</script>&code=stolen&iss=evil+%20%2B#\'`\\ 状態 \u{1F511}'

const config = testConfig({
  workspace: { signing_algs: ['RS256'] },
  clients: [
    {
      client_id: 'with-query',
      redirect_uris: ['https://app.example/callback?tenant=acme&x=%20'],
      consent: 'implied',
    },
  ],
})

forEachSharedStore(
  (as) => {
    describe('GET /oauth2/authorize, the response (RFC 6749 §4.1.2, RFC 9207 §2)', () => {
      it('AZ-01 sends code, state and iss to the exact redirect URI after sign-in and consent', async () => {
        const person = await aUser(as())
        const browser = new FormBrowser()
        const consent = await signIn(browser, await openPage(as(), browser, 'sign-in', {}), person)
        expect(pageName(consent.page)).toBe('consent')
        const { page, response } = await press(
          browser,
          consent.page,
          ['action', 'allow'],
          ['scope', 'profile'],
        )

        expect(page.status).toBe(303)
        expect(page.body).toBe('')
        expect([...(response?.searchParams.keys() ?? [])]).toEqual(['code', 'state', 'iss'])
        expect(page.headers.get('location')).toMatch(
          new RegExp(`^${CALLBACK.replaceAll('.', '\\.')}\\?code=[A-Za-z0-9]{50}&state=${STATE}&iss=[^&#]+$`),
        )
        expect(response?.searchParams.get('iss')).toBe(as().issuer)
      })

      it('AZ-01 gives a code that is worth an ID token with the nonce of the request', async () => {
        const tokens = await as().login({ user: await aUser(as()), parameters: { nonce: 'n+%20/=é' } })
        expect(claimsOf(tokens.id_token)).toMatchObject({ iss: as().issuer, aud: 'spa', nonce: 'n+%20/=é' })
      })

      it('works without state and without nonce, and then returns none', async () => {
        const authorized = await as().authorize({
          user: await aUser(as()),
          parameters: { state: null, nonce: null },
        })
        expect([...authorized.url.searchParams.keys()]).toEqual(['code', 'iss'])
        const { json } = await as().redeem(authorized)
        expect(claimsOf(String(json.id_token))).not.toHaveProperty('nonce')
      })

      it('takes an empty state for none, since a parameter without a value counts as omitted', async () => {
        const authorized = await as().authorize({ user: await aUser(as()), parameters: { state: '' } })
        expect(authorized.url.searchParams.has('state')).toBe(false)
      })

      it.each([
        ['CR LF', 'a\r\nSet-Cookie: evil=1\r\n\r\n<html>'],
        ['markup', '"><script>alert(1)</script>'],
        ['&code=', 'x&code=stolen&iss=https://evil.example#fragment'],
        ['1.5 KB', 'abcdefghij'.repeat(150)],
        ['Unicode', '状態 \u{1F511} e\u0301 \u00e9 \u202e'],
        ['what form encoding treats specially', "a b+c%20d%2Be~!*'()"],
        ['blanks at both ends', '  x\t '],
        ['a text like an object', '{"a":[1,2,{"__proto__":null}]}'],
      ])('AZ-15 returns state byte for byte: %s', async (_what, state) => {
        const person = await aUser(as())
        const browser = await signedIn(as(), person)
        const { page, response } = await open(as(), browser, { parameters: { state } })
        expect(response?.searchParams.get('state')).toBe(state)
        expect(response?.searchParams.getAll('code')).toHaveLength(1)
        expect(response?.searchParams.getAll('iss')).toEqual([as().issuer])
        expect(parseQueryOf(page.headers.get('location') ?? '').state).toBe(state)
        expect(page.headers.getSetCookie().join()).not.toContain('evil')

        const refused = await open(as(), browser, { parameters: { state, prompt: 'bogus' } })
        expectRefused(as(), refused, { error: 'invalid_request', reason: 'prompt_unsupported', state })
      })

      it('AZ-15 keeps state through sign-in and consent, where it is stored', async () => {
        const { url } = await as().authorize({ user: await aUser(as()), parameters: { state: ODD_STATE } })
        expect(url.searchParams.get('state')).toBe(ODD_STATE)
      })

      it('AZ-30 makes 24 codes in a row that share nothing: distinct, 50 characters, every position varies', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const codes: string[] = []
        for (let i = 0; i < 24; i++) {
          const { response } = await open(as(), browser)
          codes.push(response?.searchParams.get('code') ?? '')
        }
        expect(new Set(codes).size).toBe(24)
        expect(codes.every((code) => /^[A-Za-z0-9]{50}$/.test(code))).toBe(true)
        const varying = Array.from({ length: 50 }, (_, at) => new Set(codes.map((code) => code[at])).size > 1)
        expect(varying.every(Boolean)).toBe(true)
      })

      it('AZ-36 keeps the query of a registered redirect URI and adds its parameters', async () => {
        const redirectUri = 'https://app.example/callback?tenant=acme&x=%20'
        const { page } = await signInWithoutConsent({ client: 'with-query', redirectUri, scope: 'openid' })
        expect(page.headers.get('location')).toMatch(
          /^https:\/\/app\.example\/callback\?tenant=acme&x=%20&code=\w+&state=state-of-the-test&iss=/,
        )
      })

      it('AZ-38 is not for scripts: no Access-Control-Allow-Origin, whatever the Origin', async () => {
        for (const origin of ['https://app.example', 'https://evil.example', 'null']) {
          for (const method of ['GET', 'OPTIONS']) {
            const { headers } = await as().request(new URL(as().authorizationUrl().url).pathname, {
              method,
              headers: { origin, 'access-control-request-method': 'GET' },
            })
            expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
          }
        }
      })

      it('AZ-39 lets nobody keep or refer to the redirect that holds the code', async () => {
        const { page } = await signInWithoutConsent({ client: 'spa-implied' })
        expect(page.status).toBe(303)
        expect(page.headers.get('cache-control')).toBe('no-store')
        expect(page.headers.get('referrer-policy')).toBe('no-referrer')
      })

      it('AZ-32 answers access_denied at the registered URI when the user denies, and when they cancel', async () => {
        const person = await aUser(as())
        const browser = new FormBrowser()
        const consent = await signIn(browser, await openPage(as(), browser, 'sign-in'), person)
        expectRefused(as(), await press(browser, consent.page, ['action', 'deny'], ['scope', 'profile']), {
          error: 'access_denied',
          reason: 'user_denied',
        })

        const again = new FormBrowser()
        const cancelled = await press(again, await openPage(as(), again, 'sign-in'), ['action', 'cancel'])
        expectRefused(as(), cancelled, { error: 'access_denied', reason: 'user_denied' })
        // Nothing is remembered of a denial: the next request asks again.
        await openPage(as(), browser, 'consent')
      })

      it.each([
        ['invalid_scope', { scope: 'no:such:scope' }],
        ['unsupported_response_type', { response_type: 'token' }],
        ['invalid_request', { code_challenge: null }],
        ['invalid_target', { resource: 'https://unknown.example' }],
        ['login_required', { prompt: 'none' }],
      ] as const)('names iss in the error response too: %s', async (error, parameters) => {
        expectRefused(as(), await open(as(), new FormBrowser(), { parameters }), { error })
      })

      it('answers an error without state where the request had none', async () => {
        const refused = await open(as(), new FormBrowser(), { parameters: { prompt: 'none', state: null } })
        expectRefused(as(), refused, { error: 'login_required', state: null })
      })
    })

    describe('GET /oauth2/authorize, response_mode=form_post (OAuth 2.0 Form Post Response Mode §2)', () => {
      const formPost = { parameters: { response_mode: 'form_post' } }

      it('AZ-14 posts code, state and iss to exactly the registered URI', async () => {
        const { page } = await signInWithoutConsent({ client: 'spa-implied', ...formPost })
        expect(page.status).toBe(200)
        const form = readForm(page)
        expect(form.action).toBe(CALLBACK)
        expect(form.values.map(([name]) => name)).toEqual(['code', 'state', 'iss'])
        expect(Object.fromEntries(form.values)).toMatchObject({ state: STATE, iss: as().issuer })
        expect(page.headers.get('cache-control')).toBe('no-store')
        expect(page.headers.get('location')).toBeNull()
      })

      it('AZ-14 escapes what the client sent, and hands it on exactly', async () => {
        const { page } = await signInWithoutConsent({
          client: 'spa-implied',
          parameters: { response_mode: 'form_post', state: ODD_STATE },
        })
        expect(page.body).not.toContain('<script>alert')
        // A browser reads CR LF in an attribute as LF, and sends LF as CR LF: so it arrives as it came.
        expect(Object.fromEntries(readForm(page).values).state).toBe(ODD_STATE)
      })

      it('AZ-14 runs one script, allowed by its hash, and lets the form go to the client alone', async () => {
        const { page } = await signInWithoutConsent({ client: 'spa-implied', ...formPost })
        const policy = page.headers.get('content-security-policy') ?? ''
        expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/]{43}='(;|$)/)
        expect(policy).toContain("form-action 'self' https://app.example;")
        expect(page.body.match(/<script/g)).toHaveLength(1)
      })

      it('posts errors too, with iss', async () => {
        const { page, response } = await open(as(), new FormBrowser(), {
          parameters: { response_mode: 'form_post', prompt: 'none' },
        })
        expect(response).toBeUndefined()
        const form = readForm(page)
        expect(form.action).toBe(CALLBACK)
        expect(Object.fromEntries(form.values)).toMatchObject({
          error: 'login_required',
          state: STATE,
          iss: as().issuer,
        })
      })

      it('posts access_denied after a denial, and from the second page on as well', async () => {
        const browser = new FormBrowser()
        const denied = await press(browser, await openPage(as(), browser, 'sign-in', formPost), [
          'action',
          'cancel',
        ])
        expect(Object.fromEntries(readForm(denied.page).values)).toMatchObject({
          error: 'access_denied',
          iss: as().issuer,
        })
      })

      it('gives a code that the client can redeem', async () => {
        const request = as().authorizationUrl({ client: 'spa-implied', ...formPost })
        const { page } = await finish(new FormBrowser(), request.url)
        const { code } = Object.fromEntries(readForm(page).values)
        const answer = await as().redeem({ ...request, code: code ?? '', url: new URL(request.url) })
        expect(answer.status).toBe(200)
      })
    })

    async function signInWithoutConsent(
      options: Parameters<typeof open>[2],
    ): Promise<{ readonly page: Visit }> {
      return finish(new FormBrowser(), as().authorizationUrl(options).url)
    }

    async function finish(browser: FormBrowser, url: string) {
      const { page } = await arrive(browser, await browser.visit(url))
      return signIn(browser, page, await aUser(as()))
    }
  },
  { config, hasher: quickHasher() },
)
