import { describe, expect, it } from 'vitest'
import type { ClientMetadata } from '../../../src/protocol/client-metadata.ts'
import {
  type Answer,
  claimsOf,
  forEachSharedStore,
  forEachStore,
  type TestAs,
} from '../../support/test-as.ts'
import { deviationsOf } from '../deviations.ts'
import {
  CALLBACK,
  connect,
  connectLogin,
  connectRefresh,
  connectToken,
  options,
  SCOPE,
  SECRET,
} from './support.ts'

function expectDead(answer: Answer, reason: string): void {
  expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_grant', reason } })
}

forEachSharedStore((server) => {
  const scopeOf = (answer: Answer) => claimsOf(String(answer.json.access_token)).scope

  describe('Tapkey, POST /connect/token with a refresh token', () => {
    it('S2-27 S2-31 S2-33 P4 ignores the redirect_uri and the code_verifier that come along, and asks for no secret', async () => {
      const { access_token, refresh_token } = await connectLogin(server())
      const refreshed = await connectRefresh(server(), refresh_token)
      expect(refreshed.json).toEqual({
        access_token: expect.any(String),
        expires_in: 3600,
        token_type: 'Bearer',
        refresh_token,
        scope: SCOPE,
      })
      expect(refreshed.json.access_token).not.toBe(access_token)
    })

    it('S2-28 P5 there is no refresh token unless offline_access was asked for and granted', async () => {
      const as = server()
      expect(await connectLogin(as, 'native', { scope: 'read:core:entities' })).not.toHaveProperty(
        'refresh_token',
      )
      const declined = await connect(as, 'pairwise', {}, { allow: ['read:core:entities'] })
      expect((await connectToken(as, declined)).json).not.toHaveProperty('refresh_token')
    })

    it.each([
      ['client_id', 401, 'invalid_client'],
      ['grant_type', 400, 'invalid_request'],
      ['refresh_token', 400, 'invalid_request'],
    ])('S2-29 %s is required', async (name, status, error) => {
      const { refresh_token } = await connectLogin(server())
      const refused = await connectRefresh(server(), refresh_token, 'native', { [name]: null })
      expect(refused).toMatchObject({ status, json: { error } })
      expect((await connectRefresh(server(), refresh_token)).status).toBe(200)
    })

    it('S2-30 scope narrows one answer, never the grant, and never widens', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as)
      const narrow = await connectRefresh(as, refresh_token, 'native', { scope: 'read:owneraccounts' })
      expect([narrow.json.scope, scopeOf(narrow)]).toEqual(['read:owneraccounts', 'read:owneraccounts'])
      const whole = await connectRefresh(as, refresh_token)
      expect([whole.json.scope, scopeOf(whole)]).toEqual([SCOPE, SCOPE])
      const wide = await connectRefresh(as, refresh_token, 'native', { scope: `${SCOPE} write:grants` })
      expect(wide).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope', reason: 'scope_exceeds_grant' },
      })
    })

    it('S2-31 the refresh token is bound to its client', async () => {
      const { refresh_token } = await connectLogin(server())
      expect((await connectRefresh(server(), refresh_token, 'native-two')).json.error).toBe('invalid_grant')
      expect((await connectRefresh(server(), refresh_token)).status).toBe(200)
    })

    it('S2-32 S2-33 each use sets 90 days anew: day 89 works, again and again, with the same token', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as)
      for (let count = 0; count < 5; count++) {
        as.advance('89d')
        const answer = await connectRefresh(as, refresh_token)
        expect(answer).toMatchObject({ status: 200, json: { refresh_token, expires_in: 3600 } })
      }
    })

    it('S2-34 unused for 90 days it is dead, and the whole flow begins again', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as)
      as.advance('89d')
      expect((await connectRefresh(as, refresh_token)).status).toBe(200)
      as.advance('91d')
      expectDead(await connectRefresh(as, refresh_token), 'refresh_token_expired')
      expect((await connectRefresh(as, (await connectLogin(as)).refresh_token)).status).toBe(200)
    })

    it('S2-32 an absolute cap ends it however often it is used', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as, 'capped')
      as.advance('80d')
      expect((await connectRefresh(as, refresh_token, 'capped')).status).toBe(200)
      as.advance('9d')
      expect((await connectRefresh(as, refresh_token, 'capped')).status).toBe(200)
      as.advance('2d')
      expectDead(await connectRefresh(as, refresh_token, 'capped'), 'refresh_token_expired')
    })

    it('S2-33 many refreshes at once all get the same token', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as)
      const answers = await Promise.all(Array.from({ length: 10 }, () => connectRefresh(as, refresh_token)))
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { refresh_token } })
    })

    it('S2-33 S2-41 the standard’s policy satisfies the same client, which stores whatever comes back', async () => {
      const as = server()
      const { refresh_token } = await connectLogin(as, 'rotating')
      const first = await connectRefresh(as, refresh_token, 'rotating')
      expect(first.json.refresh_token).not.toBe(refresh_token)
      const second = await connectRefresh(as, String(first.json.refresh_token), 'rotating')
      expect(second.status).toBe(200)
      expect(await deviationsOf(as, 'rotating')).not.toHaveProperty('tapkey_refresh_token_reuse')
    })

    it('S2-33 each reuse by a public client is counted, at the standard’s endpoint too', async () => {
      const as = server()
      const counted = async () => (await deviationsOf(as, 'native')).tapkey_refresh_token_reuse ?? 0
      const before = await counted()
      const { refresh_token } = await connectLogin(as)
      await connectRefresh(as, refresh_token)
      await connectRefresh(as, refresh_token)
      await connectRefresh(as, 'pixy_rt_unknown')
      expect(await counted()).toBe(before + 2)
      const standard = await as.refresh(refresh_token, { client_id: 'native' })
      expect(standard.json.refresh_token).toBe(refresh_token)
      expect(await counted()).toBe(before + 3)
    })

    it('S2-34 revoking it ends it and its access tokens', async () => {
      const as = server()
      const { access_token, refresh_token } = await connectLogin(as)
      await as.post('/oauth2/revoke', { token: refresh_token, client_id: 'native' })
      expectDead(await connectRefresh(as, refresh_token), 'refresh_token_revoked')
      const headers = { authorization: `Bearer ${access_token}` }
      expect((await as.request('/api/v1/auth/auth/userinfo', { headers })).status).toBe(401)
    })
  })
}, options)

