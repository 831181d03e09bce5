import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { atHash, verified } from '../../support/jwt.ts'
import {
  type Answer,
  basic,
  claimsOf,
  forEachSharedStore,
  type TestAs,
  type Tokens,
} from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const redirect_uris = ['https://app.example/callback']
const config = testConfig({
  clients: [
    { client_id: 'no-window', redirect_uris, refresh_token: { retry_window: 0 } },
    { client_id: 'short', redirect_uris, refresh_token: { idle_lifetime: 3600, absolute_lifetime: 7200 } },
    { client_id: 'uncapped', redirect_uris, refresh_token: { absolute_lifetime: 0 } },
    { client_id: 'always', redirect_uris, offline_access: 'always' },
  ],
})

const DAY = 86_400

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = (client = 'spa', options: Parameters<TestAs['login']>[0] = {}) =>
      server().login({ browser, client, ...options })
    const refresh = (token: string, client = 'spa', form: Readonly<Record<string, string>> = {}) =>
      server().refresh(token, { client_id: client, ...form })
    /** @throws where it is refused */
    const rotated = async (token: string, client = 'spa'): Promise<Tokens> => {
      const answer = await refresh(token, client)
      if (answer.status !== 200) throw new Error(answer.text)
      return answer.json as unknown as Tokens
    }
    const expectRefused = (answer: Answer, what = '') =>
      expect(answer, what).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })

    describe('POST /oauth2/token, refresh_token by policy rotate (RFC 6749 §6, RFC 9700 §4.14.2)', () => {
      it('RT-01: answers with a new refresh token each time', async () => {
        const first = await login()
        const second = await rotated(first.refresh_token)
        const third = await rotated(second.refresh_token)
        expect(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size).toBe(3)
        expect(third).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: first.scope })
        expect((await server().userinfo(third.access_token)).status).toBe(200)
      })

      it('RT-01: a replay of the old token after the window ends the whole family and its access tokens', async () => {
        const as = server()
        const first = await login()
        const second = await rotated(first.refresh_token)
        as.advance(31)
        expectRefused(await refresh(first.refresh_token))
        expectRefused(await refresh(second.refresh_token))
        expect((await as.userinfo(second.access_token)).status).toBe(401)
      })

      it('RT-01: ends exactly what came of that code, and no other login of the same user and client', async () => {
        const as = server()
        const [one, other] = [await login(), await login()]
        await rotated(one.refresh_token)
        as.advance(31)
        expectRefused(await refresh(one.refresh_token))
        expect((await refresh(other.refresh_token)).status).toBe(200)
        expect((await as.userinfo(other.access_token)).status).toBe(200)
      })

      it('RT-13: 30 seconds later the predecessor still gets the same successor', async () => {
        const as = server()
        as.server.clock.stop()
        const first = await login()
        const second = await rotated(first.refresh_token)
        for (const seconds of [0, 29, 1]) {
          as.advance(seconds)
          const retry = await rotated(first.refresh_token)
          expect(retry.refresh_token).toBe(second.refresh_token)
          expect(retry.access_token).not.toBe(second.access_token)
        }
        expect((await refresh(second.refresh_token)).status).toBe(200)
      })

      it('RT-13: 31 seconds later it ends the family', async () => {
        const as = server()
        as.server.clock.stop()
        const first = await login()
        const second = await rotated(first.refresh_token)
        as.advance(31)
        expectRefused(await refresh(first.refresh_token))
        expectRefused(await refresh(second.refresh_token))
      })

      it('RT-13: a retry does not move the window', async () => {
        const as = server()
        as.server.clock.stop()
        const first = await login()
        await rotated(first.refresh_token)
        as.advance(20)
        await rotated(first.refresh_token)
        as.advance(11)
        expectRefused(await refresh(first.refresh_token))
      })

      it('RT-13: two generations old ends the family, also within the window', async () => {
        const first = await login()
        const second = await rotated(first.refresh_token)
        const third = await rotated(second.refresh_token)
        expectRefused(await refresh(first.refresh_token))
        for (const { refresh_token, access_token } of [second, third]) {
          expectRefused(await refresh(refresh_token))
          expect((await server().userinfo(access_token)).status).toBe(401)
        }
      })

      it('RT-13: where the window is off a replay ends the family at once', async () => {
        const first = await login('no-window')
        const second = await rotated(first.refresh_token, 'no-window')
        expectRefused(await refresh(first.refresh_token, 'no-window'))
        expectRefused(await refresh(second.refresh_token, 'no-window'))
      })

      it('RT-13: an answer that was lost on the way costs nobody the session', async () => {
        const as = server()
        const first = await login()
        await as.request(`${as.server.url}/__test/faults`, {
          method: 'POST',
          body: '{"drop_token_responses":1}',
        })
        expect((await refresh(first.refresh_token)).status).toBe(502)
        const second = await rotated(first.refresh_token)
        expect((await refresh(second.refresh_token)).status).toBe(200)
      })

      it('RT-03: refuses the token of another client and changes nothing for its owner', async () => {
        const as = server()
        const first = await login()
        expectRefused(await refresh(first.refresh_token, 'spa-two'))
        expectRefused(
          await as.token(
            { grant_type: 'refresh_token', refresh_token: first.refresh_token },
            basic('web', WEB_SECRET),
          ),
        )
        const second = await rotated(first.refresh_token)
        expectRefused(await refresh(first.refresh_token, 'spa-two'), 'a predecessor, by another client')
        as.advance(31)
        expectRefused(await refresh(first.refresh_token, 'spa-two'), 'a replay, by another client')
        expect((await refresh(second.refresh_token)).status).toBe(200)
      })

      it('RT-04: a confidential client must authenticate', async () => {
        const as = server()
        const { refresh_token } = await as.login(
          { browser, client: 'web' },
          { client_id: null },
          basic('web', WEB_SECRET),
        )
        const form = { grant_type: 'refresh_token', refresh_token }
        expect(await as.token({ ...form, client_id: 'web' })).toMatchObject({
          status: 401,
          json: { error: 'invalid_client' },
        })
        expect(await as.token(form, basic('web', 'wrong'))).toMatchObject({
          status: 401,
          json: { error: 'invalid_client' },
        })
        expect(await as.token(form)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        expect((await as.token(form, basic('web', WEB_SECRET))).status).toBe(200)
      })

      it('RT-05: scope may shrink for one access token, and the family keeps all', async () => {
        const first = await login()
        const narrow = await refresh(first.refresh_token, 'spa', { scope: 'openid email' })
        expect(narrow).toMatchObject({ status: 200, json: { scope: 'openid email' } })
        expect(claimsOf(String(narrow.json.access_token)).scope).toBe('openid email')
        const next = await rotated(String(narrow.json.refresh_token))
        expect(next.scope).toBe(first.scope)
        const without = await refresh(next.refresh_token, 'spa', { scope: 'email' })
        expect(without.json).not.toHaveProperty('id_token')
        expect(without.json).toHaveProperty('refresh_token')
      })

      it('RT-05: scope never grows: invalid_scope, and the token is not spent', async () => {
        const { refresh_token } = await login('spa', { scope: 'openid offline_access' })
        for (const scope of ['openid email', 'notes:read', 'unknown', 'openid\topenid']) {
          expect(await refresh(refresh_token, 'spa', { scope }), scope).toMatchObject({
            status: 400,
            json: { error: 'invalid_scope' },
          })
        }
        expect(await refresh(refresh_token, 'spa', { resource: 'https://evil.example' })).toMatchObject({
          status: 400,
          json: { error: 'invalid_target' },
        })
        expect((await server().userinfo((await rotated(refresh_token)).access_token)).status).toBe(200)
      })

      it('RT-06: refuses cut, padded, changed and foreign tokens, and they harm nobody', async () => {
        const as = server()
        const first = await login()
        const second = await rotated(first.refresh_token)
        const token = second.refresh_token
        const flip = (at: number) =>
          `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
        const garbage = [
          token.slice(0, -1),
          token.slice(1),
          `${token}A`,
          `${token}=`,
          `${token} `,
          ` ${token}`,
          `${token}\n`,
          token.toLowerCase(),
          token.toUpperCase(),
          token.replace('pixy_rt_', ''),
          token.replace('pixy_rt_', 'pixy_at_'),
          token.replace('pixy', 'PIXY'),
          flip(8),
          flip(29),
          flip(40),
          flip(token.length - 1),
          token + token,
          'x',
          '',
          'null',
          '__proto__',
          'pixy_rt_',
          `pixy_rt_${'A'.repeat(83)}`,
          'A'.repeat(50_000),
          'é'.repeat(91),
          second.access_token,
          second.id_token,
          // The first half of one and the second of the other.
          first.refresh_token.slice(0, 45) + token.slice(45),
        ]
        for (const text of garbage) {
          expect(await refresh(text), text.slice(0, 100)).toMatchObject({
            status: 400,
            json: { error: expect.stringMatching(/^invalid_(?:grant|request)$/) },
          })
        }
        expect(await refresh(`${token}\0`)).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
        as.advance(31)
        expect((await refresh(token)).status).toBe(200)
      })

      it('RT-06: a damaged predecessor is no replay: the family lives', async () => {
        const as = server()
        const first = await login()
        const second = await rotated(first.refresh_token)
        as.advance(31)
        const token = first.refresh_token
        for (const at of [8, 29, 30, 79, 80, token.length - 2, token.length - 1]) {
          // Another letter, and the one that shares its low byte.
          const letters = [token[at] === 'A' ? 'B' : 'A', String.fromCharCode(token.charCodeAt(at) + 0x100)]
          for (const letter of letters) {
            const damaged = token.slice(0, at) + letter + token.slice(at + 1)
            expectRefused(await refresh(damaged), `${at} ${letter}`)
          }
        }
        expect((await refresh(second.refresh_token)).status).toBe(200)
      })

      it('RT-06: a code is no refresh token, and is not burned by the attempt', async () => {
        const as = server()
        const authorized = await as.authorize({ browser })
        expectRefused(await refresh(authorized.code))
        expect((await as.redeem(authorized)).status).toBe(200)
      })

      it('RT-07: the refreshed ID token keeps iss, sub, aud, auth_time, sid and acr, and has no nonce', async () => {
        const as = server()
        const first = await login()
        const before = await verified(as, first.id_token, 'spa')
        as.advance('2h')
        const second = await rotated(first.refresh_token)
        const after = await verified(as, second.id_token, 'spa')
        const names = ['iss', 'sub', 'aud', 'auth_time', 'sid', 'acr', 'amr'] as const
        for (const name of names) expect(after[name], name).toEqual(before[name])
        expect(before.auth_time).toBeDefined()
        expect(after.iat).toBeGreaterThanOrEqual((before.iat ?? 0) + 7200)
        expect(after).not.toHaveProperty('nonce')
        expect(after.at_hash).toBe(atHash(second.access_token, 'RS256'))
      })

      it('RT-08: a revoked refresh token is dead, and so is its whole grant', async () => {
        const as = server()
        const first = await login()
        const second = await rotated(first.refresh_token)
        expect(
          (await as.post('/oauth2/revoke', { token: second.refresh_token, client_id: 'spa' })).status,
        ).toBe(200)
        expectRefused(await refresh(second.refresh_token))
        expectRefused(await refresh(first.refresh_token))
        for (const { access_token } of [first, second])
          expect((await as.userinfo(access_token)).status).toBe(401)
      })

      it('RT-09: without offline_access there is no refresh token, unless the client has one with every code', async () => {
        const { refresh_token: none } = await login('spa', { scope: 'openid profile' })
        expect(none).toBeUndefined()
        const { refresh_token } = await login('always', { scope: 'openid profile' })
        expect((await refresh(refresh_token, 'always')).status).toBe(200)
      })
    })

    describe('POST /oauth2/token, lifetimes of refresh tokens (OAuth 2.1 §4.3.3)', () => {
      it('RT-10: 30 days without use and not one second longer, and each use begins them again', async () => {
        const as = server()
        as.server.clock.stop()
        const [used, unused] = [await login(), await login()]
        as.advance(30 * DAY - 1)
        const next = await rotated(used.refresh_token)
        as.advance(1)
        expectRefused(await refresh(unused.refresh_token))
        as.advance(30 * DAY - 2)
        expect((await refresh(next.refresh_token)).status).toBe(200)
      })

      it('RT-11: 90 days in any case: rotation does not move the end', async () => {
        const as = server()
        as.server.clock.stop()
        let tokens = await login()
        for (const _ of [29, 58, 87]) {
          as.advance(29 * DAY)
          tokens = await rotated(tokens.refresh_token)
        }
        as.advance(3 * DAY - 1)
        const last = await rotated(tokens.refresh_token)
        as.advance(1)
        expectRefused(await refresh(last.refresh_token))
      })

      it('RT-11: lifetimes are the client’s own', async () => {
        const as = server()
        as.server.clock.stop()
        const [idle, capped] = [await login('short'), await login('short')]
        as.advance(3599)
        const second = await rotated(capped.refresh_token, 'short')
        as.advance(1)
        expectRefused(await refresh(idle.refresh_token, 'short'))
        as.advance(3598)
        const third = await rotated(second.refresh_token, 'short')
        as.advance(2)
        expectRefused(await refresh(third.refresh_token, 'short'))
      })

      it('RT-11: without a cap use alone decides', async () => {
        const as = server()
        let tokens = await login('uncapped')
        for (let count = 0; count < 14; count++) {
          as.advance(29 * DAY)
          tokens = await rotated(tokens.refresh_token, 'uncapped')
        }
        as.advance(31 * DAY)
        expectRefused(await refresh(tokens.refresh_token, 'uncapped'))
      })

      it('a retry inside the window still works where the token would just have gone idle', async () => {
        const as = server()
        as.server.clock.stop()
        const first = await login('short')
        as.advance(3599)
        const second = await rotated(first.refresh_token, 'short')
        as.advance(20)
        expect((await rotated(first.refresh_token, 'short')).refresh_token).toBe(second.refresh_token)
      })
    })

    describe('POST /oauth2/token, refresh_token by policy reuse', () => {
      const credentials = { client_secret: WEB_SECRET }
      const loginReuse = () => server().login({ browser, client: 'reuse' }, credentials)
      const refreshReuse = (token: string) => refresh(token, 'reuse', credentials)

      it('keeps the token, and it may be used again and again', async () => {
        const { refresh_token } = await loginReuse()
        for (let count = 0; count < 5; count++) {
          const answer = await refreshReuse(refresh_token)
          expect(answer).toMatchObject({ status: 200, json: { refresh_token } })
          expect((await server().userinfo(String(answer.json.access_token))).status).toBe(200)
        }
      })

      it('RT-10: 90 days since the last use: day 89 works, again and again, day 91 after the last does not', async () => {
        const as = server()
        const { refresh_token } = await loginReuse()
        for (let count = 0; count < 5; count++) {
          as.advance('89d')
          expect((await refreshReuse(refresh_token)).status).toBe(200)
        }
        as.advance('91d')
        expectRefused(await refreshReuse(refresh_token))
      })

      it('RT-03, RT-04: is bound to its client, which must authenticate', async () => {
        const as = server()
        const { refresh_token } = await loginReuse()
        expectRefused(await refresh(refresh_token, 'web-post', credentials))
        expect((await refresh(refresh_token, 'reuse')).status).toBe(401)
        expect((await refresh(refresh_token, 'reuse', { client_secret: 'wrong' })).status).toBe(401)
        expect((await refreshReuse(refresh_token)).status).toBe(200)
        expect(
          (await as.post('/oauth2/revoke', { token: refresh_token, client_id: 'reuse', ...credentials }))
            .status,
        ).toBe(200)
        expectRefused(await refreshReuse(refresh_token))
      })
    })
  },
  { config },
)
