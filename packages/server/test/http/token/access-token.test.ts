import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { expectGoldenJson } from '../../support/golden.ts'
import { masked, verified } from '../../support/jwt.ts'
import {
  type AuthorizeOptions,
  basic,
  claimsOf,
  forEachSharedStore,
  forEachStore,
  headerOf,
} from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const redirect_uris = ['https://app.example/callback']
const config = testConfig({
  clients: [
    { client_id: 'brief', redirect_uris, access_token_lifetime: 30 },
    { client_id: 'es256', redirect_uris, id_token_signed_response_alg: 'ES256' },
    { client_id: 'limited', redirect_uris, resources: ['https://other.example'] },
  ],
  workspace: {
    resources: [
      {
        identifier: 'https://api.example',
        scopes: ['notes:read', 'notes:write', 'notes:delete'],
        introspection_clients: ['web'],
      },
      { identifier: 'https://other.example' },
      { identifier: 'https://opaque.example', access_token_format: 'opaque', introspection_clients: ['web'] },
      { identifier: 'https://jwt.example', access_token_format: 'jwt' },
    ],
  },
})
const OPAQUE = /^pixy_at_[A-Za-z0-9]{50}$/

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = (options: AuthorizeOptions = {}) => server().login({ browser, ...options })

    describe('the access token as JWT (RFC 9068 §2)', () => {
      it('has the header and claims of RFC 9068, for one audience', async () => {
        const as = server()
        const { access_token } = await login({
          scope: 'openid notes:read',
          parameters: { resource: 'https://api.example' },
        })
        const claims = await verified(as, access_token, 'https://api.example', 'at+jwt')
        expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600)
        expectGoldenJson('tokens/access-token.json', {
          header: masked(headerOf(access_token)),
          claims: masked(claims),
        })
      })

      it('without resource is for the issuer', async () => {
        const as = server()
        const { access_token } = await login()
        expectGoldenJson(
          'tokens/access-token.issuer.json',
          masked({ ...(await verified(as, access_token, as.issuer, 'at+jwt')), aud: '<issuer>' }),
        )
      })

      it('has a jti of its own each time', async () => {
        const tokens = [await login(), await login()].map(({ access_token }) => claimsOf(access_token).jti)
        expect(new Set(tokens).size).toBe(2)
      })

      it('is signed by the first algorithm of the workspace, whatever the client’s ID tokens use', async () => {
        const { access_token, id_token } = await login({ client: 'es256' })
        expect([headerOf(id_token).alg, headerOf(access_token).alg]).toEqual(['ES256', 'RS256'])
      })

      it('lives as long as the client says, and not one second longer at userinfo', async () => {
        const as = server()
        as.server.clock.stop()
        const { access_token, expires_in } = await login({ client: 'brief' })
        expect(expires_in).toBe(30)
        as.advance(29)
        expect((await as.userinfo(access_token)).status).toBe(200)
        as.advance(1)
        expect(await as.userinfo(access_token)).toMatchObject({
          status: 401,
          json: { error: 'invalid_token' },
        })
      })

      it('names only resources that are known and open to the client', async () => {
        const { url } = await server().authorizationResponse({
          browser,
          parameters: { resource: 'https://evil.example' },
        })
        expect(url.searchParams.get('error')).toBe('invalid_target')
        const other = await server().authorizationResponse({
          browser,
          client: 'limited',
          parameters: { resource: 'https://api.example' },
        })
        expect(other.url.searchParams.get('error')).toBe('invalid_target')
        const { access_token } = await login({
          client: 'limited',
          parameters: { resource: 'https://other.example' },
        })
        expect(claimsOf(access_token).aud).toBe('https://other.example')
      })
    })

    describe('the access token as opaque handle', () => {
      it('is 50 random characters behind a prefix that scanners find, and tells nothing', async () => {
        const as = server()
        const { access_token } = await login({ client: 'opaque' })
        expect(access_token).toMatch(OPAQUE)
        expect((await as.userinfo(access_token)).status).toBe(200)
      })

      it('resource wins over client, client over workspace', async () => {
        const formats = async (options: AuthorizeOptions) => OPAQUE.test((await login(options)).access_token)
        expect(await formats({ parameters: { resource: 'https://opaque.example' } })).toBe(true)
        expect(await formats({ client: 'opaque', parameters: { resource: 'https://jwt.example' } })).toBe(
          false,
        )
        expect(await formats({ client: 'opaque', parameters: { resource: 'https://other.example' } })).toBe(
          true,
        )
      })

      it('is introspected by the API it is for', async () => {
        const as = server()
        const { access_token } = await login({ parameters: { resource: 'https://opaque.example' } })
        const { json } = await as.post(
          '/oauth2/introspect',
          { token: access_token },
          basic('web', WEB_SECRET),
        )
        expect(json).toMatchObject({
          active: true,
          aud: 'https://opaque.example',
          client_id: 'spa',
          token_type: 'Bearer',
        })
      })
    })
  },
  { config },
)

forEachStore((start) => {
  it('a workspace may issue opaque tokens by default, and a client JWTs all the same', async () => {
    const clients = [{ client_id: 'jwt', redirect_uris, access_token_format: 'jwt' as const }]
    const as = await start({ config: testConfig({ workspace: { access_token_format: 'opaque' }, clients }) })
    expect((await as.login()).access_token).toMatch(OPAQUE)
    expect(headerOf((await as.login({ client: 'jwt' })).access_token).typ).toBe('at+jwt')
  })
})
