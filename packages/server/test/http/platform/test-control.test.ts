import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { systemClock } from '../../../src/adapters/clock.ts'
import { createLogger } from '../../../src/adapters/logger.ts'
import { createPixy } from '../../../src/compose.ts'
import { parseConfig } from '../../../src/config/schema.ts'
import { publishedKeys } from '../../support/jwt.ts'
import { type Answer, basic, claimsOf, forEachStore, type TestAs } from '../../support/test-as.ts'
import { ALICE, BOB, testConfig } from '../../support/test-config.ts'

const get = (as: TestAs, call: string): Promise<Answer> => as.request(`${as.server.url}/__test/${call}`)
const post = (as: TestAs, call: string, body?: unknown): Promise<Answer> =>
  as.request(`${as.server.url}/__test/${call}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** Without RSA keys, which take long to make. */
const quick = testConfig({ workspace: { signing_algs: ['ES256'] } })

forEachStore((start) => {
  describe('/__test/, the control API of the test server (docs: test-server)', () => {
    it('clock: tells the time, moves it both ways, and sets it', async () => {
      const as = await start({ config: quick })
      as.server.clock.stop()
      const now = as.server.clock.now()
      expect((await get(as, 'clock')).json).toEqual({ now })
      expect((await post(as, 'clock', { advance: 3600 })).json).toEqual({ now: now + 3600 })
      expect((await post(as, 'clock', { advance: -7200 })).json).toEqual({ now: now - 3600 })
      expect((await post(as, 'clock', { set: 2_000_000_000 })).json).toEqual({ now: 2_000_000_000 })
      for (const body of [
        {},
        { advance: '1' },
        { advance: 1.5 },
        { set: null },
        { forward: 1 },
        [],
        'x',
        1,
        null,
      ]) {
        expect((await post(as, 'clock', body)).status, JSON.stringify(body)).toBe(400)
      }
      expect((await get(as, 'clock')).json).toEqual({ now: 2_000_000_000 })
    })

    it('clock: is the one clock of the engine', async () => {
      const as = await start({ config: quick })
      const { access_token } = await as.login()
      expect((await as.userinfo(access_token)).status).toBe(200)
      await post(as, 'clock', { advance: 601 })
      expect((await as.userinfo(access_token)).status).toBe(401)
      await post(as, 'clock', { advance: -601 })
      expect((await as.userinfo(access_token)).status).toBe(200)
    })

    it('mail and logs: what was sent and written so far', async () => {
      const as = await start({ config: quick })
      expect((await get(as, 'mail')).json).toEqual({ messages: [] })
      await as.refresh('unknown')
      const { lines } = (await get(as, 'logs')).json as { lines: readonly string[] }
      const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(entries.at(-1)).toMatchObject({
        msg: 'refused',
        reason: 'refresh_token_unknown',
        client: 'spa',
        status: 400,
      })
    })

    it('users: disables and enables, sets a password and claims', async () => {
      const as = await start({ config: quick })
      const login = (password: string = ALICE.password) =>
        as.login({ browser: new FormBrowser(), user: { ...ALICE, password } })
      expect((await post(as, 'users', { username: ALICE.username, enabled: false })).json).toEqual({
        ok: true,
      })
      await expect(login()).rejects.toThrow()
      expect(
        (await post(as, 'users', { username: ALICE.username.toUpperCase(), enabled: true })).json,
      ).toEqual({ ok: true })
      const changed = {
        username: ALICE.username,
        password: 'another password that is long',
        claims: { nickname: 'Al' },
      }
      expect((await post(as, 'users', changed)).json).toEqual({ ok: true })
      await expect(login()).rejects.toThrow()
      const { access_token } = await login('another password that is long')
      expect((await as.userinfo(access_token)).json).toMatchObject({ nickname: 'Al', name: 'Alice Adams' })
    })

    it('users: refuses an unknown user, a weak password and what is no request', async () => {
      const as = await start({ config: quick })
      expect(await post(as, 'users', { username: 'nobody' })).toMatchObject({
        status: 404,
        json: { ok: false, reason: expect.any(String) },
      })
      expect((await post(as, 'users', { username: ALICE.username, workspace: 'nowhere' })).status).toBe(404)
      expect((await post(as, 'users', { username: ALICE.username, source: 'nowhere' })).status).toBe(404)
      for (const password of ['short', 'password', ALICE.username, 'aaaaaaaaaaaaaaa']) {
        expect(await post(as, 'users', { username: ALICE.username, password }), password).toMatchObject({
          status: 400,
          json: { ok: false, reason: expect.any(String) },
        })
      }
      for (const body of [{}, { username: 1 }, [], null])
        expect((await post(as, 'users', body)).status).toBe(400)
      expect((await as.login()).token_type).toBe('Bearer')
    })

    it('limits/reset: forgets throttles', async () => {
      const as = await start({ config: quick })
      const guess = async () =>
        (await as.token({ grant_type: 'client_credentials' }, basic('web', 'wrong'))).status
      await Promise.all(Array.from({ length: 60 }, guess))
      expect(await guess()).toBe(429)
      expect((await post(as, 'limits/reset')).json).toEqual({ ok: true })
      expect(await guess()).toBe(401)
    })

    it('keys/rotate: names the new keys, and refuses an unknown workspace', async () => {
      const as = await start({ config: quick })
      const { json } = await post(as, 'keys/rotate')
      const published = (await publishedKeys(as)).map(({ kid }) => kid)
      expect(json).toMatchObject({ ok: true, keys: expect.arrayContaining([expect.stringMatching(/^key_/)]) })
      expect(published).toEqual(expect.arrayContaining(json.keys as string[]))
      const unknown = await post(as, 'keys/rotate', { workspace: 'nowhere' })
      expect(unknown.status).toBeGreaterThanOrEqual(400)
      expect(unknown.status).toBeLessThan(500)
      expect(unknown.json.ok).toBe(false)
    })

    it('faults: drops token responses after the work was done, as many as asked for', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      const authorized = await as.authorize({ browser })
      expect((await post(as, 'faults', { drop_token_responses: 2 })).json).toMatchObject({
        ok: true,
        faults: { drop_token_responses: 2 },
      })
      expect(await as.redeem(authorized)).toMatchObject({ status: 502, text: '' })
      // The code is spent: this one is told so, and its answer is lost too.
      expect((await as.redeem(authorized)).status).toBe(502)
      expect(await as.redeem(authorized)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      expect((await as.login({ browser })).token_type).toBe('Bearer')
    })

    it('faults: slows the JWKS down, and withholds a scope', async () => {
      const as = await start({ config: quick })
      await post(as, 'faults', { slow_jwks: 60, withhold_scope: 'email' })
      const began = performance.now()
      await publishedKeys(as)
      expect(performance.now() - began).toBeGreaterThanOrEqual(55)
      expect((await as.login({ scope: 'openid email' })).scope).toBe('openid')
      await post(as, 'faults', { slow_jwks: 0, withhold_scope: null })
      expect((await as.login({ scope: 'openid email' })).scope).toBe('openid email')
    })

    it('faults: refuses what it does not know and values that are none', async () => {
      const as = await start({ config: quick })
      for (const body of [
        { explode: true },
        { drop_token_responses: 'x' },
        { drop_token_responses: -1 },
        { slow_jwks: 'long' },
        { withhold_scope: 1 },
      ]) {
        expect(await post(as, 'faults', body), JSON.stringify(body)).toMatchObject({
          status: 400,
          json: { ok: false },
        })
      }
      expect((await as.login()).token_type).toBe('Bearer')
    })

    it('reset: back to the configuration, as if nothing had happened', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      const before = await as.login({ browser })
      const kids = (await publishedKeys(as)).map(({ kid }) => kid)
      await post(as, 'clock', { advance: 86_400 })
      await post(as, 'users', { username: BOB.username, enabled: false })
      await post(as, 'faults', { withhold_scope: 'email' })
      await as.refresh('unknown')
      expect((await post(as, 'reset')).json).toEqual({ ok: true })
      expect(Math.abs(Number((await get(as, 'clock')).json.now) - Date.now() / 1000)).toBeLessThan(5)
      expect((await get(as, 'logs')).json).toEqual({ lines: [] })
      expect((await as.userinfo(before.access_token)).status).toBe(401)
      expect((await as.refresh(before.refresh_token)).status).toBe(400)
      const { url } = await as.authorizationResponse({ browser, parameters: { prompt: 'none' } })
      expect(url.searchParams.get('error')).toBe('login_required')
      expect((await publishedKeys(as)).some(({ kid }) => kids.includes(kid))).toBe(false)
      const bob = await as.login({ user: BOB, scope: 'openid email' })
      expect(bob.scope).toBe('openid email')
      expect(claimsOf(bob.id_token).iss).toBe(as.issuer)
    })

    it('unknown calls and methods answer 404 and name those there are', async () => {
      const as = await start({ config: quick })
      for (const answer of [
        await get(as, 'unknown'),
        await post(as, 'mail'),
        await get(as, 'reset'),
        await get(as, ''),
      ]) {
        expect(answer).toMatchObject({
          status: 404,
          json: { ok: false, reason: expect.stringContaining('POST clock') },
        })
      }
      const broken = await as.request(`${as.server.url}/__test/clock`, { method: 'POST', body: '{' })
      expect(broken).toMatchObject({ status: 400, json: { ok: false } })
    })

    it('answers loopback peers only', async () => {
      const as = await start({ config: quick })
      const { host } = new URL(as.server.url)
      const from = async (remoteAddress: string) =>
        (await as.server.pixy.http.inject({ url: '/__test/clock', headers: { host }, remoteAddress }))
          .statusCode
      for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
        expect(await from(address), address).toBe(200)
      for (const address of ['203.0.113.9', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1'])
        expect(await from(address), address).toBe(403)
    })

    it('does not exist in what pixy start runs', async () => {
      const log = createLogger({ level: 'silent' })
      const config = parseConfig({ ...testConfig(), url: 'http://localhost:4000' }, { production: false })
      const pixy = await createPixy({
        config,
        database: 'sqlite::memory:',
        secret: 'of this test',
        production: false,
        clock: systemClock,
        log,
      })
      try {
        for (const call of [
          'clock',
          'mail',
          'logs',
          'users',
          'limits/reset',
          'keys/rotate',
          'faults',
          'reset',
          '',
        ]) {
          for (const method of ['GET', 'POST'] as const) {
            const answer = await pixy.http.inject({
              method,
              url: `/__test/${call}`,
              headers: { host: 'localhost:4000' },
              payload: method === 'POST' ? '{}' : '',
            })
            expect(answer.statusCode, `${method} ${call}`).toBe(404)
            expect(answer.headers['content-type']).not.toContain('json')
          }
        }
      } finally {
        await pixy.close()
      }
    })
  })
})
