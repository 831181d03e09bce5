import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import type { Reason } from '../../../src/core/decisions/reasons.ts'
import {
  errorOn,
  expectErrorPage,
  expectRefused,
  lastRefusal,
  openUrl,
  signIn,
} from '../../support/authorization.ts'
import { plainRequest, sendBytes } from '../../support/raw-http.ts'
import { forEachSharedStore, pkce } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { deviationsOf } from '../deviations.ts'
import { CALLBACK, connect, connectToken, connectUrl, options, SCOPE } from './support.ts'

type Changes = Parameters<typeof connectUrl>[3]

forEachSharedStore((server) => {
  const open = (changes: Changes = {}, client = 'native') =>
    openUrl(new FormBrowser(), connectUrl(server(), client, pkce().challenge, changes))

  /** The standard's error, at the client. */
  async function expectAtClient(changes: Changes, error: string, reason: Reason): Promise<void> {
    const arrival = await open({ state: 'abc', ...changes })
    expectRefused(server(), arrival, { error, reason, state: 'abc', redirectUri: CALLBACK })
  }

  describe('Tapkey, GET /connect/authorize', () => {
    it('S2-05 S2-15 P1 P2 answers with a code, without state where none was sent', async () => {
      const as = server()
      const { url } = await connect(as, 'native')
      expect(url.href.startsWith(`${CALLBACK}?`)).toBe(true)
      expect([...url.searchParams.keys()].sort()).toEqual(['code', 'iss', 'scope'])
      expect(url.searchParams.get('iss')).toBe(as.issuer)
      expect(connectUrl(as, 'native', 'x')).toContain('scope=read%3Acore%3Aentities+read%3Aowneraccounts+')
    })

    it('S2-05 P1 is served under //connect/authorize too', async () => {
      const as = server()
      const { pathname, search } = new URL(connectUrl(as, 'native', pkce().challenge))
      expect(pathname).toBe('/connect/authorize')
      const host = { host: new URL(as.issuer).host }
      const answer = await plainRequest(as.server.url, `/${pathname}${search}`, { headers: host })
      expect(answer.status).toBe(303)
      expect(answer.headers.get('location')).toMatch(/\/sign-in\?flow=flow_/)
      const posted = await plainRequest(as.server.url, '//connect//token', { method: 'POST', headers: host })
      expect(posted.json.reason).toBe('content_type_unsupported')
    })

    it('S2-17 tells the granted scope in the redirect and in the token response', async () => {
      const connected = await connect(server(), 'native')
      expect(connected.url.searchParams.get('scope')).toBe(SCOPE)
      expect((await connectToken(server(), connected)).json.scope).toBe(SCOPE)
    })

    it('S2-14 S2-17 P2 a user who leaves scopes out shrinks both', async () => {
      const connected = await connect(server(), 'native-two', {}, { allow: ['read:owneraccounts'] })
      expect(connected.url.searchParams.get('scope')).toBe('read:owneraccounts')
      const answer = await connectToken(server(), connected)
      expect(answer.json.scope).toBe('read:owneraccounts')
      expect(answer.json).not.toHaveProperty('refresh_token')
    })

    it('S2-14 shows one box for each scope, with what the workspace says of it', async () => {
      const browser = new FormBrowser()
      const url = connectUrl(server(), 'opaque', pkce().challenge, { scope: `${SCOPE} write:grants` })
      const { page } = await signIn(browser, (await openUrl(browser, url)).page, ALICE)
      expect(pageName(page)).toBe('consent')
      expect(readForm(page).checkboxes.map(({ value, checked }) => [value, checked])).toEqual([
        ['read:core:entities', true],
        ['read:owneraccounts', true],
        ['offline_access', true],
        ['write:grants', false],
      ])
      expect(page.body).toContain('Read your locking devices and grants')
    })

    it('S2-17 strict: the standard’s endpoint tells the scope in the token response alone', async () => {
      const as = server()
      const authorized = await as.authorize({ client: 'native', redirectUri: CALLBACK, scope: SCOPE })
      expect(authorized.url.searchParams.has('scope')).toBe(false)
      expect((await as.redeem(authorized)).json.scope).toBe(SCOPE)
    })

    it.each(['a+b/c=d==', 'pJ8sI+/0bQ1nX/7zZk2+4g==', '32 bytes, typically'])(
      'S2-13 S2-15 P7 returns the state %s unchanged',
      async (state) => {
        const { url } = await connect(server(), 'native', { state })
        expect(url.searchParams.getAll('state')).toEqual([state])
      },
    )

    it('S2-13 a state whose + was not encoded is a space, as form encoding has it; it comes back as one', async () => {
      const as = server()
      const raw = `${connectUrl(as, 'native', pkce().challenge)}&state=a+b/c=`
      const browser = new FormBrowser()
      const { page } = await openUrl(browser, raw)
      const back = (await signIn(browser, page, ALICE)).response
      expect(back?.search).toContain('state=a%20b%2Fc%3D')
    })

    it('S2-12 answers by query where response_mode says so or nothing', async () => {
      const { url } = await connect(server(), 'native', { response_mode: 'query' })
      expect(url.searchParams.has('code')).toBe(true)
    })

    it('S2-12 P2 posts the same by form_post', async () => {
      const as = server()
      const browser = new FormBrowser()
      const url = connectUrl(as, 'native', pkce().challenge, { response_mode: 'form_post', state: 'a+b/=' })
      const { page } = await signIn(browser, (await openUrl(browser, url)).page, ALICE)
      expect(pageName(page)).toBe('form-post')
      const form = readForm(page)
      expect(form.action).toBe(CALLBACK)
      expect(Object.fromEntries(form.values)).toEqual({
        code: expect.stringMatching(/^[A-Za-z0-9]{50}$/),
        scope: SCOPE,
        state: 'a+b/=',
        iss: as.issuer,
      })
    })

    it('S2-12 refuses another response_mode', () =>
      expectAtClient({ response_mode: 'fragment' }, 'invalid_request', 'response_mode_unsupported'))
  })

  describe('Tapkey, what /connect/authorize requires', () => {
    it('S2-06 client_id, on our own page', async () => {
      expectErrorPage(await open({ client_id: null }), 'client_id_missing')
    })

    it('S2-07 redirect_uri, though one is registered, and one that is: on our own page', async () => {
      expectErrorPage(await open({ redirect_uri: null }), 'redirect_uri_missing')
      expectErrorPage(await open({ redirect_uri: '' }), 'redirect_uri_missing')
      expectErrorPage(await open({ redirect_uri: `${CALLBACK}/` }), 'redirect_uri_mismatch')
      expectErrorPage(await open({ redirect_uri: `${CALLBACK}/`, scope: null }), 'redirect_uri_mismatch')
    })

    it('S2-08 response_type=code', async () => {
      await expectAtClient({ response_type: null }, 'invalid_request', 'response_type_missing')
      await expectAtClient(
        { response_type: 'token' },
        'unsupported_response_type',
        'response_type_unsupported',
      )
    })

    it('S2-09 code_challenge', async () => {
      await expectAtClient(
        { code_challenge: null, code_challenge_method: null },
        'invalid_request',
        'code_challenge_missing',
      )
      await expectAtClient({ code_challenge: null }, 'invalid_request', 'code_challenge_missing')
    })

    it.each([
      ['plain', 'plain'],
      ['nothing', null],
      ['SHA256', 'SHA256'],
      ['s256', 's256'],
    ])('S2-10 P8 code_challenge_method=S256, not %s', (_, code_challenge_method) =>
      expectAtClient({ code_challenge_method }, 'invalid_request', 'code_challenge_method_unsupported'),
    )

    it('S2-11 scope; the fix leads to the page that lists them', async () => {
      const as = server()
      await expectAtClient({ scope: null }, 'invalid_scope', 'scope_missing')
      expect((await lastRefusal(as)).fix).toContain(`${as.issuer}/scopes`)
      await expectAtClient({ scope: '' }, 'invalid_scope', 'scope_missing')
      await expectAtClient({ scope: 'read:nothing' }, 'invalid_scope', 'scope_unknown')
      expect((await lastRefusal(as)).fix).toContain(`${as.issuer}/scopes`)
    })

    it('S2-11 scope_missing by form_post where that was asked for', async () => {
      const { page } = await open({ scope: null, response_mode: 'form_post', state: 'abc' })
      expect(pageName(page)).toBe('form-post')
      expect(Object.fromEntries(readForm(page).values)).toMatchObject({
        error: 'invalid_scope',
        state: 'abc',
      })
    })

    it('S2-05 each parameter once, and GET', async () => {
      const as = server()
      const twice = `${connectUrl(as, 'native', pkce().challenge)}&client_id=strict`
      expectErrorPage(await openUrl(new FormBrowser(), twice), 'parameter_repeated')
      expect((await as.post('/connect/authorize', { client_id: 'native' })).status).toBe(405)
    })

    it('S2-06 S2-11 a second client_id stays on our page, also where the scope is missing', async () => {
      const twice = [
        ...new URL(connectUrl(server(), 'native', pkce().challenge, { scope: null })).searchParams,
      ]
      const query = new URLSearchParams([...twice, ['client_id', 'native-two']])
      const url = `${server().issuer}/connect/authorize?${query}`
      expectErrorPage(await openUrl(new FormBrowser(), url), 'parameter_repeated')
    })

    it('S2-11 a space that nothing encoded ends the request line', async () => {
      const as = server()
      const received = await sendBytes(
        as.server.url,
        `GET /connect/authorize?client_id=native&scope=a b HTTP/1.1\r\nHost: ${new URL(as.issuer).host}\r\n\r\n`,
      )
      expect(received).toMatch(/^HTTP\/1\.1 400 /)
    })
  })

  describe('Tapkey, without the dialect', () => {
    it('S2-05 strict: /connect/authorize stays on our page and names the standard’s address', async () => {
      const as = server()
      const arrival = await open({}, 'strict')
      expectErrorPage(arrival, 'dialect_off')
      expect((await lastRefusal(as)).fix).toBe(
        `Send the same parameters to ${as.issuer}/oauth2/authorize; the token response tells the granted scope. ` +
          'Until the client can be changed: pixy client update strict --add-dialect tapkey',
      )
    })

    it('S2-05 strict: unknown clients get the same page, so that nobody can tell them apart', async () => {
      const [strict, unknown] = await Promise.all([open({}, 'strict'), open({}, 'nobody')])
      expectErrorPage(unknown, 'dialect_off')
      expect(errorOn(unknown.page).code).toBe(errorOn(strict.page).code)
      expect(errorOn(unknown.page).description).toBe(errorOn(strict.page).description)
    })

    it('S2-05 is counted for clients with it', async () => {
      const before = (await deviationsOf(server(), 'native')).tapkey_connect_authorize ?? 0
      await open()
      expect((await deviationsOf(server(), 'native')).tapkey_connect_authorize).toBe(before + 1)
    })
  })
}, options)
