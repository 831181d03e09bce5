import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  errorOn,
  expectErrorPage,
  expectRefused,
  lastRefusal,
  open,
  openPage,
  plain,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

/** The registered URI is https://app.example/callback. */
const NEAR_MISSES = [
  'https://app.example/callback/',
  'https://app.example/callback//',
  'https://app.example//callback',
  'https://app.example/Callback',
  'https://app.example/callbac',
  'https://app.example/callback2',
  'https://app.example/callback?',
  'https://app.example/callback?x=1',
  'https://app.example/callback?code=mine',
  'https://app.example/callback#',
  'https://app.example/callback#fragment',
  'https://app.example',
  'https://app.example/',
  'https://app.example/*',
  'https://app.example/callback*',
  'https://app.example/callback/../callback',
  'https://app.example/./callback',
  'https://app.example/x/../callback',
  'https://app.example/callback/../../evil',
  'https://app.example/callback/..;/evil',
  'https://app.example/callback;x=1',
  'https://app.example/callback%2f..%2fevil',
  'https://app.example/%63allback',
  'https://app.example/callback%00',
  'https://app.example/callback%0d%0aLocation:%20https://evil.example',
  'https://app.example/callback\r\nLocation: https://evil.example',
  'https://app.example/callback ',
  ' https://app.example/callback',
  '\thttps://app.example/callback',
  'https://app.example/callback https://evil.example',
  'https://app.example/callback,https://evil.example',
  'HTTPS://app.example/callback',
  'https://APP.example/callback',
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'https://app.example:/callback',
  'http://app.example/callback',
  'https://user@app.example/callback',
  'https://app.example@evil.example/callback',
  'https://app.example:x@evil.example/callback',
  'https://evil.example/callback',
  'https://evil.example/https://app.example/callback',
  'https://evil.example?https://app.example/callback',
  'https://evil.example#https://app.example/callback',
  'https://app.example.evil.example/callback',
  'https://evilapp.example/callback',
  'https://sub.app.example/callback',
  'https://app.example./callback',
  'https://\u0430pp.example/callback',
  'https://app\u3002example/callback',
  'https://app.example\uff0fcallback',
  'https:\\\\app.example\\callback',
  'https://app.example\\@evil.example/callback',
  'https://evil.example\\.app.example/callback',
  '//app.example/callback',
  '/callback',
  'callback',
  'https:app.example/callback',
  'https:/app.example/callback',
  'https:///app.example/callback',
  'https%3A%2F%2Fapp.example%2Fcallback',
  'javascript:alert(1)//https://app.example/callback',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:https://app.example/callback',
  'file:///callback',
  'app.example:/callback',
  'null',
] as const

/** The registered URIs are http://127.0.0.1/callback and http://[::1]/callback. */
const LOOPBACK_MISSES = [
  'http://127.0.0.1:5000/other',
  'http://127.0.0.1:5000/callback/',
  'http://127.0.0.1:5000/Callback',
  'http://127.0.0.1:5000/callback?x=1',
  'http://127.0.0.1:5000/callback#f',
  'http://127.0.0.1:5000',
  'https://127.0.0.1:5000/callback',
  'http://localhost:5000/callback',
  'http://127.0.0.2:5000/callback',
  'http://127.1:5000/callback',
  'http://2130706433:5000/callback',
  'http://0x7f.0.0.1:5000/callback',
  'http://0177.0.0.1:5000/callback',
  'http://127.0.0.1:0/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:05000/callback',
  'http://127.0.0.1:/callback',
  'http://127.0.0.1:5000:5000/callback',
  'http://127.0.0.1:5000@evil.example/callback',
  'http://user@127.0.0.1:5000/callback',
  'http://127.0.0.1.evil.example/callback',
  'http://127.0.0.1:5000.evil.example/callback',
  'http://127.0.0.1\\@evil.example/callback',
  'http://[::ffff:127.0.0.1]:5000/callback',
  'http://[0:0:0:0:0:0:0:1]:5000/callback',
  'http://[::1%25lo]:5000/callback',
  'http://[::1]evil.example/callback',
  'http://[::1]:5000@evil.example/callback',
] as const

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    { client_id: 'machine', client_secret: WEB_SECRET, grant_types: ['client_credentials'] },
    { client_id: 'dev', redirect_uris: ['http://localhost:5173/callback'] },
    { client_id: 'queried', redirect_uris: ['https://app.example/callback?foo=bar'], consent: 'implied' },
  ],
})

