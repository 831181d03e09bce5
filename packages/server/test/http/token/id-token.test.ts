import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { expectGoldenJson } from '../../support/golden.ts'
import { atHash, masked, publishedKeys, verified } from '../../support/jwt.ts'
import {
  type AuthorizeOptions,
  claimsOf,
  forEachSharedStore,
  forEachStore,
  headerOf,
} from '../../support/test-as.ts'
import { BOB, testConfig } from '../../support/test-config.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
const redirect_uris = ['https://app.example/callback']
const config = testConfig({
  clients: [
    ...ALGORITHMS.map((alg) => ({
      client_id: `signed-${alg}`,
      redirect_uris,
      id_token_signed_response_alg: alg,
    })),
    { client_id: 'short', redirect_uris, id_token_lifetime: 60, access_token_lifetime: 120 },
  ],
})
const CLAIMS = JSON.stringify({
  id_token: {
    email: { essential: true },
    given_name: null,
    zoneinfo: { value: 'Europe/Berlin' },
    locale: { values: ['fr', 'de'] },
    phone_number: null,
    nothing_of_ours: null,
    iss: null,
    nonce: null,
  },
  userinfo: { website: null },
})

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = (options: AuthorizeOptions = {}) => server().login({ browser, ...options })

    describe('the ID token (OIDC Core §2, §3.1.3.6)', () => {
      it.each(ALGORITHMS)(
        'is signed by %s where the client wants that, with the at_hash that belongs to it',
        async (alg) => {
          const as = server()
          const client = `signed-${alg}`
          const { id_token, access_token } = await login({ client })
          const claims = await verified(as, id_token, client)
          expect(claims.at_hash).toBe(atHash(access_token, alg))
          expectGoldenJson(`tokens/id-token.${alg}.json`, {
            header: masked(headerOf(id_token)),
            claims: masked(claims),
          })
        },
      )

      it('is signed by RS256 by default, with a key that is published for it', async () => {
        const { id_token } = await login()
        const { alg, kid, typ } = headerOf(id_token)
        expect([alg, typ]).toEqual(['RS256', 'JWT'])
        expect((await publishedKeys(server())).find((key) => key.kid === kid)?.alg).toBe('RS256')
      })

      it('holds no claims of the user but those that the claims parameter asks for there (OIDC Core §5.4, §5.5)', async () => {
        const as = server()
        const { id_token, access_token } = await login({ scope: 'openid', parameters: { claims: CLAIMS } })
        const claims = await verified(as, id_token, 'spa')
        expectGoldenJson('tokens/id-token.claims-parameter.json', masked(claims))
        expect((await as.userinfo(access_token)).json).toEqual({
          sub: claims.sub,
          website: 'https://alice.example',
        })
      })

      it('has the nonce of the request, whatever it is, and none where there was none', async () => {
        for (const nonce of ['n', 'ünï ✓ "quoted" \\ &amp;', 'x'.repeat(384)]) {
          expect(claimsOf((await login({ parameters: { nonce } })).id_token).nonce).toBe(nonce)
        }
        expect(claimsOf((await login({ parameters: { nonce: null } })).id_token)).not.toHaveProperty('nonce')
      })

      it('has auth_time and sid of the session: the same after a silent login, and auth_time alone moves with a new one', async () => {
        const as = server()
        const first = claimsOf((await login()).id_token)
        as.advance('1h')
        const silent = claimsOf((await login({ parameters: { prompt: 'none' } })).id_token)
        expect(silent).toMatchObject({ auth_time: first.auth_time, sid: first.sid, sub: first.sub })
        const again = claimsOf((await login({ parameters: { prompt: 'login' } })).id_token)
        expect(again.auth_time).toBeGreaterThanOrEqual(Number(first.auth_time) + 3600)
        expect(again).toMatchObject({ sid: first.sid, sub: first.sub })
        const elsewhere = claimsOf((await login({ browser: new FormBrowser() })).id_token)
        expect(elsewhere.sub).toBe(first.sub)
        expect(elsewhere.sid).not.toBe(first.sid)
      })

      it('has a sub of its own for each user, the same at every client and login', async () => {
        const alice = claimsOf((await login()).id_token).sub
        expect(claimsOf((await login({ client: 'spa-two' })).id_token).sub).toBe(alice)
        expect(claimsOf((await login({ user: BOB, browser: new FormBrowser() })).id_token).sub).not.toBe(
          alice,
        )
        expect(String(alice).length).toBeLessThanOrEqual(255)
        expect(String(alice)).not.toContain('alice')
      })

      it('lives as long as the client says', async () => {
        const as = server()
        const { id_token, expires_in } = await login({ client: 'short' })
        const claims = await verified(as, id_token, 'short')
        expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60)
        expect(expires_in).toBe(120)
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('the ID token by workspace (signing_algs)', () => {
    it.each(ALGORITHMS)('%s first in the workspace is the default of ID and access tokens', async (alg) => {
      const as = await start({ config: testConfig({ workspace: { signing_algs: [alg] } }) })
      const { id_token, access_token } = await as.login()
      expect([headerOf(id_token).alg, headerOf(access_token).alg]).toEqual([alg, alg])
      const claims = await verified(as, id_token, 'spa')
      expect(claims.at_hash).toBe(atHash(access_token, alg))
      await verified(as, access_token, as.issuer, 'at+jwt')
      const { json } = await as.request('/.well-known/openid-configuration')
      expect(json.id_token_signing_alg_values_supported).toEqual([alg])
    })
  })
})
