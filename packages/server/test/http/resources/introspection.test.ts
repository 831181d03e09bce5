import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { expectGoldenJson } from '../../support/golden.ts'
import { masked } from '../../support/jwt.ts'
import {
  type Answer,
  type AuthorizeOptions,
  basic,
  claimsOf,
  forEachSharedStore,
} from '../../support/test-as.ts'
import { SECOND_SECRET, testConfig, WEB_SECRET } from '../../support/test-config.ts'

const web = basic('web', WEB_SECRET)
const other = basic('other-web', SECOND_SECRET)
const config = testConfig({
  clients: [
    {
      client_id: 'other-web',
      redirect_uris: ['https://app.example/callback'],
      client_secret: SECOND_SECRET,
      access_token_format: 'opaque',
    },
  ],
})

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    /** Of the client `web` itself. */
    const loginWeb = (options: AuthorizeOptions = {}) =>
      server().login({ browser, client: 'web', ...options }, { client_id: null }, web)
    const introspect = (
      token: string,
      headers: Readonly<Record<string, string>> = web,
      form: Readonly<Record<string, string>> = {},
    ): Promise<Answer> => server().post('/oauth2/introspect', { token, ...form }, headers)
    const expectInactive = (answer: Answer, what = '') => {
      expect(answer.status, what).toBe(200)
      expect(answer.text, what).toBe('{"active":false}')
    }

    describe('POST /oauth2/introspect (RFC 7662)', () => {
      it('IN-01: answers 401 without credentials, with wrong ones, and to a public client', async () => {
        const as = server()
        const { access_token: token } = await as.login({ browser })
        const answers = [
          await as.post('/oauth2/introspect', { token }),
          await introspect(token, basic('web', 'wrong')),
          await introspect(token, basic('nobody', WEB_SECRET)),
          await as.post('/oauth2/introspect', { token, client_id: 'spa' }),
          await introspect(token, basic('spa', '')),
          await introspect(token, { authorization: `Bearer ${token}` }),
        ]
        for (const answer of answers) {
          expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
          expect(answer.json).not.toHaveProperty('active')
        }
      })

      it('IN-02: tells a confidential client about its own tokens', async () => {
        const { access_token, refresh_token } = await loginWeb()
        const access = await introspect(access_token)
        expect(access.headers.get('cache-control')).toBe('no-store')
        expect(access.json.sub).toBe(claimsOf(access_token).sub)
        const refresh = await introspect(refresh_token)
        expectGoldenJson('tokens/introspection.json', {
          access_token: masked({ ...access.json, aud: '<issuer>' }),
          refresh_token: masked(refresh.json),
        })
      })

      it('IN-02: tells it of opaque tokens, and an API of tokens that are for it', async () => {
        const opaque = await server().login({ browser, client: 'other-web' }, { client_id: null }, other)
        expect((await introspect(opaque.access_token, other)).json).toMatchObject({
          active: true,
          client_id: 'other-web',
          aud: server().issuer,
        })
        const forApi = await server().login({
          browser,
          scope: 'openid notes:read',
          parameters: { resource: 'https://api.example' },
        })
        expect((await introspect(forApi.access_token)).json).toMatchObject({
          active: true,
          client_id: 'spa',
          aud: 'https://api.example',
          scope: 'openid notes:read',
        })
      })

      it('IN-02: of what is not a live token it says exactly {"active":false}', async () => {
        const as = server()
        const { access_token, refresh_token, id_token } = await loginWeb()
        const { code } = await as.authorize({ browser, client: 'web' })
        const garbage = [
          'x',
          'null',
          'a.b.c',
          `${access_token}A`,
          access_token.slice(0, -1),
          `${refresh_token}A`,
          refresh_token.slice(0, -1),
          id_token,
          code,
          web.authorization,
          'pixy_at_',
          'pixy_rt_',
          `pixy_at_${'A'.repeat(50)}`,
          'é',
          'A'.repeat(50_000),
          '__proto__',
          "' or 1=1 --",
        ]
        for (const token of garbage) expectInactive(await introspect(token), token.slice(0, 30))
      })

      it('IN-02: dead tokens are not active: expired, revoked, rotated away', async () => {
        const as = server()
        const [expired, revoked, rotated] = [await loginWeb(), await loginWeb(), await loginWeb()]
        await as.post('/oauth2/revoke', { token: revoked.access_token }, web)
        expectInactive(await introspect(revoked.access_token), 'revoked')
        expect((await introspect(revoked.refresh_token)).json.active).toBe(true)
        await as.post('/oauth2/revoke', { token: revoked.refresh_token }, web)
        expectInactive(await introspect(revoked.refresh_token), 'revoked')
        await as.token({ grant_type: 'refresh_token', refresh_token: rotated.refresh_token }, web)
        expectInactive(await introspect(rotated.refresh_token), 'rotated away')
        expect((await introspect(rotated.access_token)).json.active).toBe(true)
        as.advance(601)
        expectInactive(await introspect(expired.access_token), 'expired')
        as.advance('31d')
        expectInactive(await introspect(expired.refresh_token), 'idle too long')
      })

      it('IN-03: says nothing of another client’s tokens', async () => {
        const as = server()
        const [spa, own] = [await as.login({ browser }), await loginWeb()]
        expectInactive(await introspect(spa.access_token), 'a public client’s')
        expectInactive(await introspect(spa.refresh_token))
        expectInactive(await introspect(own.access_token, other), 'a confidential client’s')
        expectInactive(await introspect(own.refresh_token, other))
        const forApi = await as.login({
          browser,
          scope: 'openid notes:read',
          parameters: { resource: 'https://api.example' },
        })
        expectInactive(await introspect(forApi.access_token, other), 'an API that is not theirs')
      })

      it('IN-03: the hint may be right, wrong or unknown', async () => {
        const { access_token, refresh_token } = await loginWeb()
        for (const token_type_hint of ['access_token', 'refresh_token', 'pancake', '']) {
          for (const token of [access_token, refresh_token])
            expect((await introspect(token, web, { token_type_hint })).json.active).toBe(true)
        }
      })

      it('IN-04: refuses other methods, a missing or repeated token, other encodings, and parameters in the URL', async () => {
        const as = server()
        const { access_token: token } = await loginWeb()
        for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
          const answer = await as.request(`/oauth2/introspect?token=${token}`, { method, headers: web })
          expect(answer.status, method).toBe(405)
        }
        expect(await as.post('/oauth2/introspect', {}, web)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        })
        expect(await introspect('')).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
        const twice = new URLSearchParams([
          ['token', token],
          ['token', token],
        ])
        expect(await as.post('/oauth2/introspect', twice, web)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        })
        expect(await as.post(`/oauth2/introspect?token=${token}`, {}, web)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        })
        const json = {
          method: 'POST',
          headers: { ...web, 'content-type': 'application/json' },
          body: JSON.stringify({ token }),
        }
        expect(await as.request('/oauth2/introspect', json)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        })
      })
    })
  },
  { config },
)
