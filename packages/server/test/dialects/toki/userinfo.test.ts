import { describe, expect, it, vi } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { StoreUnavailable } from '../../../src/store/store.ts'
import { lastRefusal } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type Answer, claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { BOB } from '../../support/test-config.ts'
import { deviationsOf } from '../deviations.ts'
import { CALLBACK, config, SECRET } from './support.ts'

interface TokiTokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token: string
  readonly userId?: string
}

forEachSharedStore(
  (server) => {
    const login = async (client: string, more: object = {}, changes: Record<string, string> = {}) =>
      (await server().login(
        { client, redirectUri: CALLBACK, scope: 'openid profile offline_access', ...more },
        changes,
      )) as unknown as TokiTokens

    const userinfoOf = (id: string | undefined, token: string, headers: Record<string, string> = {}) =>
      server().request(`/userinfo/${id}`, { headers: { authorization: `Bearer ${token}`, ...headers } })

    function expectForbidden(answer: Answer): void {
      expect(answer).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
      expect(answer.json.reason).toBe('userinfo_subject_mismatch')
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/)
    }

    describe('TOKI, userId in the token response', () => {
      it.each(['toki-pkce', 'toki-pairwise', 'toki-opaque'])(
        'S1-22 is the sub that %s sees, also after a refresh',
        async (client) => {
          const tokens = await login(client)
          expect(tokens.userId).toBe(claimsOf(tokens.id_token).sub)
          const refreshed = await server().refresh(tokens.refresh_token, { client_id: client })
          expect(refreshed.json.userId).toBe(tokens.userId)
          expect(refreshed.headers.get('content-type')).toMatch(/^application\/json\b/)
          expect(refreshed.headers.get('cache-control')).toBe('no-store')
        },
      )

      it('S1-22 comes without openid too, where no ID token could tell it', async () => {
        const tokens = await login('toki-pkce', { scope: 'offline_access' })
        const { userId } = await login('toki-pkce')
        expect(tokens).not.toHaveProperty('id_token')
        expect(tokens.userId).toBe(userId)
      })

      it('S1-22 is no reason to lose the tokens, where the database goes away once they are issued', async () => {
        const authorized = await server().authorize({ client: 'toki-pkce', redirectUri: CALLBACK })
        const gone = vi.spyOn(server().server.pixy.deps.store.grants, 'find')
        gone.mockRejectedValue(new StoreUnavailable('gone'))
        const answer = await server().redeem(authorized)
        gone.mockRestore()
        expect(answer.status).toBe(200)
        expect((await server().userinfo(String(answer.json.access_token))).status).toBe(200)
      })

      it('S1-22 is not there where no user is involved', async () => {
        const answer = await server().token({
          grant_type: 'client_credentials',
          client_id: 'toki-machine',
          client_secret: SECRET,
        })
        expect(answer.status).toBe(200)
        expect(answer.json).not.toHaveProperty('userId')
      })

      it('S1-22 strict: is not there without the dialect; the fix names sub', async () => {
        const tokens = await login('strict')
        expect(tokens).not.toHaveProperty('userId')
        const refused = await userinfoOf(String(claimsOf(tokens.id_token).sub), tokens.access_token)
        expect(refused.json).toMatchObject({ reason: 'dialect_off' })
        expect(refused.json.fix).toContain('/userinfo without an id: the access token says whose claims')
      })
    })

    describe('TOKI, GET /userinfo/{user_id}', () => {
      it.each(['toki-pkce', 'toki-pairwise', 'toki-opaque'])(
        'S1-21 T5 gives %s the claims of /userinfo for the token’s own user',
        async (client) => {
          const { access_token, userId } = await login(client)
          const answer = await userinfoOf(userId, access_token)
          expect(answer.status).toBe(200)
          expect(answer.json).toEqual((await server().userinfo(access_token)).json)
          expect(answer.json).toMatchObject({ sub: userId, given_name: 'Alice' })
          expect(answer.headers.get('cache-control')).toBe('no-store')
        },
      )

      it('S1-21 takes an id that was percent-encoded', async () => {
        const { access_token, userId = '' } = await login('toki-pkce')
        const encoded = [...userId].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')
        expect((await userinfoOf(encoded, access_token)).status).toBe(200)
      })

      it('S1-21 refuses any other id with 403, whether it exists or not', async () => {
        const alice = await login('toki-pkce')
        const bob = await login('toki-pkce', { user: BOB, browser: new FormBrowser() })
        const others = [bob.userId, 'usr_nobody', 'alice@example.com', 'me', '%7e', `${alice.userId}x`]
        const answers = await Promise.all(others.map((id) => userinfoOf(id, alice.access_token)))
        answers.forEach(expectForbidden)
        const told = answers.map(({ json: { flow, ...body } }) => body)
        for (const body of told) expect(body).toEqual(told[0])
        const pairwise = await login('toki-pairwise')
        expectForbidden(await userinfoOf(alice.userId, pairwise.access_token))
      })

      it('S1-21 refuses no token, a dead one, one without openid and one without a user, as /userinfo does', async () => {
        const as = server()
        const { access_token, userId } = await login('toki-pkce')
        const without = await as.request(`/userinfo/${userId}`)
        expect(without.status).toBe(401)
        expect(without.headers.get('www-authenticate')).toBe(`Bearer realm="${as.issuer}"`)
        expect(await userinfoOf(userId, 'x')).toMatchObject({ status: 401, json: { error: 'invalid_token' } })

        const narrow = await login('toki-pkce', { scope: 'offline_access' })
        const refused = await userinfoOf(narrow.userId, narrow.access_token)
        expect(refused).toMatchObject({ status: 403, json: { reason: 'token_scope_insufficient' } })

        const machine = await as.token({
          grant_type: 'client_credentials',
          client_id: 'toki-machine',
          client_secret: SECRET,
        })
        const nobody = await userinfoOf('toki-machine', String(machine.json.access_token))
        expect(nobody).toMatchObject({ status: 403, json: { reason: 'token_user_missing' } })

        as.advance('11m')
        const expired = await userinfoOf(userId, access_token)
        expect(expired).toMatchObject({ status: 401, json: { reason: 'token_expired' } })
      })

      it('S1-21 answers the client’s own origin alone, and its preflight', async () => {
        const { access_token, userId } = await login('toki-pkce')
        const own = await userinfoOf(userId, access_token, { origin: 'http://localhost:8080' })
        expect(own.headers.get('access-control-allow-origin')).toBe('http://localhost:8080')
        const foreign = await userinfoOf(userId, access_token, { origin: 'https://evil.example' })
        expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
        const preflight = await server().request(`/userinfo/${userId}`, {
          method: 'OPTIONS',
          headers: { origin: 'http://localhost:8080', 'access-control-request-method': 'GET' },
        })
        expect(preflight.status).toBe(204)
        expect(preflight.headers.get('access-control-allow-methods')).toBe('GET')
        expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
      })

      it('S1-21 serves GET, and one segment', async () => {
        const { access_token, userId } = await login('toki-pkce')
        const headers = { authorization: `Bearer ${access_token}` }
        const posted = await server().request(`/userinfo/${userId}`, { method: 'POST', headers })
        expect(posted.status).toBe(405)
        expect((await server().request(`/userinfo/${userId}/more`, { headers })).status).toBe(404)
        expect((await server().request('/userinfo/', { headers })).status).toBe(404)
      })

      it('S1-21 is counted for the owner, but plain /userinfo is not', async () => {
        const before = (await deviationsOf(server(), 'toki-pkce')).toki_userinfo_path ?? 0
        const { access_token, userId } = await login('toki-pkce')
        await server().userinfo(access_token)
        expect((await deviationsOf(server(), 'toki-pkce')).toki_userinfo_path ?? 0).toBe(before)
        await userinfoOf(userId, access_token)
        await userinfoOf('another', access_token)
        expect((await deviationsOf(server(), 'toki-pkce')).toki_userinfo_path).toBe(before + 1)
      })

      it('S1-21 strict: a client without the dialect is refused for its own id and any other alike, with the fix', async () => {
        const { access_token, id_token } = await login('strict')
        const own = await userinfoOf(String(claimsOf(id_token).sub), access_token)
        const other = await userinfoOf('usr_nobody', access_token)
        for (const answer of [own, other]) {
          expect(answer).toMatchObject({
            status: 400,
            json: { error: 'invalid_request', reason: 'dialect_off' },
          })
        }
        expect({ ...own.json, flow: null }).toEqual({ ...other.json, flow: null })
        expect((await lastRefusal(server())).fix).toBe(
          `Call ${server().issuer}/userinfo without an id: the access token says whose claims are meant. ` +
            'Until the client can be changed: pixy client update strict --add-dialect toki',
        )
        expect((await server().userinfo(access_token)).status).toBe(200)
      })
    })
  },
  { config, hasher: quickHasher() },
)
