import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { aUser, CALLBACK, expectErrorPage, open, openPage, signedIn } from '../../support/authorization.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'`{{7*7}}'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    {
      client_id: 'marked-up',
      client_name: MARKUP,
      policy_uri: 'https://app.example/policy',
      redirect_uris: [CALLBACK],
    },
  ],
})

const PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'response_mode',
  'prompt',
  'display',
  'max_age',
  'ui_locales',
  'login_hint',
  'acr_values',
  'id_token_hint',
  'claims',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
] as const

forEachSharedStore(
  (as) => {
    describe('/oauth2/authorize, markup (OAuth 2.1 §7.12)', () => {
      it.each(PARAMETERS)('AZ-29 reflects markup in %s nowhere as markup', async (name) => {
        const redirectUris = name === 'redirect_uri' ? [MARKUP, `${CALLBACK}?${MARKUP}`] : [CALLBACK]
        for (const redirectUri of redirectUris) {
          for (const response_mode of [null, 'form_post']) {
            const value = name === 'redirect_uri' ? redirectUri : MARKUP
            const { page, response } = await open(as(), new FormBrowser(), {
              parameters: { response_mode, [name]: value },
            })
            expect(page.body).not.toContain('<script>alert')
            expect(page.body).not.toContain('<img src=x')
            for (const [header, text] of page.headers) expect(`${header}: ${text}`).not.toMatch(/[<>"]alert/)
            if (response) expect(response.href.startsWith(`${CALLBACK}?`)).toBe(true)
          }
        }
      })

      it('AZ-29 reflects markup in the name of a parameter, and in the path, nowhere', async () => {
        const { url } = as().authorizationUrl()
        for (const address of [
          `${url}&${encodeURIComponent(MARKUP)}=1&${encodeURIComponent(MARKUP)}=2`,
          `${url}&x=%${MARKUP}`,
          `${as().issuer}/oauth2/authorize/${encodeURIComponent(MARKUP)}`,
          `${as().issuer}/${encodeURIComponent(MARKUP)}`,
          `${as().issuer}/sign-in?flow=${encodeURIComponent(MARKUP)}`,
        ]) {
          const { body } = await new FormBrowser().visit(address)
          expect(body).not.toContain('<script>alert')
          expect(body).not.toContain('<img src=x')
        }
      })

      it('LG-21 shows a client named with markup as text, on every page', async () => {
        const pages = [
          await openPage(as(), new FormBrowser(), 'sign-in', { client: 'marked-up' }),
          await openPage(as(), new FormBrowser(), 'sign-up', {
            client: 'marked-up',
            parameters: { prompt: 'create' },
          }),
          await openPage(as(), await signedIn(as(), await aUser(as())), 'consent', { client: 'marked-up' }),
          (await open(as(), new FormBrowser(), { client: 'marked-up', redirectUri: 'https://evil.example/' }))
            .page,
          (
            await open(as(), new FormBrowser(), {
              client: 'marked-up',
              parameters: { response_mode: 'form_post', prompt: 'none' },
            })
          ).page,
        ]
        for (const { body } of pages) {
          expect(body).toContain('&lt;script>alert(1)')
          expect(body).not.toContain('<script>alert')
          expect(body).not.toContain('<img src=x')
        }
      })
    })

    describe('/oauth2/authorize, malformed requests (AZ-40)', () => {
      /** What breaks parsers, and what the endpoint itself gives meaning to. */
      const nasty = fc.oneof(
        fc.constantFrom(
          '',
          ' ',
          '\0',
          '\r\n',
          '%',
          '%00',
          '%0d%0aLocation: https://evil.example',
          '%zz',
          '%c0%ae',
          '+',
          '&',
          '=',
          '#',
          '?',
          ';',
          'null',
          'undefined',
          'NaN',
          '-1',
          '1e309',
          'true',
          '[]',
          '{}',
          '{"__proto__":{"x":1}}',
          '__proto__',
          'constructor',
          'https://evil.example',
          '//evil.example',
          'javascript:alert(1)',
          MARKUP,
          "' OR 1=1 --",
          '\u202e',
          '\ufeff',
          '\u{1F600}',
          'code',
          'token',
          'none',
          'login',
          'openid',
          'S256',
          'plain',
          'form_post',
          'spa',
          'native',
          CALLBACK,
          'x'.repeat(3000),
        ),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.webUrl(),
        fc.json({ maxDepth: 3 }).map((json) => json.slice(0, 500)),
      )
      const encoded = nasty.map((text) => encodeURIComponent(text.toWellFormed()))
      const raw = fc
        .string({ unit: fc.constantFrom(...'%&=+;#?0fF<>"\'\\{}|^`~ !'), maxLength: 30 })
        .map((text) => text.replaceAll('#', ''))
      const name = fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...PARAMETERS, 'foo') },
        { weight: 1, arbitrary: encoded },
      )
      const pairs = fc.array(
        fc.tuple(name, fc.oneof({ weight: 4, arbitrary: encoded }, { weight: 1, arbitrary: raw })),
        { maxLength: 8 },
      )
      const malformed = fc.record({
        // Half of the requests are good but for what is added, so that they get past the first check.
        good: fc.boolean(),
        dropped: fc.subarray([...PARAMETERS], { maxLength: 2 }),
        pairs,
        how: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST as text', 'cookie', 'path'),
      })

      it('AZ-40 answers 300 malformed requests without a 5xx, and redirects nobody elsewhere', async () => {
        let sent = 0
        await fc.assert(
          fc.asyncProperty(malformed, async ({ good, dropped, pairs: added, how }) => {
            const { url } = as().authorizationUrl()
            const query = new URLSearchParams(good ? new URL(url).search : '')
            for (const unwanted of [...dropped, ...added.map(([key]) => key)]) query.delete(unwanted)
            const text = [String(query), ...added.map(([key, value]) => `${key}=${value}`)]
              .filter(Boolean)
              .join('&')
            const { status, headers, text: body } = await send(how, text)
            sent += 1

            expect(status).toBeLessThan(500)
            const location = headers.get('location')
            if (location !== null) {
              expect(status).toBe(303)
              const ours =
                location.startsWith(`${as().issuer}/`) ||
                location.startsWith(`${CALLBACK}?`) ||
                NATIVE.test(location)
              expect(ours, location).toBe(true)
              expect(location).not.toContain('code=')
              expect(location).toMatch(/^[!-~]+$/)
            }
            const action = /<form[^>]*action="([^"]*)"/.exec(body)?.[1]
            if (action !== undefined) expect(action).toBe(CALLBACK)
            expect(body).not.toContain('<script>alert')
          }),
          { numRuns: 300, seed: 20_261_122 },
        )
        expect(sent).toBe(300)
        expectErrorPage(
          await open(as(), new FormBrowser(), { client: 'nobody' }),
          'authorization_client_unknown',
        )
      })

      /** The redirect URIs of the client `native`. */
      const NATIVE =
        /^(?:http:\/\/127\.0\.0\.1(?::\d+)?\/callback\?|http:\/\/\[::1\](?::\d+)?\/callback\?|com\.example\.app:\/callback\?)/

      function send(how: string, text: string) {
        const form = {
          'content-type': how === 'POST as text' ? 'text/plain' : 'application/x-www-form-urlencoded',
        }
        switch (how) {
          case 'POST':
          case 'POST as text':
            return as().request('/oauth2/authorize', { method: 'POST', headers: form, body: text })
          case 'cookie': {
            const value = text.slice(0, 500).replace(/[^!-~]/g, '')
            return as().request(`/oauth2/authorize?${text}`, {
              headers: {
                cookie: `pixy_sid=${value}; pixy_txn=${value}; pixy_lang=${value}; pixy_dev=${value}`,
              },
            })
          }
          case 'path':
            return as().request(`/continue?flow=${text}`)
          default:
            return as().request(`/oauth2/authorize?${text}`)
        }
      }
    })
  },
  { config },
)
