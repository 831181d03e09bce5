import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { updateClient } from '../../../src/admin-api/clients/update.ts'
import { disableUser } from '../../../src/admin-api/users/disable.ts'
import { type Answer, basic, forEachStore, type TestAs, type Tokens } from '../../support/test-as.ts'
import { ALICE, BOB, testConfig, WEB_SECRET } from '../../support/test-config.ts'

/** Without RSA keys, which take long to make. */
const quick = { signing_algs: ['ES256' as const] }
const web = basic('web', WEB_SECRET)

/** Whatever the token was good for, it is not any more. */
async function expectDead(as: TestAs, tokens: Tokens, client = 'spa'): Promise<void> {
  expect(await as.userinfo(tokens.access_token)).toMatchObject({
    status: 401,
    json: { error: 'invalid_token' },
  })
  const refreshed = await as.refresh(tokens.refresh_token, { client_id: client })
  expect(refreshed.status).toBeGreaterThanOrEqual(400)
  expect(refreshed.status).toBeLessThan(500)
  expect(refreshed.json.error).toMatch(/^invalid_(?:grant|client)$/)
}

async function expectAlive(as: TestAs, tokens: Tokens): Promise<Tokens> {
  expect((await as.userinfo(tokens.access_token)).status).toBe(200)
  if (!tokens.refresh_token) return tokens
  const refreshed = await as.refresh(tokens.refresh_token)
  expect(refreshed.status).toBe(200)
  return refreshed.json as unknown as Tokens
}

const control = (as: TestAs, call: string, body: object): Promise<Answer> =>
  as.request(`${as.server.url}/__test/${call}`, { method: 'POST', body: JSON.stringify(body) })

forEachStore((start) => {
  describe('kill-switches (OAuth 2.1 §4.3.1, A5 7.4.2)', () => {
    it('RT-12: a disabled user gets nothing by code, refresh, userinfo or introspection, and others go on', async () => {
      const as = await start({
        config: testConfig({
          clients: [
            {
              client_id: 'implied-opaque',
              redirect_uris: ['https://app.example/callback'],
              consent: 'implied',
              access_token_format: 'opaque',
            },
          ],
        }),
      })
      const [jwt, opaque, code, bob] = [
        await as.login(),
        await as.login({ client: 'implied-opaque' }),
        await as.authorize(),
        await as.login({ user: BOB }),
      ]
      const forApi = await as.login({
        scope: 'openid notes:read',
        parameters: { resource: 'https://api.example' },
      })
      const introspect = async () =>
        (await as.post('/oauth2/introspect', { token: forApi.access_token }, web)).json
      expect((await introspect()).active).toBe(true)
      expect((await control(as, 'users', { username: ALICE.username, enabled: false })).status).toBe(200)
      await expectDead(as, jwt)
      await expectDead(as, opaque, 'implied-opaque')
      expect(await as.redeem(code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      expect(await introspect()).toEqual({ active: false })
      await expectAlive(as, bob)
    })

    it('RT-12: a user whom an operator disables is signed out for good: enabled again, old tokens stay dead', async () => {
      const as = await start({ config: testConfig({ workspace: quick }) })
      const browser = new FormBrowser()
      const tokens = await as.login({ browser })
      const { deps } = as.server.pixy
      await disableUser.run(deps, { user: ALICE.username })
      await expectDead(as, tokens)
      await control(as, 'users', { username: ALICE.username, enabled: true })
      await expectDead(as, tokens)
      const silent = await as.authorizationResponse({ browser, parameters: { prompt: 'none' } })
      expect(silent.url.searchParams.get('error')).toBe('login_required')
      await expectAlive(as, await as.login({ browser }))
    })

    it('RT-12: a user who is not assigned to the client any more cannot refresh', async () => {
      const as = await start({ config: testConfig({ workspace: quick }) })
      const { refresh_token } = await as.login({ client: 'assigned' })
      const { store, workspaces } = as.server.pixy.deps
      const workspaceId = workspaces.list()[0]?.id ?? ''
      const user = await store.users.findByUsername(workspaceId, 'pool', ALICE.username)
      if (!user) throw new Error('Alice is not there')
      await store.users.update({ ...user, clients: [] })
      expect(await as.refresh(refresh_token, { client_id: 'assigned' })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
    })

    it('a disabled client cannot use codes and tokens, and others go on', async () => {
      const as = await start({ config: testConfig({ workspace: quick }) })
      const browser = new FormBrowser()
      const [tokens, code, other] = [
        await as.login({ browser }),
        await as.authorize({ browser }),
        await as.login({ browser, client: 'spa-two' }),
      ]
      const { deps } = as.server.pixy
      await updateClient.run(deps, { client_id: 'spa', enabled: false })
      await deps.workspaces.refresh()
      await expectDead(as, tokens)
      expect(await as.redeem(code)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
      expect((await as.request(as.authorizationUrl().url)).status).toBe(400)
      expect((await as.userinfo(other.access_token)).status).toBe(200)
    })

    it('a client that was deleted leaves no token alive', async () => {
      const as = await start({ config: testConfig({ workspace: quick }) })
      const tokens = await as.login()
      const { store, workspaces } = as.server.pixy.deps
      await store.clients.delete(workspaces.list()[0]?.id ?? '', 'spa')
      await workspaces.refresh()
      await expectDead(as, tokens)
    })

    it('RT-12: the end of a session ends what came of it without offline_access, and only that', async () => {
      const as = await start({
        config: testConfig({
          clients: [
            {
              client_id: 'always',
              redirect_uris: ['https://app.example/callback'],
              consent: 'implied',
              offline_access: 'always',
              access_token_format: 'opaque',
            },
          ],
        }),
      })
      const [browser, elsewhere] = [new FormBrowser(), new FormBrowser()]
      const online = await as.login({ browser, scope: 'openid email' })
      const bound = await as.login({ browser, client: 'always', scope: 'openid' })
      const code = await as.authorize({ browser, scope: 'openid email' })
      const offline = await as.login({ browser })
      const other = await as.login({ browser: elsewhere, scope: 'openid email' })
      const out = await browser.visit(`${as.issuer}/oauth2/logout?id_token_hint=${online.id_token}`)
      expect(out.status).toBe(303)
      expect((await as.userinfo(online.access_token)).status).toBe(401)
      await expectDead(as, bound, 'always')
      expect(await as.redeem(code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      await expectAlive(as, offline)
      await expectAlive(as, other)
    })
  })
})
