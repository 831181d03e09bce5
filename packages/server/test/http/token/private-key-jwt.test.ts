import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportSPKI, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ClientInput } from '../../../src/config/schema.ts'
import { ASSERTION_TYPE, assertion, type ForeignKey, foreignKey } from '../../support/jwt.ts'
import { type Answer, basic, forEachSharedStore, forEachStore, type TestAs } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
const keys: Readonly<Record<(typeof ALGORITHMS)[number], ForeignKey>> = {
  RS256: await foreignKey('RS256', 'rs'),
  PS256: await foreignKey('PS256', 'ps'),
  ES256: await foreignKey('ES256', 'es'),
  EdDSA: await foreignKey('EdDSA', 'ed'),
}
/** Two keys of one type without kid: nothing says which one signed. */
const [older, newer, stranger] = [
  await foreignKey('RS256'),
  await foreignKey('RS256'),
  await foreignKey('ES256', 'es'),
]

type Jwks = NonNullable<ClientInput['jwks']>
const jwks = (...list: readonly ForeignKey[]): Jwks => ({
  keys: list.map(({ jwk }) => jwk as Jwks['keys'][number]),
})
const withoutAlg = ({ alg: _, ...jwk }: JWK) => jwk

const client = (client_id: string, rest: Partial<ClientInput>): ClientInput => ({
  client_id,
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  ...rest,
})

const config = testConfig({
  clients: [
    client('keyed', { jwks: jwks(...Object.values(keys)) }),
    client('keyed-two', { jwks: jwks(keys.ES256) }),
    client('pinned', { jwks: jwks(...Object.values(keys)), token_endpoint_auth_signing_alg: 'ES256' }),
    client('several', {
      jwks: { keys: [older, newer].map(({ jwk }) => withoutAlg(jwk) as Jwks['keys'][number]) },
    }),
  ],
})

/** Without RSA keys of our own, which take long to make. */
const quick = { signing_algs: ['ES256' as const] }

const signedForm = (jwt: string, rest: Readonly<Record<string, string>> = {}) => ({
  grant_type: 'client_credentials',
  scope: 'notes:read',
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: jwt,
  ...rest,
})

function expectRefused(answer: Answer, what: string): void {
  expect(answer, what).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  expect(answer.json, what).not.toHaveProperty('access_token')
}

