import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { aClient, aConfig, problemsOf } from '../../config/support.ts'
import {
  aUser,
  errorOn,
  expectErrorPage,
  expectRefused,
  open,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type AuthorizeOptions, forEachSharedStore, pkce } from '../../support/test-as.ts'
import { CALLBACK, cloudentityConfig, SILENT } from './config.ts'

const ORIGIN = 'https://app.example'

forEachSharedStore(
  (as) => {
    /** The query of the address that the browser was sent to, as it stands there. */
    const rawQuery = (address: string | null | undefined) =>
      new Map(
        (address ?? '')
          .slice((address ?? '').indexOf('?') + 1)
          .split('&')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      )

    /** The document's call: neither scope nor state nor nonce. */
    const documented = (changes: AuthorizeOptions = {}): AuthorizeOptions => ({
      ...changes,
      parameters: { scope: null, state: null, nonce: null, ...changes.parameters },
    })

    describe('GET /oauth2/authorize as the documentation has it (RFC 6749 §4.1.1)', () => {
      it('S3-10 S3-13 follows to the sign-in page without scope, state and nonce, and ends with a code', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', documented())
        expect(page.status).toBe(200)
        expect(page.headers.get('content-type')).toMatch(/^text\/html/)
        const consent = await signIn(browser, page, await aUser(as()))
        expect(pageName(consent.page)).toBe('consent')
        const { response } = await press(browser, consent.page, ['action', 'allow'], ['scope', 'profile'])
        const query = rawQuery(response?.href)
        expect([...query.keys()]).toEqual(['code', 'iss'])
        expect(query.get('code')).toMatch(/^[A-Za-z0-9._~-]+$/)
      })

      it('S3-03 takes the one registered redirect URI where none is sent', async () => {
        const options = documented({ user: await aUser(as()), parameters: { redirect_uri: null } })
        const { code, verifier, url } = await as().authorize(options)
        expect(url.origin + url.pathname).toBe(CALLBACK)
        const form = { grant_type: 'authorization_code', client_id: 'spa', code, code_verifier: verifier }
        expect((await as().token(form)).status).toBe(200)
      })

      it('S3-03 shows an error page where several are registered and none is sent', async () => {
        const request = documented({ client: 'sdk', parameters: { redirect_uri: null } })
        const arrival = await open(as(), new FormBrowser(), request)
        expectErrorPage(arrival, 'redirect_uri_missing')
        expect(errorOn(arrival.page).description).not.toBe('')
        const other = await open(as(), new FormBrowser(), documented({ client: 'sdk', redirectUri: SILENT }))
        expect(pageName(other.page)).toBe('sign-in')
      })

      it('S3-02 needs a redirect URI at the client before any call', async () => {
        const [problem] = problemsOf(
          aConfig({ clients: [aClient({ redirect_uris: [], grant_types: ['authorization_code'] })] }),
        )
        expect(problem).toContain('redirect_uris')
        expectErrorPage(
          await open(as(), new FormBrowser(), documented({ client: 'machine' })),
          'redirect_uri_unregistered',
        )
        expectErrorPage(
          await open(as(), new FormBrowser(), documented({ redirectUri: 'https://app.example/elsewhere' })),
          'redirect_uri_mismatch',
        )
      })

      it.each(['plain', 'S512', 's256', null])(
        'S3-06 S3-07 refuses the method %s: the client is set to S256',
        async (method) => {
          const request = { parameters: { code_challenge_method: method } }
          expectRefused(as(), await open(as(), new FormBrowser(), request), {
            error: 'invalid_request',
            reason: 'code_challenge_method_unsupported',
          })
        },
      )

      it('S3-06 the method is preset for each client, and S256 is the only one there is', async () => {
        const client = await as().server.pixy.deps.workspaces.list()[0]?.client('spa')
        expect(client?.metadata.code_challenge_methods).toEqual(['S256'])
        const plain = { ...aClient(), code_challenge_methods: ['plain'] }
        expect(
          problemsOf({ tenants: [{ id: 'acme', workspaces: [{ id: 'main', clients: [plain] }] }] }),
        ).toEqual([expect.stringContaining('code_challenge_methods')])
      })

      it('S3-11 asks for consent after sign-in, or not at all where the client is the owner’s own', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', {})
        expect(pageName((await signIn(browser, page, await aUser(as()))).page)).toBe('consent')

        const own = new FormBrowser()
        const { response } = await signIn(
          own,
          await openPage(as(), own, 'sign-in', { client: 'first-party' }),
          await aUser(as()),
        )
        expect(response?.searchParams.get('code')).toMatch(/./)
      })

      it('S3-11 a no is access_denied', async () => {
        const browser = new FormBrowser()
        const { page } = await signIn(
          browser,
          await openPage(as(), browser, 'sign-in', {}),
          await aUser(as()),
        )
        expectRefused(as(), await press(browser, page, ['action', 'deny']), { error: 'access_denied' })
      })

      it.each(['token', 'id_token', 'id_token token', 'code token'])(
        'S3-01 refuses the implicit flow (%s): code with PKCE is in its place',
        async (responseType) => {
          const query = new URLSearchParams({
            response_type: responseType,
            client_id: 'spa',
            scope: 'openid',
            redirect_uri: CALLBACK,
          })
          const arrival = await openUrl(new FormBrowser(), `${as().issuer}/oauth2/authorize?${query}`)
          expectRefused(as(), arrival, {
            error: 'unsupported_response_type',
            reason: 'response_type_unsupported',
            state: null,
          })
          expect(arrival.response?.hash).toBe('')
        },
      )
    })

    describe('GET /oauth2/authorize as the SDK sends it (OIDC Core §3.1.2.1)', () => {
      const sdk = (state: string, more: Readonly<Record<string, string>> = {}) => {
        const { verifier, challenge } = pkce()
        const extra = Object.entries(more).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
        const url =
          `${as().issuer}/oauth2/authorize?response_type=code&client_id=sdk&state=${encodeURIComponent(state)}` +
          `&nonce=${encodeURIComponent('n-0S6_WzA2Mj')}&scope=${encodeURIComponent('openid profile revoke_tokens')}` +
          `&redirect_uri=${encodeURIComponent(CALLBACK)}&code_challenge=${challenge}&code_challenge_method=S256${extra.join('')}`
        return { url, verifier }
      }

      it.each([
        'plain-state',
        'a b+c/d=e&f',
        'standard base64 +/==',
        "it's (all) *here*!~",
        'ümläut 日本語 😀',
        '%20%2B',
        '{"a":[1,"\\"]}',
      ])('S3-27 gives state back with the escaping that the SDK compares with: %s', async (state) => {
        const browser = new FormBrowser()
        await as().authorize({
          client: 'sdk',
          scope: 'openid profile revoke_tokens',
          user: await aUser(as()),
          browser,
        })
        const { response } = await openUrl(browser, sdk(state).url)
        expect(response).toBeDefined()
        const { headers } = await browser.visit(sdk(state).url)
        const query = rawQuery(headers.get('location'))
        expect(query.get('state')).toBe(encodeURIComponent(state))
        // The SDK encodes the code once more, so nothing in it may change by that.
        const code = query.get('code') ?? ''
        expect(code).not.toBe('')
        expect(encodeURIComponent(code)).toBe(code)
      })

      it('S3-27 takes login_hint, acr_values and idp_hint: of a source that is not there, it is ignored', async () => {
        const { url } = sdk('state', {
          login_hint: 'alice@example.com',
          acr_values: 'urn:acme:any',
          idp_hint: 'none-such',
        })
        const { page } = await openUrl(new FormBrowser(), url)
        expect(pageName(page)).toBe('sign-in')
        expect(page.body).toContain('value="alice@example.com"')
      })

      it('S3-27 answers prompt=none in a frame at once: a code, or login_required', async () => {
        const silent: AuthorizeOptions = {
          client: 'sdk',
          redirectUri: SILENT,
          scope: 'openid profile',
          parameters: { prompt: 'none', method_hint: '' },
        }
        const { url } = as().authorizationUrl(silent)
        const nobody = await new FormBrowser().visit(url)
        expect(nobody.status).toBe(303)
        const refused = new URL(nobody.headers.get('location') ?? '')
        expect(refused.origin + refused.pathname).toBe(SILENT)
        expect(refused.searchParams.get('error')).toBe('login_required')
        expect(refused.searchParams.get('error_description')).toMatch(/./)

        const browser = await signedIn(as(), await aUser(as()), { client: 'sdk', scope: 'openid profile' })
        const somebody = await browser.visit(url)
        expect(somebody.status).toBe(303)
        expect(new URL(somebody.headers.get('location') ?? '').searchParams.get('code')).toMatch(/./)

        for (const { headers } of [nobody, somebody]) {
          expect(headers.get('x-frame-options')).toBeNull()
          expect(headers.get('content-security-policy')).toBeNull()
          expect(headers.get('cross-origin-opener-policy')).toBeNull()
        }
      })

      it('S3-27 pages of ours stay out of frames', async () => {
        const page = await openPage(as(), new FormBrowser(), 'sign-in', { client: 'sdk' })
        expect(page.headers.get('x-frame-options')).toBe('DENY')
        expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      })

      it('S3-27 tells errors by error and error_description', async () => {
        const { response } = await openUrl(new FormBrowser(), sdk('state', { prompt: 'nonsense' }).url)
        expect(response?.origin).toBe(ORIGIN)
        expect(response?.searchParams.get('error')).toBe('invalid_request')
        expect(response?.searchParams.get('error_description')).toMatch(/^[ !#-[\]-~]+$/)
        expect(response?.searchParams.get('state')).toBe('state')
      })
    })
  },
  { config: cloudentityConfig(), hasher: quickHasher() },
)