forEachStore((start) => {
  /** Stores this for a client, past the checks of every command. */
  async function store(
    as: TestAs,
    clientId: string,
    changes: Pick<ClientMetadata, 'dialects' | 'refresh_token'>,
  ): Promise<void> {
    const { deps } = as.server.pixy
    const client = await deps.store.clients.find(deps.workspaces.list()[0]?.id ?? '', clientId)
    if (!client) throw new Error(`no client ${clientId}`)
    await deps.store.clients.update({ ...client, metadata: { ...client.metadata, ...changes } })
    await deps.workspaces.refresh()
  }

  describe('Tapkey, reuse without the dialect (RFC 9700 §4.14.2)', () => {
    it('S2-33 strict: a public client’s tokens rotate, and the old one is dead once its successor was used', async () => {
      const as = await start(options)
      const client = { client_id: 'strict' }
      const { refresh_token } = await as.login({ client: 'strict', redirectUri: CALLBACK, scope: SCOPE })
      const first = String((await as.refresh(refresh_token, client)).json.refresh_token)
      expect(first).not.toBe(refresh_token)
      expect((await as.refresh(first, client)).status).toBe(200)
      const replayed = await as.refresh(refresh_token, client)
      expectDead(replayed, 'refresh_token_replayed')
      expect(replayed.json.fix).toContain('Store the refresh token of each answer in place of the old one')
    })

    it('S2-33 strict: taken from a client whose settings still say reuse, its tokens rotate from then on', async () => {
      const as = await start(options)
      const { refresh_token } = await connectLogin(as)
      expect((await connectRefresh(as, refresh_token)).json.refresh_token).toBe(refresh_token)
      await store(as, 'native', { dialects: [] })
      expect((await connectRefresh(as, refresh_token)).json.reason).toBe('dialect_off')

      const rotated = await as.refresh(refresh_token, { client_id: 'native' })
      expect(rotated.status).toBe(200)
      expect(rotated.json.refresh_token).not.toBe(refresh_token)
      const next = await as.refresh(String(rotated.json.refresh_token), { client_id: 'native' })
      expect(next.status).toBe(200)
      expectDead(await as.refresh(refresh_token, { client_id: 'native' }), 'refresh_token_replayed')
    })

    it('S2-33 strict: settings that say reuse are not followed for a public client that never had the dialect', async () => {
      const as = await start(options)
      await store(as, 'strict', {
        refresh_token: { policy: 'reuse', idle_lifetime: 7_776_000, absolute_lifetime: 0, retry_window: 30 },
      })
      const { refresh_token } = await as.login({ client: 'strict', redirectUri: CALLBACK, scope: SCOPE })
      const answer = await as.refresh(refresh_token, { client_id: 'strict' })
      expect(answer.json.refresh_token).not.toBe(refresh_token)
    })

    it('S2-33 a confidential client may keep its token without the dialect', async () => {
      const as = await start(options)
      await store(as, 'strict-secret', {
        refresh_token: { policy: 'reuse', idle_lifetime: 7_776_000, absolute_lifetime: 0, retry_window: 30 },
      })
      const secret = { client_secret: SECRET }
      const login = { client: 'strict-secret', redirectUri: CALLBACK, scope: SCOPE }
      const { refresh_token } = await as.login(login, secret)
      const answer = await as.refresh(refresh_token, { client_id: 'strict-secret', ...secret })
      expect(answer.json.refresh_token).toBe(refresh_token)
    })
  })
})