forEachSharedStore(
  (server) => {
    const send = async (jwt: string | Promise<string>, rest = {}) =>
      server().token(signedForm(await jwt, rest))

    describe('private_key_jwt (RFC 7523 §2.2, §3, OIDC Core §9)', () => {
      it.each(ALGORITHMS)('takes an assertion signed by %s', async (alg) => {
        expect((await send(assertion(server(), keys[alg], 'keyed'))).status).toBe(200)
      })

      it('takes it at the code and refresh grants, revocation and introspection too', async () => {
        const as = server()
        const signed = async () => ({
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: await assertion(as, keys.ES256, 'keyed'),
        })
        const authorized = await as.authorize({ client: 'keyed', scope: 'openid offline_access' })
        const tokens = (await as.redeem(authorized, await signed())).json
        const refreshed = await as.token({
          grant_type: 'refresh_token',
          refresh_token: String(tokens.refresh_token),
          ...(await signed()),
        })
        expect(refreshed.status).toBe(200)
        const token = String(refreshed.json.access_token)
        expect((await as.post('/oauth2/introspect', { token, ...(await signed()) })).json.active).toBe(true)
        expect((await as.post('/oauth2/revoke', { token, ...(await signed()) })).status).toBe(200)
        expect((await as.post('/oauth2/introspect', { token, ...(await signed()) })).json).toEqual({
          active: false,
        })
      })

      it('takes as audience the issuer, the token endpoint, or a list that holds one of them', async () => {
        const as = server()
        const audiences = [
          as.issuer,
          `${as.issuer}/oauth2/token`,
          [as.issuer],
          ['https://other.example', `${as.issuer}/oauth2/token`],
        ]
        for (const aud of audiences)
          expect((await send(assertion(as, keys.ES256, 'keyed', { aud }))).status, String(aud)).toBe(200)
      })

      it('takes client_id beside it, but not one of another client', async () => {
        const as = server()
        expect((await send(assertion(as, keys.ES256, 'keyed'), { client_id: 'keyed' })).status).toBe(200)
        expectRefused(
          await send(assertion(as, keys.ES256, 'keyed'), { client_id: 'keyed-two' }),
          'another client_id',
        )
        expectRefused(
          await send(assertion(as, keys.ES256, 'keyed'), { client_id: 'spa' }),
          'a public client_id',
        )
        expectRefused(
          await send(assertion(as, keys.ES256, 'keyed'), { client_id: 'web' }),
          'a client with a secret',
        )
      })

      it('takes an assertion without kid, also where the client has several keys of that type', async () => {
        expect((await send(assertion(server(), { ...keys.EdDSA, jwk: {} }, 'keyed'))).status).toBe(200)
        for (const key of [older, newer])
          expect((await send(assertion(server(), key, 'several'))).status).toBe(200)
        const third = await foreignKey('RS256')
        expectRefused(await send(assertion(server(), third, 'several')), 'a third key')
      })

      it('takes clocks that are a few seconds off', async () => {
        const as = server()
        const now = as.server.clock.now()
        expect((await send(assertion(as, keys.ES256, 'keyed', { nbf: now + 8, iat: now + 8 }))).status).toBe(
          200,
        )
        expect((await send(assertion(as, keys.ES256, 'keyed', { exp: now - 5 }))).status).toBe(200)
      })

      it('TK-24: refuses what does not prove the client, each for one thing alone', async () => {
        const as = server()
        const now = as.server.clock.now()
        const make = (claims = {}, header = {}, key: ForeignKey = keys.ES256) =>
          assertion(as, key, 'keyed', claims, header)
        const good = await make()
        const [head = '', payload = '', signature = ''] = good.split('.')
        const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
        const claims = { iss: 'keyed', sub: 'keyed', aud: as.issuer, jti: 'x', iat: now, exp: now + 60 }
        const hmac = (secret: string | Uint8Array) => {
          const input = `${encode({ alg: 'HS256', kid: 'rs' })}.${encode(claims)}`
          return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
        }
        const spki = await exportSPKI((await importJWK(keys.RS256.jwk, 'RS256')) as CryptoKey)
        const cases: Readonly<Record<string, string | Promise<string>>> = {
          'an expired one': make({ exp: now - 60, iat: now - 120 }),
          'one without exp': make({ exp: undefined }),
          'exp as text': make({ exp: String(now + 60) as unknown as number }),
          'a life of an hour': make({ exp: now + 3600 }),
          'nbf in the future': make({ nbf: now + 120 }),
          'iat in the future': make({ iat: now + 120 }),
          'no jti': make({ jti: undefined }),
          'an empty jti': make({ jti: '' }),
          'a jti of 5 KB': make({ jti: 'j'.repeat(5000) }),
          'no aud': make({ aud: undefined }),
          'another aud': make({ aud: 'https://other.example' }),
          'an aud with more behind it': make({ aud: `${as.issuer}.evil.example` }),
          'no iss': make({ iss: undefined }),
          'another iss': make({ iss: 'keyed-two' }),
          'no sub': make({ sub: undefined }),
          'another sub': make({ sub: 'keyed-two' }),
          'iss and sub of another client with the same key': assertion(as, stranger, 'keyed-two'),
          'a key that is not the client’s': make({}, {}, stranger),
          'a known kid of another key': make(
            {},
            { kid: 'es' },
            { ...stranger, jwk: { ...stranger.jwk, kid: 'es' } },
          ),
          'an unknown kid': make({}, { kid: 'unknown' }),
          'a kid that is a path': make({}, { kid: '../../../../dev/null' }),
          'an embedded key': make({}, { kid: undefined, jwk: withoutAlg(stranger.jwk) }, stranger),
          'a jku': make({}, { jku: 'https://evil.example/jwks.json' }, stranger),
          'an unknown crit': make({}, { crit: ['exp'], exp: 1 }).catch(
            () => `${encode({ alg: 'ES256', kid: 'es', crit: ['exp'], exp: 1 })}.${payload}.${signature}`,
          ),
          'alg none': `${encode({ alg: 'none' })}.${encode(claims)}.`,
          'alg None': `${encode({ alg: 'None', kid: 'es' })}.${encode(claims)}.${signature}`,
          'HS256 with the public key as secret': hmac(spki),
          'HS256 with the modulus as secret': hmac(Buffer.from(String(keys.RS256.jwk.n), 'base64url')),
          'HS256 with nothing as secret': hmac(''),
          'a changed payload': `${head}.${encode({ ...claims, exp: now + 61 })}.${signature}`,
          'no signature': `${head}.${payload}.`,
          'a cut signature': good.slice(0, -4),
          'another signature': `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
          'two parts': `${head}.${payload}`,
          'no JWT': 'x',
          'a JSON array': `${head}.${encode([claims])}.${signature}`,
          '100 KB': `${head}.${payload}${'A'.repeat(40_000)}.${signature}`,
        }
        for (const [what, jwt] of Object.entries(cases))
          expectRefused(await send(jwt, { client_id: 'keyed' }), what)
        expect((await send(good)).status).toBe(200)
      })

      it('TK-24: refuses a wrong or missing client_assertion_type', async () => {
        const as = server()
        const jwt = await assertion(as, keys.ES256, 'keyed')
        for (const type of [
          '',
          'jwt-bearer',
          'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
          `${ASSERTION_TYPE} `,
        ]) {
          expectRefused(await send(jwt, { client_assertion_type: type }), type)
        }
        expect((await send(jwt)).status).toBe(200)
      })

      it('TK-24: refuses a second use, also at another endpoint, and after the assertion has expired', async () => {
        const as = server()
        const jwt = await assertion(as, keys.ES256, 'keyed')
        expect((await send(jwt)).status).toBe(200)
        expectRefused(await send(jwt), 'at once')
        expectRefused(
          await as.post('/oauth2/revoke', {
            token: 'x',
            client_assertion_type: ASSERTION_TYPE,
            client_assertion: jwt,
          }),
          'at revocation',
        )
        as.advance(89)
        expectRefused(await send(jwt), 'within the clock tolerance')
        as.advance(600)
        expectRefused(await send(jwt), 'later')
      })

      it('TK-24: one jti of two clients is two', async () => {
        const as = server()
        const jti = crypto.randomUUID()
        expect((await send(assertion(as, keys.ES256, 'keyed', { jti }))).status).toBe(200)
        expect((await send(assertion(as, keys.ES256, 'keyed-two', { jti }))).status).toBe(200)
      })

      it('TK-24: a refused assertion does not spend its jti', async () => {
        const as = server()
        const jti = crypto.randomUUID()
        expectRefused(
          await send(assertion(as, keys.ES256, 'keyed', { jti, aud: 'https://other.example' })),
          'wrong aud',
        )
        expectRefused(await send(assertion(as, stranger, 'keyed', { jti })), 'wrong key')
        expect((await send(assertion(as, keys.ES256, 'keyed', { jti }))).status).toBe(200)
      })

      it('TK-25: of 20 parallel uses of one assertion exactly one succeeds', async () => {
        const jwt = await assertion(server(), keys.RS256, 'keyed')
        const answers = await Promise.all(Array.from({ length: 20 }, () => send(jwt)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
      })

      it('a pinned algorithm is the only one', async () => {
        expect((await send(assertion(server(), keys.ES256, 'pinned'))).status).toBe(200)
        for (const alg of ['RS256', 'PS256', 'EdDSA'] as const)
          expectRefused(await send(assertion(server(), keys[alg], 'pinned')), alg)
      })

      it('TK-09: a client with keys cannot use a secret, and one with a secret no assertion', async () => {
        const as = server()
        expectRefused(
          await as.token({ grant_type: 'client_credentials' }, basic('keyed', WEB_SECRET)),
          'a secret',
        )
        expectRefused(await as.token({ grant_type: 'client_credentials', client_id: 'keyed' }), 'nothing')
        expectRefused(await send(assertion(as, keys.ES256, 'web')), 'an assertion of a client with a secret')
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('private_key_jwt, jwks_uri of the client (RFC 7591 §2)', () => {
    let host: Server
    let address: string
    let document: unknown
    let fetches = 0

    beforeAll(async () => {
      host = createServer((request, response) => {
        fetches += 1
        if (request.url === '/redirect') response.writeHead(302, { location: '/jwks.json' }).end()
        else if (request.url === '/huge') response.end(`{"keys":[],"x":"${'x'.repeat(100_000)}"}`)
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
      })
      await new Promise<void>((resolve) => {
        host.listen(0, '127.0.0.1', resolve)
      })
      address = `127.0.0.1:${(host.address() as AddressInfo).port}`
    })
    beforeEach(() => {
      document = jwks(keys.ES256)
      fetches = 0
    })
    afterAll(() => {
      host.close()
    })

    /** A server of its own, whose client publishes its keys at a path of its own: nothing comes from an earlier test. */
    const startWith = async (path: string, allow = true): Promise<TestAs> => {
      const base = testConfig({
        workspace: quick,
        clients: [client('remote', { jwks_uri: `http://${address}${path}` })],
      })
      return start({ config: { ...base, allow_private_addresses: allow ? [address] : [] } })
    }
    const send = async (as: TestAs, key: ForeignKey) =>
      as.token(signedForm(await assertion(as, key, 'remote')))

    it('fetches it once, and again where a new kid appears that it does not know', async () => {
      const as = await startWith('/rotating.json')
      expect((await send(as, keys.ES256)).status).toBe(200)
      expect((await send(as, keys.ES256)).status).toBe(200)
      expect(fetches).toBe(1)
      document = jwks(keys.ES256, keys.EdDSA)
      as.advance(11)
      expect((await send(as, keys.EdDSA)).status).toBe(200)
      expect(fetches).toBe(2)
      expect((await send(as, keys.ES256)).status).toBe(200)
      expect(fetches).toBe(2)
    })

    it('does not let unknown kids make it fetch again and again', async () => {
      const as = await startWith('/flood.json')
      expect((await send(as, keys.ES256)).status).toBe(200)
      as.advance(11)
      for (let count = 0; count < 5; count++) expectRefused(await send(as, keys.RS256), 'an unknown kid')
      expect(fetches).toBe(2)
    })

    it('forgets a key that was withdrawn within five minutes', async () => {
      const as = await startWith('/withdrawn.json')
      expect((await send(as, keys.ES256)).status).toBe(200)
      document = jwks(keys.EdDSA)
      as.advance(301)
      expectRefused(await send(as, keys.ES256), 'the withdrawn key')
    })

    it('refuses private addresses that the configuration does not allow, without a request', async () => {
      const as = await startWith('/forbidden.json', false)
      expectRefused(await send(as, keys.ES256), 'a loopback jwks_uri')
      expect(fetches).toBe(0)
    })

    it.each([
      ['follows no redirect', '/redirect', {}],
      ['reads at most 64 KiB', '/huge', {}],
      ['refuses what is no JWK set', '/array', []],
      ['refuses a set without keys', '/none', { keys: [] }],
      ['refuses null for a key', '/null', { keys: [null, 1, 'x'] }],
      ['uses no symmetric key', '/oct', { keys: [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'es' }] }],
    ])('%s', async (_what, path, content) => {
      const as = await startWith(path)
      document = content
      expectRefused(await send(as, keys.ES256), path)
    })

    it('asks once for many assertions at a time, and after a failure not again for ten seconds', async () => {
      const as = await startWith('/flight.json')
      const several = await Promise.all(Array.from({ length: 10 }, () => send(as, keys.ES256)))
      expect(several.map(({ status }) => status)).toEqual(Array(10).fill(200))
      expect(fetches).toBe(1)
      const failing = await startWith('/redirect')
      fetches = 0
      for (let count = 0; count < 5; count++)
        expectRefused(await send(failing, keys.ES256), 'keys that cannot be read')
      expect(fetches).toBe(1)
      failing.advance(11)
      expectRefused(await send(failing, keys.ES256), 'keys that still cannot be read')
      expect(fetches).toBe(2)
    })

    it('a server that does not answer is an error of the client, never of ours', async () => {
      const base = testConfig({
        workspace: quick,
        clients: [client('remote', { jwks_uri: 'http://127.0.0.1:9/jwks.json' })],
      })
      const as = await start({ config: { ...base, allow_private_addresses: ['127.0.0.1:9'] } })
      expectRefused(
        await as.token(signedForm(await assertion(as, keys.ES256, 'remote'))),
        'connection refused',
      )
    })
  })
})