forEachSharedStore(
  (as) => {
    describe('GET /oauth2/authorize, redirect_uri (RFC 9700 §2.1, RFC 6749 §3.1.2)', () => {
      it.each(NEAR_MISSES)('AZ-03 shows a page, and sends nobody to %j', async (redirectUri) => {
        for (const response_mode of [null, 'form_post']) {
          const browser = new FormBrowser()
          const arrival = await open(as(), browser, {
            redirectUri,
            parameters: { response_mode, prompt: 'none' },
          })
          expectErrorPage(arrival, 'redirect_uri_mismatch')
          expect(browser.cookies(as().issuer).size).toBe(0)
        }
      })

      it('AZ-03 shows a page for a redirect_uri with NUL or broken encoding', async () => {
        const { url } = as().authorizationUrl({ parameters: { redirect_uri: null } })
        for (const raw of [
          'https://app.example/callback%00',
          'https://app.example/callback%ff',
          'https://app.example/%zz',
        ]) {
          const page = await new FormBrowser().visit(`${url}&redirect_uri=${raw}`)
          expectErrorPage({ page, response: undefined }, 'request_malformed')
        }
      })

      it('AZ-02 shows a page for an unregistered URI also where the browser is signed in and had consented', async () => {
        const browser = new FormBrowser()
        await as().authorize({ user: await aUser(as()), browser })
        for (const response_mode of ['query', 'form_post', 'bogus']) {
          const arrival = await open(as(), browser, {
            redirectUri: 'https://evil.example/',
            parameters: { response_mode },
          })
          expectErrorPage(arrival, 'redirect_uri_mismatch')
        }
      })

      it('AZ-02 refuses another client’s redirect URI', async () => {
        const other = await open(as(), new FormBrowser(), {
          client: 'spa',
          redirectUri: 'https://app.example/other',
        })
        expectErrorPage(other, 'redirect_uri_mismatch')
        await openPage(as(), new FormBrowser(), 'sign-in', {
          client: 'spa-two',
          redirectUri: 'https://app.example/other',
        })
      })

      it('shows in development what was received, what is registered, and in what they differ', async () => {
        const { page } = await open(as(), new FormBrowser(), { redirectUri: 'https://app.example/callback/' })
        expect(plain(page.body)).toContain('https://app.example/callback/')
        expect(plain(page.body)).toContain('trailing slash: received one, registered without')
        expect(page.body).toContain('pixy client update spa --add-redirect-uri')
        expect(await lastRefusal(as())).toMatchObject({
          rule: 'redirect_uri_mismatch',
          param: 'redirect_uri',
          received: 'https://app.example/callback/',
          expected: CALLBACK,
        })
      })

      it('refuses a registered URI whose query is changed or gone (RFC 6749 §3.1.2.3)', async () => {
        for (const redirectUri of [
          CALLBACK,
          'https://app.example/callback?foo=bar&x=1',
          'https://app.example/callback?foo=baz',
          'https://app.example/callback?FOO=bar',
          'https://app.example/callback?foo=b%61r',
        ]) {
          expectErrorPage(
            await open(as(), new FormBrowser(), { client: 'queried', redirectUri }),
            'redirect_uri_mismatch',
          )
        }
        const redirectUri = 'https://app.example/callback?foo=bar'
        await openPage(as(), new FormBrowser(), 'sign-in', { client: 'queried', redirectUri })
      })
    })

    describe('GET /oauth2/authorize, redirect_uri left out (RFC 6749 §3.1.2.3, OIDC Core §3.1.2.1)', () => {
      it('AZ-04 wants one where several are registered, or where it is sent empty', async () => {
        for (const [client, redirect_uri, scope] of [
          ['spa-two', null, 'notes:read'],
          ['spa-two', '', 'notes:read'],
          ['native', null, 'notes:read'],
          ['spa', '', 'notes:read'],
        ] as const) {
          const arrival = await open(as(), new FormBrowser(), { client, scope, parameters: { redirect_uri } })
          expectErrorPage(arrival, 'redirect_uri_missing')
        }
      })

      it('wants one where scope names openid, in whatever place', async () => {
        for (const scope of ['openid', 'notes:read openid', 'openid openid', 'notes:read  openid']) {
          const arrival = await open(as(), new FormBrowser(), { scope, parameters: { redirect_uri: null } })
          expectErrorPage(arrival, 'redirect_uri_missing')
        }
        const { url } = as().authorizationUrl({ scope: 'notes:read', parameters: { redirect_uri: null } })
        const page = await new FormBrowser().visit(`${url}&scope=openid`)
        expectErrorPage({ page, response: undefined }, 'redirect_uri_missing')
      })

      it('takes the only registered one where scope does not name openid; the code is redeemed without it', async () => {
        const authorized = await as().authorize({
          user: await aUser(as()),
          scope: 'notes:read',
          parameters: { redirect_uri: null },
        })
        expect(authorized.url.href.startsWith(`${CALLBACK}?code=`)).toBe(true)
        expect((await as().redeem(authorized, { redirect_uri: null })).status).toBe(200)
      })

      it('takes the only registered one where no scope is named: the default scope does not count', async () => {
        const authorized = await as().authorize({
          user: await aUser(as()),
          parameters: { redirect_uri: null, scope: null },
        })
        const { status, json } = await as().redeem(authorized, { redirect_uri: null })
        expect(status).toBe(200)
        expect(json.scope).toBe('openid')
      })

      it('sends errors to the only registered one too', async () => {
        const refused = await open(as(), new FormBrowser(), {
          scope: 'notes:read',
          parameters: { redirect_uri: null, prompt: 'none' },
        })
        expectRefused(as(), refused, { error: 'login_required' })
      })

      it('shows a page for a client that has none registered', async () => {
        for (const redirect_uri of [null, CALLBACK, 'https://evil.example/']) {
          const arrival = await open(as(), new FormBrowser(), {
            client: 'machine',
            scope: 'notes:read',
            parameters: { redirect_uri },
          })
          expectErrorPage(arrival, 'redirect_uri_unregistered')
        }
      })
    })

    describe('GET /oauth2/authorize, native clients (RFC 8252 §7)', () => {
      it.each(['http://127.0.0.1', 'http://[::1]'])(
        'AZ-33 allows any port on %s, and redeems with the same',
        async (origin) => {
          for (const port of [':49152', ':1', ':65535', '']) {
            const redirectUri = `${origin}${port}/callback`
            await openPage(as(), new FormBrowser(), 'sign-in', { client: 'native', redirectUri })
          }
          const redirectUri = `${origin}:49152/callback`
          const authorized = await as().authorize({ user: await aUser(as()), client: 'native', redirectUri })
          expect(authorized.url.port).toBe('49152')
          expect((await as().redeem(authorized)).status).toBe(200)
        },
      )

      it('AZ-35 refuses another port at the token endpoint, and leaves the code to its owner', async () => {
        const redirectUri = 'http://127.0.0.1:49152/callback'
        const authorized = await as().authorize({ user: await aUser(as()), client: 'native', redirectUri })
        for (const other of [
          'http://127.0.0.1:49153/callback',
          'http://127.0.0.1/callback',
          'http://[::1]:49152/callback',
        ]) {
          const refused = await as().redeem(authorized, { redirect_uri: other })
          expect(refused.status).toBe(400)
          expect(refused.json).toMatchObject({
            error: 'invalid_grant',
            reason: 'token_redirect_uri_mismatch',
          })
        }
        expect((await as().redeem(authorized)).status).toBe(200)
      })

      it.each(LOOPBACK_MISSES)('AZ-34 shows a page for %j', async (redirectUri) => {
        expectErrorPage(
          await open(as(), new FormBrowser(), { client: 'native', redirectUri }),
          'redirect_uri_mismatch',
        )
      })

      it('AZ-34 has no freedom of ports for localhost, nor AZ-35 for a host that is not loopback', async () => {
        for (const redirectUri of [
          'http://localhost:5174/callback',
          'http://localhost/callback',
          'http://127.0.0.1:5173/callback',
        ]) {
          expectErrorPage(
            await open(as(), new FormBrowser(), { client: 'dev', redirectUri }),
            'redirect_uri_mismatch',
          )
        }
        await openPage(as(), new FormBrowser(), 'sign-in', {
          client: 'dev',
          redirectUri: 'http://localhost:5173/callback',
        })
        const withPort = await open(as(), new FormBrowser(), {
          client: 'spa',
          redirectUri: 'https://app.example:5173/callback',
        })
        expectErrorPage(withPort, 'redirect_uri_mismatch')
      })

      it('returns to a private-use scheme, which must match exactly too (RFC 8252 §7.1)', async () => {
        const redirectUri = 'com.example.app:/callback'
        const authorized = await as().authorize({ user: await aUser(as()), client: 'native', redirectUri })
        expect(authorized.url.href.startsWith('com.example.app:/callback?code=')).toBe(true)
        expect((await as().redeem(authorized)).status).toBe(200)

        for (const near of [
          'com.example.app:/Callback',
          'com.example.app:/callback/',
          'com.example.app:callback',
          'com.example.app://callback',
          'com.example.app:///callback',
          'com.example.App:/callback',
          'com.example.app.evil:/callback',
          'com.example.app:/callback?x=1',
          'com.example.app:/callback#f',
        ]) {
          expectErrorPage(
            await open(as(), new FormBrowser(), { client: 'native', redirectUri: near }),
            'redirect_uri_mismatch',
          )
        }
      })

      it('asks a native client’s user for consent each time: any program may listen on its port (RFC 8252 §8.6)', async () => {
        const browser = new FormBrowser()
        const user = await aUser(as())
        const loopback = { client: 'native', redirectUri: 'http://127.0.0.1:49152/callback', browser, user }
        await as().authorize(loopback)
        await openPage(as(), browser, 'consent', loopback)
        const silent = await open(as(), browser, { ...loopback, parameters: { prompt: 'none' } })
        expectRefused(as(), silent, { error: 'consent_required', redirectUri: loopback.redirectUri })
        await openPage(as(), browser, 'consent', { ...loopback, redirectUri: 'com.example.app:/callback' })
      })
    })

    describe('GET /oauth2/authorize, client_id (RFC 6749 §4.1.2.1)', () => {
      it.each([
        ['unknown', 'nobody'],
        ['in another case', 'SPA'],
        ['padded', ' spa '],
        ['with a line break', 'spa\r\nx: y'],
        ['SQL', "spa' OR '1'='1' --"],
        ['SQL with a wildcard', 'sp%'],
        ['__proto__', '__proto__'],
        ['constructor', 'constructor'],
        ['a path', '../../spa'],
        ['JSON', '{"client_id":"spa"}'],
        ['markup', '<script>alert(1)</script>'],
        ['another workspace’s key', 'acme:main\nspa'],
        ['5 KB', 'x'.repeat(5000)],
      ])('AZ-05 shows a page for a client_id that is %s', async (_what, client) => {
        const arrival = await open(as(), new FormBrowser(), { client })
        expectErrorPage(arrival, 'authorization_client_unknown')
        expect(arrival.page.body).not.toContain('<script>alert')
      })

      it('AZ-05 shows a page for no client_id, an empty one, and one with NUL', async () => {
        for (const client_id of [null, '']) {
          expectErrorPage(
            await open(as(), new FormBrowser(), { parameters: { client_id } }),
            'client_id_missing',
          )
        }
        expectErrorPage(await open(as(), new FormBrowser(), { client: 'spa\0' }), 'request_malformed')
      })

      it('names the parameter to whoever spells it clientId', async () => {
        const arrival = await open(as(), new FormBrowser(), {
          parameters: { client_id: null, clientId: 'spa' },
        })
        expectErrorPage(arrival, 'client_id_missing')
        expect(await lastRefusal(as())).toMatchObject({ received: 'clientId', expected: 'client_id' })
      })

      it('shows the page under the name of the client once that is known', async () => {
        const { page } = await open(as(), new FormBrowser(), { redirectUri: 'https://evil.example/' })
        expect(pageName(page)).toBe('error')
        expect(page.body).toContain('>Notes</bdi>')
        expect(errorOn(page).reference).toMatch(/^flow_[A-Za-z0-9]{22}$/)
      })
    })
  },
  { config, hasher: quickHasher() },
)
