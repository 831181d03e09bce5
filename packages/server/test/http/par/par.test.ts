import { describe, expect, it, vi } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import { updateClient } from '../../../src/admin-api/clients/update.ts'
import { hashHandle } from '../../../src/core/handles.ts'
import {
  CALLBACK,
  errorOn,
  expectErrorPage,
  expectRefused,
  openUrl,
  press,
  reasonIn,
  STATE,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { ASSERTION_TYPE, assertion, foreignKey } from '../../support/jwt.ts'
import {
  type Answer,
  basic,
  forEachSharedStore,
  forEachStore,
  pkce,
  type TestAs,
} from '../../support/test-as.ts'
import { ALICE, testConfig, WEB_SECRET } from '../../support/test-config.ts'

const web = basic('web', WEB_SECRET)
const REQUEST_URI = /^urn:ietf:params:oauth:request_uri:[A-Za-z0-9]{50}$/
const LOGIN_HINT = 'a-hint-that-nobody-may-log@example.com'

const key = await foreignKey('ES256', 'es')

const config = testConfig({
  workspace: { signing_algs: ['ES256', 'RS256'] },
  clients: [
    {
      client_id: 'strict',
      redirect_uris: [CALLBACK],
      client_secret: WEB_SECRET,
      consent: 'implied',
      require_pushed_authorization_requests: true,
    },
    {
      client_id: 'old-and-strict',
      redirect_uris: [CALLBACK],
      client_secret: WEB_SECRET,
      dialects: ['tapkey', 'atm'],
      require_pushed_authorization_requests: true,
    },
    {
      client_id: 'keyed',
      redirect_uris: [CALLBACK],
      jwks: { keys: [key.jwk as Record<string, string>] },
    },
    {
      client_id: 'implied-web',
      redirect_uris: [CALLBACK],
      client_secret: WEB_SECRET,
      consent: 'implied',
    },
  ],
})

type Form = Readonly<Record<string, string | null>>

interface Pushed {
  readonly answer: Answer
  readonly requestUri: string
  readonly verifier: string
}

/** Pushes an authorization request of the client `web`; `changes` replace or, with null, remove parameters. */
async function push(as: TestAs, changes: Form = {}, headers: Record<string, string> = web): Promise<Pushed> {
  const { verifier, challenge } = pkce()
  const parameters: Form = {
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid email',
    state: STATE,
    nonce: 'nonce-of-the-test',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) form.set(name, value)
  const answer = await as.post('/oauth2/par', form, headers)
  return { answer, requestUri: String(answer.json.request_uri), verifier }
}

function authorizeUrl(as: TestAs, client_id: string, request_uri: string, more: Form = {}): string {
  const query = new URLSearchParams({ client_id, request_uri })
  for (const [name, value] of Object.entries(more)) query.set(name, value ?? '')
  return `${as.issuer}/oauth2/authorize?${query}`
}

forEachSharedStore(
  (server) => {
    describe('POST /oauth2/par (RFC 9126)', () => {
      it('S3-28 takes a request by an authenticated back channel, and the browser brings a reference alone', async () => {
        const as = server()
        const { answer, requestUri, verifier } = await push(as)
        expect(answer.status).toBe(201)
        expect(answer.json).toEqual({ request_uri: expect.stringMatching(REQUEST_URI), expires_in: 90 })
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/)

        const browser = new FormBrowser()
        const url = authorizeUrl(as, 'web', requestUri)
        const response = await authorizeInBrowser(browser, url, CALLBACK, ALICE, {})
        expect(response.searchParams.get('state')).toBe(STATE)
        expect(response.searchParams.get('iss')).toBe(as.issuer)
        const tokens = await as.token(
          {
            grant_type: 'authorization_code',
            code: response.searchParams.get('code') ?? '',
            redirect_uri: CALLBACK,
            code_verifier: verifier,
          },
          web,
        )
        expect(tokens).toMatchObject({ status: 200, json: { scope: 'openid email' } })
      })

      it('is in the metadata, and no client has to use it unless it says so', async () => {
        const as = server()
        const { json } = await as.request('/.well-known/openid-configuration')
        expect(json.pushed_authorization_request_endpoint).toBe(`${as.issuer}/oauth2/par`)
        expect(json.require_pushed_authorization_requests).toBe(false)
      })

      it('serves public clients by their id, and their origins', async () => {
        const as = server()
        const origin = { origin: 'https://app.example' }
        const { answer } = await push(as, { client_id: 'spa' }, origin)
        expect(answer.status).toBe(201)
        expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
        const other = await push(as, { client_id: 'spa' }, { origin: 'https://evil.example' })
        expect(other.answer.headers.get('access-control-allow-origin')).toBeNull()
      })

      it('AZ-41: wants the client to authenticate, in the way it is registered for', async () => {
        const as = server()
        for (const [changes, headers] of [
          [{}, {}],
          [{ client_id: 'web' }, {}],
          [{}, basic('web', 'wrong')],
          [{}, basic('nobody', WEB_SECRET)],
          [{ client_id: 'web', client_secret: WEB_SECRET }, {}],
        ] as const) {
          const { answer } = await push(as, changes, headers)
          expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        }
        const { answer } = await push(as, { client_id: 'spa' })
        expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
      })

      it('AZ-41: takes an assertion for the issuer, the token endpoint and itself (§2), each once', async () => {
        const as = server()
        for (const aud of [as.issuer, `${as.issuer}/oauth2/token`, `${as.issuer}/oauth2/par`]) {
          const signed = {
            client_id: 'keyed',
            client_assertion_type: ASSERTION_TYPE,
            client_assertion: await assertion(as, key, 'keyed', { aud }),
          }
          expect((await push(as, signed, {})).answer.status, aud).toBe(201)
          expect((await push(as, signed, {})).answer.json.error, aud).toBe('invalid_client')
        }
      })

      it.each([
        ['another redirect URI', { redirect_uri: 'https://evil.example/' }, 'redirect_uri_mismatch'],
        ['no redirect URI', { redirect_uri: null }, 'redirect_uri_missing'],
        [
          'no PKCE for a public client',
          { code_challenge: null, code_challenge_method: null },
          'code_challenge_missing',
        ],
        ['another response type', { response_type: 'token' }, 'response_type_unsupported'],
        ['no response type', { response_type: null }, 'response_type_missing'],
        ['an unknown scope', { scope: 'unknown' }, 'scope_unknown'],
        ['an unknown resource', { resource: 'https://evil.example' }, 'resource_unknown'],
        ['a foreign hint', { id_token_hint: 'x.y.z' }, 'id_token_hint_invalid'],
        ['a wrong prompt', { prompt: 'none login' }, 'prompt_unsupported'],
        ['a request object', { request: 'a.b.c' }, 'request_object_unsupported'],
        [
          'a pushed request inside (§2.1)',
          { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
          'pushed_request_nested',
        ],
        ['a request_uri of its own', { request_uri: 'https://app.example/r' }, 'pushed_request_nested'],
      ] as const)('AZ-41: refuses %s at once, as JSON (§2.3)', async (_, changes, reason) => {
        const { answer } = await push(server(), { client_id: 'spa', ...changes }, {})
        expect(answer.json).toMatchObject({ reason, flow: expect.stringMatching(/^flow_/) })
        expect(answer.status).toBe(400)
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
        expect(answer.json).not.toHaveProperty('request_uri')
      })

      it('refuses repeated parameters, other methods and encodings, parameters in the URL, and giants', async () => {
        const as = server()
        const twice = new URLSearchParams([
          ['client_id', 'spa'],
          ['state', 'a'],
          ['state', 'b'],
        ])
        expect(await as.post('/oauth2/par', twice)).toMatchObject({
          status: 400,
          json: { reason: 'parameter_repeated' },
        })
        for (const method of ['GET', 'PUT', 'DELETE']) {
          const answer = await as.request('/oauth2/par', { method })
          expect(answer.status, method).toBe(405)
          expect(answer.headers.get('allow')).toBe('POST')
        }
        expect(await as.post('/oauth2/par?client_id=spa', {})).toMatchObject({ status: 400 })
        const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
        expect(await as.request('/oauth2/par', json)).toMatchObject({ status: 400 })
        const giant = await as.post('/oauth2/par', { client_id: 'spa', state: 'x'.repeat(2_000_000) })
        expect([400, 413]).toContain(giant.status)
      })
    })

    describe('GET /oauth2/authorize with request_uri (RFC 9126 §4)', () => {
      const opened = (url: string) => openUrl(new FormBrowser(), url)

      it('AZ-42: what was pushed counts: parameters beside it are ignored, and leave no trace', async () => {
        const as = server()
        const { requestUri } = await push(as, { login_hint: LOGIN_HINT, prompt: 'consent' })
        const beside = {
          redirect_uri: 'https://evil.example/',
          scope: 'openid notes:delete',
          state: 'other-state',
          response_type: 'token',
          prompt: 'none',
        }
        const browser = new FormBrowser()
        const { page } = await openUrl(browser, authorizeUrl(as, 'web', requestUri, beside))
        expect(pageName(page)).toBe('sign-in')
        expect(page.body).toContain(LOGIN_HINT)
        expect(page.url).not.toContain('example.com')
        expect(new URL(page.url).searchParams.size).toBe(1)
        // Neither the URL nor a cookie carries what was pushed, only the reference did.
        expect(JSON.stringify([...page.headers])).not.toContain('hint')
        const consent = await signIn(browser, page, ALICE)
        expect(pageName(consent.page)).toBe('consent')
        const back = await press(browser, consent.page, ['action', 'deny'])
        expect(back.response?.href.startsWith(`${CALLBACK}?`)).toBe(true)
        expect(back.response?.searchParams.get('state')).toBe(STATE)
      })

      it('is used once: a second browser is refused on a page, while the first one may reload', async () => {
        const as = server()
        const { requestUri } = await push(as, { prompt: 'consent' })
        const url = authorizeUrl(as, 'web', requestUri)
        const browser = new FormBrowser()
        const first = await openUrl(browser, url)
        expect(pageName(first.page)).toBe('sign-in')
        const reloaded = await openUrl(browser, first.page.url)
        expect(pageName(reloaded.page)).toBe('sign-in')
        expectErrorPage(await opened(url), 'pushed_request_replayed')
        const next = await signIn(browser, reloaded.page, ALICE)
        expect(pageName(next.page)).toBe('consent')
      })

      it('is used up by prompt=none as well, with code and with error', async () => {
        const as = server()
        const silent = await push(as, { prompt: 'none' })
        const url = authorizeUrl(as, 'web', silent.requestUri)
        expectRefused(as, await opened(url), { error: 'login_required' })
        expectErrorPage(await opened(url), 'pushed_request_replayed')

        const implied = basic('implied-web', WEB_SECRET)
        const browser = await signedIn(as, ALICE, { client: 'spa' })
        const { requestUri } = await push(as, { prompt: 'none' }, implied)
        const direct = authorizeUrl(as, 'implied-web', requestUri)
        const { response } = await openUrl(browser, direct)
        expect(response?.searchParams.get('code')).toMatch(/^[A-Za-z0-9]{50}$/)
        expectErrorPage(await openUrl(browser, direct), 'pushed_request_replayed')
      })

      it('works by POST as well', async () => {
        const as = server()
        const { requestUri } = await push(as)
        const form = { client_id: 'web', request_uri: requestUri }
        const posted = await as.post('/oauth2/authorize', form)
        expect(posted.status).toBe(303)
        const { page } = await openUrl(new FormBrowser(), posted.headers.get('location') ?? '')
        expect(pageName(page)).toBe('sign-in')
        expect((await as.post('/oauth2/authorize', form)).status).toBe(400)
      })

      it('is not for another client, and stays whole for its own', async () => {
        const as = server()
        const { requestUri } = await push(as)
        const stolen = await opened(authorizeUrl(as, 'spa', requestUri))
        expectErrorPage(stolen, 'pushed_request_client_mismatch')
        expectErrorPage(
          await opened(`${as.issuer}/oauth2/authorize?request_uri=${requestUri}`),
          'client_id_missing',
        )
        expectErrorPage(await opened(authorizeUrl(as, 'nobody', requestUri)), 'authorization_client_unknown')
        const own = await opened(authorizeUrl(as, 'web', requestUri))
        expect(pageName(own.page)).toBe('sign-in')
      })

      it('refuses what was never pushed, cut or changed, and other request_uris as before', async () => {
        const as = server()
        const { requestUri } = await push(as)
        for (const wrong of [
          'urn:ietf:params:oauth:request_uri:',
          `urn:ietf:params:oauth:request_uri:${'A'.repeat(50)}`,
          requestUri.slice(0, -1),
          `${requestUri}A`,
          `${requestUri} `,
          `urn:ietf:params:oauth:request_uri:${'é'.repeat(50)}`,
        ]) {
          expectErrorPage(await opened(authorizeUrl(as, 'web', wrong)), 'pushed_request_unknown')
        }
        const twice = `${authorizeUrl(as, 'web', requestUri)}&request_uri=${requestUri}`
        expectErrorPage(await opened(twice), 'parameter_repeated')
        const url = as.authorizationUrl({ parameters: { request_uri: 'https://app.example/request' } }).url
        expectRefused(as, await opened(url), { error: 'request_uri_not_supported' })
      })

      it('a client may require it: the same request in the URL goes back refused, with the fix (§5)', async () => {
        const as = server()
        const strict = basic('strict', WEB_SECRET)
        const { url } = as.authorizationUrl({ client: 'strict' })
        expectRefused(as, await opened(url), {
          error: 'invalid_request',
          reason: 'pushed_request_required',
        })
        const { requestUri, verifier } = await push(as, {}, strict)
        const pushed = authorizeUrl(as, 'strict', requestUri)
        const response = await authorizeInBrowser(new FormBrowser(), pushed, CALLBACK, ALICE, {})
        const tokens = await as.token(
          {
            grant_type: 'authorization_code',
            code: response.searchParams.get('code') ?? '',
            code_verifier: verifier,
          },
          strict,
        )
        expect(tokens.status).toBe(200)
      })

      it('a client that must push is not served un-pushed by the route of a dialect', async () => {
        const as = server()
        const query = new URL(as.authorizationUrl({ client: 'old-and-strict' }).url).search
        for (const path of ['/connect/authorize', '/login']) {
          const { page, response } = await opened(as.issuer + path + query)
          const reason = response ? reasonIn(response) : errorOn(page).reason
          expect(reason, path).toBe('pushed_request_required')
        }
      })

      it('what was pushed is neither logged nor kept once it was used', async () => {
        const as = server()
        const { requestUri } = await push(as, { login_hint: LOGIN_HINT })
        const url = authorizeUrl(as, 'web', requestUri)
        await opened(url)
        await opened(url)
        await as.server.pixy.flowLog.flush()
        const events = await as.server.pixy.deps.store.flowEvents.list(null, 500)
        const written = as.server.logs.join('\n') + JSON.stringify(events)
        expect(written).toContain('pushed_request_replayed')
        for (const secret of [LOGIN_HINT, requestUri.slice(-50), WEB_SECRET])
          expect(written).not.toContain(secret)
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('the life of a pushed request', () => {
    it('ends after 90 seconds, and is swept an hour later', async () => {
      const as = await start({ config })
      const [late, gone] = [await push(as), await push(as)]
      as.advance(80)
      const inTime = await openUrl(new FormBrowser(), authorizeUrl(as, 'web', late.requestUri))
      expect(pageName(inTime.page)).toBe('sign-in')
      as.advance(10)
      const url = authorizeUrl(as, 'web', gone.requestUri)
      expectErrorPage(await openUrl(new FormBrowser(), url), 'pushed_request_expired')
      as.advance(3600)
      const { deps } = as.server.pixy
      await deps.store.sweep(deps.clock.now(), 100)
      expectErrorPage(await openUrl(new FormBrowser(), url), 'pushed_request_unknown')
    })

    it('of ten browsers at once, one gets on', async () => {
      const as = await start({ config })
      const { requestUri } = await push(as)
      const url = authorizeUrl(as, 'web', requestUri)
      const all = await Promise.all(Array.from({ length: 10 }, () => openUrl(new FormBrowser(), url)))
      expect(all.filter(({ page }) => pageName(page) === 'sign-in')).toHaveLength(1)
      const others = all.filter(({ page }) => pageName(page) !== 'sign-in')
      for (const other of others) expectErrorPage(other, 'pushed_request_replayed')
    })

    it('one that read it before another took it is refused all the same', async () => {
      const as = await start({ config })
      const { store, workspaces } = as.server.pixy.deps
      const { requestUri } = await push(as)
      const hash = hashHandle(requestUri.split(':').at(-1) ?? '')
      const seen = await store.pushedRequests.find(workspaces.list()[0]?.id ?? '', hash)
      expect(seen?.consumedAt).toBeNull()
      const url = authorizeUrl(as, 'web', requestUri)
      expect(pageName((await openUrl(new FormBrowser(), url)).page)).toBe('sign-in')
      vi.spyOn(store.pushedRequests, 'find').mockResolvedValue(seen)
      expectErrorPage(await openUrl(new FormBrowser(), url), 'pushed_request_replayed')
    })

    it('a redirect URI that was taken away since gets no answer', async () => {
      const as = await start({ config })
      const { deps } = as.server.pixy
      const elsewhere = { client_id: 'spa-two', redirect_uri: 'https://app.example/other', prompt: 'none' }
      const pushed = await push(as, elsewhere, {})
      const workspaceId = deps.workspaces.list()[0]?.id ?? ''
      const client = await deps.store.clients.find(workspaceId, 'spa-two')
      if (!client) throw new Error('the client is not there')
      await deps.store.clients.update({
        ...client,
        metadata: { ...client.metadata, redirect_uris: [CALLBACK] },
      })
      await deps.workspaces.refresh()
      const url = authorizeUrl(as, 'spa-two', pushed.requestUri)
      expectErrorPage(await openUrl(new FormBrowser(), url), 'redirect_uri_mismatch')
    })

    it('a disabled client gets no further', async () => {
      const as = await start({ config })
      const { deps } = as.server.pixy
      const { requestUri } = await push(as)
      await updateClient.run(deps, { client_id: 'web', enabled: false })
      await deps.workspaces.refresh()
      const url = authorizeUrl(as, 'web', requestUri)
      expectErrorPage(await openUrl(new FormBrowser(), url), 'authorization_client_unknown')
      expect((await push(as)).answer.status).toBe(401)
    })
  })
})
