import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  decisionsOf,
  expectErrorPage,
  expectRefused,
  flowOf,
  lastRefusal,
  open,
  openPage,
  openUrl,
} from '../../support/authorization.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    {
      client_id: 'no-code',
      redirect_uris: [CALLBACK],
      client_secret: WEB_SECRET,
      grant_types: ['client_credentials'],
    },
    { client_id: 'off', redirect_uris: [CALLBACK], enabled: false },
  ],
})

forEachSharedStore(
  (as) => {
    const request = (parameters: Readonly<Record<string, string | null>>) =>
      open(as(), new FormBrowser(), { parameters })

    describe('GET /oauth2/authorize, parameters (RFC 6749 §3.1)', () => {
      it.each(['client_id', 'redirect_uri'])(
        'AZ-06 shows a page where %s is sent twice, even with one value',
        async (name) => {
          const { url } = as().authorizationUrl()
          const value = new URL(url).searchParams.get(name) ?? ''
          for (const second of [value, '', 'https://evil.example/']) {
            for (const twice of [
              `${url}&${name}=${encodeURIComponent(second)}`,
              url.replace('?', `?${name}=${encodeURIComponent(second)}&`),
            ]) {
              expectErrorPage(await openUrl(new FormBrowser(), twice), 'parameter_repeated')
            }
          }
        },
      )

      it.each([
        'response_type',
        'response_mode',
        'scope',
        'state',
        'nonce',
        'prompt',
        'max_age',
        'login_hint',
        'id_token_hint',
        'acr_values',
        'ui_locales',
        'display',
        'claims',
        'code_challenge',
        'code_challenge_method',
        'request',
        'request_uri',
        'registration',
        'a_parameter_nobody_knows',
      ])('AZ-06 answers invalid_request where %s is sent twice', async (name) => {
        const { url } = as().authorizationUrl()
        const value = encodeURIComponent(new URL(url).searchParams.get(name) ?? '')
        const twice = url.includes(`&${name}=`)
          ? `${url}&${name}=${value}`
          : `${url}&${name}=${value}&${name}=${value}`
        expectRefused(as(), await openUrl(new FormBrowser(), twice), {
          error: 'invalid_request',
          reason: 'parameter_repeated',
        })
        expect((await lastRefusal(as())).param).toBe(name)
      })

      it('takes resource as often as it comes (RFC 8707 §2)', async () => {
        const { url } = as().authorizationUrl()
        const several = `${url}&resource=https%3A%2F%2Fapi.example&resource=https%3A%2F%2Fother.example`
        expect(pageName((await openUrl(new FormBrowser(), several)).page)).toBe('sign-in')
      })

      it('ignores parameters that nobody knows, and takes the others in any order', async () => {
        const { url } = as().authorizationUrl({
          parameters: { extra: 'foobar', a: '<script>', ['__proto__']: 'x', constructor: 'y' },
        })
        const query = new URL(url).search.slice(1).split('&').reverse().join('&')
        const { page } = await openUrl(new FormBrowser(), `${as().issuer}/oauth2/authorize?${query}`)
        expect(pageName(page)).toBe('sign-in')
      })

      it.each([
        'nonce',
        'prompt',
        'max_age',
        'login_hint',
        'id_token_hint',
        'claims',
        'display',
        'response_mode',
        'request',
        'resource',
      ])('treats an empty %s as left out', async (name) => {
        expect(pageName((await request({ [name]: '' })).page)).toBe('sign-in')
      })

      it('refuses a query that is not form encoding, before it believes any of it', async () => {
        const { url } = as().authorizationUrl()
        for (const broken of ['&x=%', '&x=%zz', '&x=%ff', '&%c3%28=1', '&x=a%00b', '&state=%ed%a0%80']) {
          expectErrorPage(await openUrl(new FormBrowser(), url + broken), 'request_malformed')
        }
      })

      it('refuses more parameters than any request has', async () => {
        const { url } = as().authorizationUrl()
        expectErrorPage(await openUrl(new FormBrowser(), url + '&a=1'.repeat(300)), 'request_malformed')
      })

      it('shows a page for a client that is switched off', async () => {
        expectErrorPage(
          await open(as(), new FormBrowser(), { client: 'off' }),
          'authorization_client_unknown',
        )
      })
    })

    describe('GET /oauth2/authorize, response_type and response_mode (RFC 6749 §3.1.1, RFC 9700 §2.1.2)', () => {
      it.each([
        'token',
        'id_token',
        'id_token token',
        'code token',
        'code id_token',
        'code id_token token',
        'none',
        'CODE',
        'code code',
        ' code',
        'foo',
      ])('AZ-12 refuses response_type=%j with unsupported_response_type, by query', async (response_type) => {
        const refused = await request({ response_type })
        expectRefused(as(), refused, {
          error: 'unsupported_response_type',
          reason: 'response_type_unsupported',
        })
        for (const name of ['access_token', 'id_token', 'token_type'])
          expect(refused.response?.searchParams.has(name)).toBe(false)
      })

      it('AZ-12 refuses a missing response_type with invalid_request', async () => {
        for (const response_type of [null, '']) {
          expectRefused(as(), await request({ response_type }), {
            error: 'invalid_request',
            reason: 'response_type_missing',
          })
        }
      })

      it.each(['fragment', 'web_message', 'jwt', 'query.jwt', 'form_post.jwt', 'QUERY', 'bogus'])(
        'AZ-13 refuses response_mode=%s, by query',
        async (response_mode) => {
          const refused = await request({ response_mode })
          expectRefused(as(), refused, { error: 'invalid_request', reason: 'response_mode_unsupported' })
        },
      )

      it('AZ-13 takes response_mode=query', async () => {
        expect(pageName((await request({ response_mode: 'query' })).page)).toBe('sign-in')
      })

      it('answers unauthorized_client to a client that is not registered for the code flow', async () => {
        const refused = await open(as(), new FormBrowser(), { client: 'no-code', scope: 'openid' })
        expectRefused(as(), refused, {
          error: 'unauthorized_client',
          reason: 'authorization_grant_not_registered',
        })
      })
    })

    describe('GET /oauth2/authorize, request objects (OIDC Core §6, §7.2.1)', () => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const unsigned = `${part({ alg: 'none' })}.${part({ client_id: 'spa', redirect_uri: 'https://evil.example/', scope: 'openid' })}.`

      it.each([
        ['unsigned', unsigned],
        ['HS256', `${part({ alg: 'HS256' })}.${part({ client_id: 'spa' })}.c2lnbmF0dXJl`],
        ['junk', 'not a JWT'],
      ])('AZ-24 refuses a request object: %s', async (_what, value) => {
        expectRefused(as(), await request({ request: value }), { error: 'request_not_supported' })
      })

      it('AZ-24 never takes a redirect URI from a request object', async () => {
        const refused = await open(as(), new FormBrowser(), {
          redirectUri: 'https://evil.example/',
          parameters: { request: unsigned },
        })
        expectErrorPage(refused, 'redirect_uri_mismatch')
      })

      it('AZ-25 refuses request_uri in nine internal forms, and fetches none of them', async () => {
        let hits = 0
        const canary = createServer((_request, response) => {
          hits += 1
          response.end('{}')
        })
        await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
        const { port } = canary.address() as AddressInfo
        try {
          for (const uri of [
            `http://127.0.0.1:${port}/request`,
            `http://localhost:${port}/request`,
            `https://127.0.0.1:${port}/request`,
            `http://[::ffff:127.0.0.1]:${port}/request`,
            `http://2130706433:${port}/request`,
            `http://0.0.0.0:${port}/request`,
            'http://169.254.169.254/latest/meta-data/',
            'file:///etc/passwd',
            // Of another kind than what is given out here for pushed requests.
            'urn:ietf:params:oauth:request:6esc_11ACC5bwc014ltc14eY22c',
          ]) {
            expectRefused(as(), await request({ request_uri: uri }), { error: 'request_uri_not_supported' })
          }
          expect(hits).toBe(0)
        } finally {
          canary.close()
        }
      })

      it('AZ-26 refuses the registration parameter', async () => {
        expectRefused(as(), await request({ registration: '{"redirect_uris":["https://evil.example/"]}' }), {
          error: 'registration_not_supported',
        })
      })
    })

    describe('GET /oauth2/authorize, display and acr_values (OIDC Core §3.1.2.1)', () => {
      it.each(['page', 'popup', 'touch', 'wap'])('shows the sign-in page for display=%s', async (display) => {
        expect(pageName((await request({ display })).page)).toBe('sign-in')
      })

      it('refuses a display that no one defines', async () => {
        expectRefused(as(), await request({ display: 'hologram' }), {
          error: 'invalid_request',
          reason: 'display_unsupported',
        })
      })

      it('goes on with acr_values that it does not know: they are wishes', async () => {
        expect(pageName((await request({ acr_values: 'urn:mace:incommon:iap:silver 1 2' })).page)).toBe(
          'sign-in',
        )
      })
    })

    describe('GET /oauth2/authorize, what is checked first', () => {
      it('keeps the history of a request under one flow, from the request to the page', async () => {
        const page = await openPage(as(), new FormBrowser(), 'sign-in')
        const passed = (await decisionsOf(as(), flowOf(page)))
          .filter(({ outcome }) => outcome === 'passed')
          .map(({ rule }) => rule)
        expect(passed).toEqual(
          expect.arrayContaining([
            'redirect_uri_mismatch',
            'code_challenge_malformed',
            'interaction_expired',
          ]),
        )
      })

      it('checks the client and its redirect URI before anything else, since only then there is somebody to tell', async () => {
        const everythingWrong = {
          response_type: 'token',
          scope: '"',
          code_challenge: 'x',
          prompt: 'none login',
          state: null,
        }
        expectErrorPage(
          await open(as(), new FormBrowser(), { client: 'nobody', parameters: everythingWrong }),
          'authorization_client_unknown',
        )
        const evil = await open(as(), new FormBrowser(), {
          redirectUri: 'https://evil.example/',
          parameters: everythingWrong,
        })
        expectErrorPage(evil, 'redirect_uri_mismatch')
      })

      it('asks nobody to sign in for a request that will be refused', async () => {
        const browser = new FormBrowser()
        await as().authorize({ user: await aUser(as()), browser })
        expectRefused(as(), await open(as(), browser, { parameters: { code_challenge: null } }), {
          error: 'invalid_request',
        })
      })
    })
  },
  { config },
)
