import { describe, expect, it } from 'vitest'
import { lastRefusal } from '../../support/authorization.ts'
import { basic, claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { BOB } from '../../support/test-config.ts'
import { deviationsOf } from '../deviations.ts'
import { CALLBACK, CAROL, connectLogin, connectRefresh, options, SCOPE, SECRET } from './support.ts'

const PATH = '/api/v1/auth/auth/userinfo'
const API = 'https://my.tapkey.example'

forEachSharedStore((server) => {
  const vendorUserinfo = (token: string, headers: Record<string, string> = {}) =>
    server().request(PATH, { headers: { authorization: `Bearer ${token}`, ...headers } })

  describe('Tapkey, GET /api/v1/auth/auth/userinfo', () => {
    it('S2-36 S2-37 tells the user’s accounts, id and where they come from; openid is not needed', async () => {
      const { access_token } = await connectLogin(server())
      const answer = await vendorUserinfo(access_token)
      expect(answer).toMatchObject({
        status: 200,
        json: {
          ownerAccounts: [{ id: 'acc_1', name: 'Adams & Co' }],
          ownerAccountPermissions: [{ ownerAccountId: 'acc_1', role: 'owner' }],
          id: claimsOf(access_token).sub,
          ipId: 'pool',
        },
      })
      expect(Object.keys(answer.json)).toHaveLength(4)
      expect(answer.headers.get('cache-control')).toBe('no-store')
    })

    it('S2-37 has empty lists for a user without accounts', async () => {
      const { access_token } = await connectLogin(server(), 'native', {}, { user: BOB })
      expect((await vendorUserinfo(access_token)).json).toMatchObject({
        ownerAccounts: [],
        ownerAccountPermissions: [],
      })
    })

    it('S2-14 S2-37 tells no accounts where the user left read:owneraccounts out, or the token was narrowed', async () => {
      const empty = { ownerAccounts: [], ownerAccountPermissions: [], ipId: 'pool' }
      const unticked = await connectLogin(
        server(),
        'native',
        { prompt: 'consent' },
        { allow: ['read:core:entities'] },
      )
      expect(unticked.scope).toBe('read:core:entities')
      expect(await vendorUserinfo(unticked.access_token)).toMatchObject({ status: 200, json: empty })

      const everything = { allow: SCOPE.split(' ') }
      const whole = await connectLogin(server(), 'native', { prompt: 'consent' }, everything)
      const narrow = await connectRefresh(server(), whole.refresh_token, 'native', {
        scope: 'read:core:entities',
      })
      expect((await vendorUserinfo(String(narrow.json.access_token))).json).toMatchObject(empty)
    })

    it('S2-37 has lists, whatever else the user’s record holds under those names', async () => {
      const { access_token } = await connectLogin(server(), 'native', {}, { user: CAROL })
      expect((await vendorUserinfo(access_token)).json).toMatchObject({
        ownerAccounts: [],
        ownerAccountPermissions: [],
      })
    })

    it.each(['pairwise', 'opaque'])(
      'S2-37 takes the token of %s, and names the sub that it sees',
      async (client) => {
        const { access_token } = await connectLogin(server(), client, { scope: 'openid read:owneraccounts' })
        const { sub } = (await server().userinfo(access_token)).json
        expect((await vendorUserinfo(access_token)).json.id).toBe(sub)
      },
    )

    it('S2-26 answers an expired token with 401 and the challenge, as /userinfo does', async () => {
      const as = server()
      const { access_token } = await connectLogin(as, 'native', { scope: 'openid read:owneraccounts' })
      as.advance(3599)
      expect((await vendorUserinfo(access_token)).status).toBe(200)
      as.advance(1)
      for (const answer of [await vendorUserinfo(access_token), await as.userinfo(access_token)]) {
        expect(answer).toMatchObject({
          status: 401,
          json: { error: 'invalid_token', reason: 'token_expired' },
        })
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
      }
    })

    it('S2-36 wants a Bearer token, in the header alone', async () => {
      const as = server()
      const { access_token } = await connectLogin(as)
      const without = await as.request(PATH)
      expect(without.status).toBe(401)
      expect(without.headers.get('www-authenticate')).toBe(`Bearer realm="${as.issuer}"`)
      expect((await as.request(`${PATH}?access_token=${access_token}`)).status).toBe(401)
      expect(await vendorUserinfo('x')).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
      expect((await as.request(PATH, { method: 'POST' })).status).toBe(405)
    })

    it('S2-37 tells nothing where there is no user', async () => {
      const machine = await server().post(
        '/connect/token',
        { grant_type: 'client_credentials' },
        basic('machine', SECRET),
      )
      const answer = await vendorUserinfo(String(machine.json.access_token))
      expect(answer).toMatchObject({ status: 403, json: { reason: 'token_user_missing' } })
    })

    it('S2-37 may be read from the client’s own origin, and is counted', async () => {
      const as = server()
      const before = (await deviationsOf(as, 'native')).tapkey_userinfo ?? 0
      const { access_token } = await connectLogin(as)
      const { origin } = new URL(CALLBACK)
      const answer = await vendorUserinfo(access_token, { origin })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect((await deviationsOf(as, 'native')).tapkey_userinfo).toBe(before + 1)
    })

    it('S2-37 strict: names /userinfo, where the same user is told by standard claims', async () => {
      const as = server()
      const login = { client: 'strict', redirectUri: CALLBACK, scope: 'openid profile' }
      const { access_token } = await as.login(login)
      const refused = await vendorUserinfo(access_token)
      expect(refused).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'dialect_off' },
      })
      expect((await lastRefusal(as)).fix).toBe(
        `Ask for the scope openid and call ${as.issuer}/userinfo; id is called sub there. ` +
          'Until the client can be changed: pixy client update strict --add-dialect tapkey',
      )
      expect((await as.userinfo(access_token)).json).toMatchObject({ name: 'Alice Adams' })
    })
  })

  describe('Tapkey, other APIs (RFC 8707, RFC 7662)', () => {
    it('S2-38 P6 a token for an API names it, holds its scopes, and the API can ask about it', async () => {
      const as = server()
      const { access_token } = await connectLogin(as, 'native', { resource: API })
      expect(claimsOf(access_token)).toMatchObject({ aud: API, client_id: 'native' })
      const introspected = await as.post(
        '/oauth2/introspect',
        { token: access_token },
        basic('machine', SECRET),
      )
      expect(introspected.json).toMatchObject({ active: true, aud: API, client_id: 'native' })
      expect(String(introspected.json.scope).split(' ')).toContain('read:core:entities')
    })
  })
}, options)
