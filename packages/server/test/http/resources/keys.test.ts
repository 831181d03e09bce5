import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { retireKey } from '../../../src/admin-api/keys/retire.ts'
import { longestLives } from '../../../src/core/keys/longest-lives.ts'
import { rotateKeys } from '../../../src/core/keys/rotation.ts'
import { sweep } from '../../../src/jobs/jobs.ts'
import { publishedKeys, verified } from '../../support/jwt.ts'
import { claimsOf, forEachSharedStore, forEachStore, headerOf, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const JWKS = '/.well-known/jwks.json'
const kidsOf = async (as: TestAs, alg = 'ES256') =>
  (await publishedKeys(as)).filter((key) => key.alg === alg).map(({ kid }) => String(kid))
const rotate = (as: TestAs, body: object = {}) =>
  as.request(`${as.server.url}/__test/keys/rotate`, { method: 'POST', body: JSON.stringify(body) })

/** Keys of these are made at once; an RSA key may take a second. */
const ALGORITHMS = { signing_algs: ['ES256' as const, 'EdDSA' as const] }
const quick = testConfig({ workspace: ALGORITHMS })

forEachSharedStore((server) => {
  describe('GET /.well-known/jwks.json (RFC 7517 §5)', () => {
    it('JK-03: publishes a key of each algorithm, public members alone, each kid once, RSA of 2048 bits', async () => {
      const keys = await publishedKeys(server())
      expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'EdDSA', 'PS256', 'RS256'])
      expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
      for (const key of keys) {
        for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
          expect(key).not.toHaveProperty(member)
        expect(key.use).toBe('sig')
        expect(key.kid).toMatch(/^key_[A-Za-z0-9]{16}$/)
        if (key.kty === 'RSA')
          expect(Buffer.from(String(key.n), 'base64url').length).toBeGreaterThanOrEqual(256)
        if (key.kty === 'EC') expect(key.crv).toBe('P-256')
        if (key.kty === 'OKP') expect(key.crv).toBe('Ed25519')
      }
    })

    it('answers 304 to whoever has it already, and may be kept for five minutes', async () => {
      const as = server()
      const first = await as.request(JWKS)
      const etag = first.headers.get('etag') ?? ''
      expect(etag).toMatch(/^"[A-Za-z0-9_-]+"$/)
      expect(first.headers.get('cache-control')).toBe('public, max-age=300')
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const again = await as.request(JWKS, { headers: { 'if-none-match': known } })
        expect([again.status, again.text, again.headers.get('etag')], known).toEqual([304, '', etag])
        expect(again.headers.get('cache-control')).toBe('public, max-age=300')
      }
      expect((await as.request(JWKS, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    })

    it('answers HEAD like GET without the body, and no other method', async () => {
      const as = server()
      const [get, head] = [await as.request(JWKS), await as.request(JWKS, { method: 'HEAD' })]
      expect([head.status, head.text]).toEqual([200, ''])
      for (const name of ['etag', 'content-type', 'content-length', 'cache-control'])
        expect(head.headers.get(name), name).toBe(get.headers.get(name))
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
        expect((await as.request(JWKS, { method })).status).toBe(405)
    })
  })
})

forEachStore((start) => {
  describe('rotation of signing keys (OIDC Core §10.1.1)', () => {
    it('JK-05: publishes the next key ten minutes before it signs, and the old one until its last token has expired', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      as.server.clock.stop()
      const signedBy = async () => headerOf((await as.login({ browser, client: 'spa-implied' })).id_token).kid
      const [old] = await kidsOf(as)
      const before = (await as.request(JWKS)).headers.get('etag')
      expect(await signedBy()).toBe(old)

      expect((await rotate(as)).status).toBe(200)
      const next = (await kidsOf(as)).find((kid) => kid !== old)
      expect(new Set(await kidsOf(as))).toEqual(new Set([old, next]))
      expect((await publishedKeys(as)).length).toBe(4)
      expect((await as.request(JWKS)).headers.get('etag')).not.toBe(before)
      expect(await signedBy()).toBe(old)

      as.advance(599)
      const last = await as.login({ browser, client: 'spa-implied' })
      expect([headerOf(last.id_token).kid, headerOf(last.access_token).kid]).toEqual([old, old])
      as.advance(1)
      const first = await as.login({ browser, client: 'spa-implied' })
      expect([headerOf(first.id_token).kid, headerOf(first.access_token).kid]).toEqual([next, next])

      as.advance(598)
      await verified(as, last.id_token, 'spa-implied')
      expect((await as.userinfo(last.access_token)).status).toBe(200)
      as.advance(301)
      expect(new Set(await kidsOf(as))).toEqual(new Set([old, next]))
      as.advance(1)
      expect(await kidsOf(as)).toEqual([next])
      expect(await signedBy()).toBe(next)
    })

    it('JK-05: keeps the old key as long as the longest token of any client lives', async () => {
      const clients = [
        { client_id: 'long', redirect_uris: ['https://app.example/callback'], access_token_lifetime: 7200 },
      ]
      const as = await start({ config: testConfig({ clients, workspace: ALGORITHMS }) })
      as.server.clock.stop()
      const [old] = await kidsOf(as)
      await rotate(as)
      as.advance(599)
      const { access_token } = await as.login({ client: 'long' })
      as.advance(7199)
      await verified(as, access_token, as.issuer, 'at+jwt')
      expect((await as.userinfo(access_token)).status).toBe(200)
      as.advance(302)
      expect(await kidsOf(as)).not.toContain(old)
    })

    it('JK-05: with now the new key signs at once, and what the old one signed goes on to verify', async () => {
      const as = await start({ config: quick })
      const before = await as.login()
      expect((await rotate(as, { now: true })).status).toBe(200)
      const after = await as.login()
      expect(headerOf(after.id_token).kid).not.toBe(headerOf(before.id_token).kid)
      for (const { id_token, access_token } of [before, after]) {
        await verified(as, id_token, 'spa')
        expect((await as.userinfo(access_token)).status).toBe(200)
      }
    })

    it('JK-05: a token is never signed by a key that is not published, however often and when it is rotated', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      as.server.clock.stop()
      const check = async () => {
        const { id_token, access_token } = await as.login({ browser, client: 'spa-implied' })
        await verified(as, id_token, 'spa-implied')
        await verified(as, access_token, as.issuer, 'at+jwt')
      }
      for (const [wait, body] of [
        [0, {}],
        [100, {}],
        [100, { now: true }],
        [50, {}],
        [0, { now: true }],
        [0, { now: true }],
      ] as const) {
        as.advance(wait)
        await rotate(as, body)
        await check()
      }
      for (const wait of [300, 300, 1, 299, 300, 300, 1, 3600]) {
        as.advance(wait)
        await check()
      }
      expect(await kidsOf(as)).toHaveLength(1)
    })

    it('JK-05: while a rotation is under way another one is refused, as by pixy keys rotate, and now brings it forward', async () => {
      const as = await start({ config: quick })
      const [old] = await kidsOf(as)
      await rotate(as)
      const kids = await kidsOf(as)
      const again = await rotate(as)
      expect([again.status, again.json.ok, again.json.reason]).toEqual([409, false, 'rotation_under_way'])
      expect((await rotate(as, { now: true })).status).toBe(200)
      expect(await kidsOf(as)).toEqual(kids)
      expect(headerOf((await as.login()).id_token).kid).toBe(kids.find((kid) => kid !== old))
    })

    it('JK-05: a key that waits is passed over where a younger one signs before it', async () => {
      const as = await start({ config: quick })
      as.server.clock.stop()
      const { deps } = as.server.pixy
      const [workspace] = deps.workspaces.list()
      if (!workspace) throw new Error('no workspace')
      const plan = {
        workspaceId: workspace.id,
        algs: ['ES256' as const],
        ...(await longestLives(deps.store, workspace)),
      }
      await rotateKeys(deps, { ...plan, lead: 600 })
      const [made] = await rotateKeys(deps, { ...plan, lead: 0 })
      await deps.workspaces.refresh()
      for (const wait of [0, 600, 300, 1000]) {
        as.advance(wait)
        const { id_token } = await as.login({ client: 'spa-implied' })
        expect(headerOf(id_token).kid).toBe(made?.kid)
        await verified(as, id_token, 'spa-implied')
      }
    })

    it('M-03: a leaked key that is retired leaves the JWKS at once, and nothing it signed is good for anything', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      const leaked = await as.login({ browser })
      const { kid } = headerOf(leaked.id_token)
      const { deps } = as.server.pixy
      await retireKey.run(deps, { kid })
      await deps.workspaces.refresh()
      expect(await kidsOf(as)).not.toContain(kid)
      expect((await as.userinfo(leaked.access_token)).status).toBe(401)
      expect((await as.request(`/oauth2/logout?id_token_hint=${leaked.id_token}`)).status).toBe(400)
      const next = (await as.refresh(leaked.refresh_token)).json
      expect(headerOf(String(next.id_token)).kid).not.toBe(kid)
      await verified(as, String(next.id_token), 'spa')
      expect((await as.userinfo(String(next.access_token))).status).toBe(200)
    })

    it('a withdrawn key verifies hints for as long as a session lives, and is forgotten after', async () => {
      const as = await start({ config: quick })
      const browser = new FormBrowser()
      const { id_token, access_token } = await as.login({ browser, client: 'spa', remember: true })
      await rotate(as, { now: true })
      const silent = async () => {
        const { url } = await as.authorizationResponse({
          browser,
          parameters: { prompt: 'none', id_token_hint: id_token },
        })
        return url.searchParams.get('error') ?? 'code'
      }
      as.advance('13d')
      await sweep(as.server.pixy.deps)
      expect(await kidsOf(as)).not.toContain(headerOf(id_token).kid)
      expect((await as.userinfo(access_token)).status).toBe(401)
      expect(await silent()).toBe('code')
      as.advance('2d')
      await sweep(as.server.pixy.deps)
      await as.server.pixy.deps.workspaces.refresh()
      expect((await as.request(`/oauth2/logout?id_token_hint=${id_token}`)).status).toBe(400)
      expect(claimsOf(id_token).iss).toBe(as.issuer)
    })

    it('a clock that is set back to before the first key still signs, with a key that is published', async () => {
      const as = await start({ config: quick })
      as.advance('-2d')
      const { id_token } = await as.login()
      expect(await kidsOf(as)).toContain(headerOf(id_token).kid)
      as.advance('4d')
      expect((await as.login()).id_token).toBeTruthy()
    })
  })
})
