import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { publishedKeys } from '../../support/jwt.ts'
import { basic, claimsOf, forEachStore, type StartAs, TestAs } from '../../support/test-as.ts'
import { ALICE, WEB_SECRET } from '../../support/test-config.ts'

/** Everywhere the same ids, names, passwords and secrets: only the workspace is another. */
const workspace = (id: string, path: string) => ({
  id,
  path,
  signing_algs: ['ES256' as const],
  resources: [{ identifier: 'https://api.example', introspection_clients: ['web'] }],
  clients: [
    {
      client_id: 'spa',
      redirect_uris: ['https://app.example/callback'],
      post_logout_redirect_uris: ['https://app.example/bye'],
      consent: 'implied' as const,
    },
    {
      client_id: 'opaque',
      redirect_uris: ['https://app.example/callback'],
      consent: 'implied' as const,
      access_token_format: 'opaque' as const,
    },
    { client_id: 'web', redirect_uris: ['https://app.example/callback'], client_secret: WEB_SECRET },
  ],
  users: [{ source: 'pool', ...ALICE, claims: { email: `alice@${id}.example` } }],
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** Two tenants, one of them at an origin of its own, and of the first two workspaces: four issuers in all. */
async function startTenants(start: StartAs): Promise<ReadonlyArray<readonly [string, TestAs]>> {
  const port = await freePort()
  const as = await start({
    port,
    config: {
      tenants: [
        { id: 'acme', workspaces: [workspace('main', '/'), workspace('lab', '/acme/lab')] },
        { id: 'globex', url: `http://127.0.0.1:${port}`, workspaces: [workspace('own', '/')] },
        { id: 'initech', workspaces: [workspace('path', '/initech/path')] },
      ],
    },
  })
  const { url } = as.server
  return [
    ['acme:main', new TestAs(as.server, url)],
    ['acme:lab', new TestAs(as.server, `${url}/acme/lab`)],
    ['globex:own', new TestAs(as.server, `http://127.0.0.1:${port}`)],
    ['initech:path', new TestAs(as.server, `${url}/initech/path`)],
  ]
}

forEachStore((start) => {
  describe('tenants and workspaces (AD-03)', () => {
    it('AD-03: each is an issuer of its own, with keys, users and subjects of its own', async () => {
      const all = await startTenants(start)
      const tokens = await Promise.all(all.map(([, as]) => as.login({ browser: new FormBrowser() })))
      const issuers = tokens.map(({ id_token }) => claimsOf(id_token).iss)
      expect(issuers).toEqual(all.map(([, as]) => as.issuer))
      expect(new Set(tokens.map(({ id_token }) => claimsOf(id_token).sub)).size).toBe(all.length)
      const kids = (await Promise.all(all.map(([, as]) => publishedKeys(as)))).flat().map(({ kid }) => kid)
      expect(new Set(kids).size).toBe(kids.length)
      const mails = await Promise.all(
        all.map(async ([, as], index) => (await as.userinfo(tokens[index]?.access_token ?? '')).json.email),
      )
      expect(mails).toEqual([
        'alice@main.example',
        'alice@lab.example',
        'alice@own.example',
        'alice@path.example',
      ])
    })

    it('AD-03: codes, tokens, hints and client credentials of one are worth nothing in another', async () => {
      const all = await startTenants(start)
      for (const [name, home] of all) {
        const [tokens, opaque, code] = [
          await home.login({ browser: new FormBrowser() }),
          await home.login({ client: 'opaque', browser: new FormBrowser() }),
          await home.authorize({ browser: new FormBrowser() }),
        ]
        for (const [other, away] of all) {
          if (other === name) continue
          const what = `${name} at ${other}`
          expect((await away.userinfo(tokens.access_token)).status, what).toBe(401)
          expect((await away.userinfo(opaque.access_token)).status, what).toBe(401)
          expect(await away.refresh(tokens.refresh_token), what).toMatchObject({
            status: 400,
            json: { error: 'invalid_grant' },
          })
          expect(await away.redeem(code), what).toMatchObject({
            status: 400,
            json: { error: 'invalid_grant' },
          })
          const web = basic('web', WEB_SECRET)
          for (const token of [tokens.access_token, tokens.refresh_token, opaque.access_token]) {
            expect((await away.post('/oauth2/introspect', { token }, web)).json, what).toEqual({
              active: false,
            })
            expect((await away.post('/oauth2/revoke', { token, client_id: 'spa' })).status, what).toBe(200)
          }
          expect((await away.request(`/oauth2/logout?id_token_hint=${tokens.id_token}`)).status, what).toBe(
            400,
          )
          const hinted = await away.authorizationResponse({
            parameters: { prompt: 'none', id_token_hint: tokens.id_token },
          })
          expect(hinted.url.searchParams.get('error'), what).toBe('invalid_request')
        }
        // And all of it lives on at home.
        expect((await home.userinfo(tokens.access_token)).status).toBe(200)
        expect((await home.userinfo(opaque.access_token)).status).toBe(200)
        expect((await home.refresh(tokens.refresh_token)).status).toBe(200)
        expect((await home.redeem(code)).status).toBe(200)
      }
    })

    it('AD-03: a session of one is none in another, not even under the name of its cookie', async () => {
      const all = await startTenants(start)
      for (const [name, home] of all) {
        const browser = new FormBrowser()
        await home.login({ browser })
        const { origin } = new URL(home.issuer)
        const cookies = [...browser.cookies(origin)]
        const session = cookies.find(([cookie]) => cookie.startsWith('pixy_sid'))?.[1] ?? ''
        expect(session).not.toBe('')
        for (const [other, away] of all) {
          if (other === name) continue
          const target = new URL(away.issuer)
          const names = [
            'pixy_sid',
            ...cookies.map(([cookie]) => cookie).filter((cookie) => cookie.startsWith('pixy_sid')),
          ]
          const own = new FormBrowser()
          await away.login({ browser: own })
          names.push(
            ...[...own.cookies(target.origin).keys()].filter((cookie) => cookie.startsWith('pixy_sid')),
          )
          const thief = new FormBrowser()
          for (const cookie of names) thief.setCookie(target.origin, cookie, session)
          const { url } = await away.authorizationResponse({ browser: thief, parameters: { prompt: 'none' } })
          expect(url.searchParams.get('error'), `${name} at ${other}`).toBe('login_required')
        }
      }
    })

    it('AD-03: one browser is signed in to several at once, and signs out of one alone', async () => {
      const [[, main], [, lab]] = (await startTenants(start)) as [
        readonly [string, TestAs],
        readonly [string, TestAs],
      ]
      const browser = new FormBrowser()
      const tokens = await main.login({ browser })
      await lab.login({ browser })
      await browser.visit(`${main.issuer}/oauth2/logout?id_token_hint=${tokens.id_token}`)
      const silent = async (as: TestAs) =>
        (await as.authorizationResponse({ browser, parameters: { prompt: 'none' } })).url.searchParams
      expect((await silent(main)).get('error')).toBe('login_required')
      expect((await silent(lab)).has('code')).toBe(true)
    })

    it('AD-03: a page of one does not serve a sign-in of another', async () => {
      const [[, main], [, lab]] = (await startTenants(start)) as [
        readonly [string, TestAs],
        readonly [string, TestAs],
      ]
      const browser = new FormBrowser()
      const begun = await browser.visit(main.authorizationUrl().url)
      const flow = new URL(begun.headers.get('location') ?? '').search
      expect((await browser.visit(`${main.issuer}/sign-in${flow}`)).status).toBe(200)
      expect((await browser.visit(`${lab.issuer}/sign-in${flow}`)).status).toBe(400)
    })

    it('AD-03: a disabled user, a throttle and a rotation of one do not touch another', async () => {
      const [[, main], [, lab]] = (await startTenants(start)) as [
        readonly [string, TestAs],
        readonly [string, TestAs],
      ]
      const control = (call: string, body: object) =>
        main.request(`${main.server.url}/__test/${call}`, { method: 'POST', body: JSON.stringify(body) })
      const [atMain, atLab] = [await main.login(), await lab.login()]
      await control('users', { username: ALICE.username, workspace: 'main', enabled: false })
      expect([
        (await main.userinfo(atMain.access_token)).status,
        (await lab.userinfo(atLab.access_token)).status,
      ]).toEqual([401, 200])
      const before = await publishedKeys(lab)
      await control('keys/rotate', { workspace: 'main', now: true })
      expect(await publishedKeys(lab)).toEqual(before)
      expect(await publishedKeys(main)).toHaveLength(2)
      await Promise.all(
        Array.from({ length: 60 }, () =>
          main.token({ grant_type: 'client_credentials' }, basic('web', 'wrong')),
        ),
      )
      expect((await main.token({ grant_type: 'client_credentials' }, basic('web', 'wrong'))).status).toBe(429)
      expect((await lab.token({ grant_type: 'client_credentials' }, basic('web', 'wrong'))).status).toBe(401)
    })
  })
})
