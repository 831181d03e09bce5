import { describe, expect, it } from 'vitest'
import { expectGolden } from '../../support/golden.ts'
import { plainRequest } from '../../support/raw-http.ts'
import { forEachSharedStore, TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const base = testConfig()
const config = {
  ...base,
  tenants: [
    ...(base.tenants ?? []),
    {
      id: 'second',
      workspaces: [
        {
          id: 'app',
          signing_algs: ['EdDSA' as const, 'RS256' as const],
          branding: { policy_uri: 'https://app.example/privacy', tos_uri: 'https://app.example/terms' },
        },
        { id: 'deep', path: '/second/app/deep' },
      ],
    },
  ],
}
const OIDC = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

forEachSharedStore(
  (server) => {
    /** The workspace with this issuer path. */
    const at = (path: string): TestAs => new TestAs(server().server, server().server.url + path)
    const documentOf = async (url: string): Promise<string> => {
      const answer = await server().request(server().server.url + url)
      expect(answer.status, url).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^application\/json(?:;|$)/)
      return answer.text
    }

    describe('metadata (OIDC Discovery 1.0 §4, RFC 8414 §3)', () => {
      it.each([
        ['the root', ''],
        ['a path', '/second/app'],
        ['a path below another issuer', '/second/app/deep'],
      ])('JK-01, JK-02: serves %s at all addresses with the same bytes', async (_name, path) => {
        const addresses = [path + OIDC, path + OAUTH, OIDC + path, OAUTH + path]
        const documents = await Promise.all(addresses.map(documentOf))
        expect(new Set(documents).size).toBe(1)
        expect(JSON.parse(documents[0] ?? '')).toMatchObject({ issuer: server().server.url + path })
      })

      it('JK-01: the documents are those of the golden files', async () => {
        const plain = (text: string) =>
          JSON.stringify(JSON.parse(text.replaceAll(server().server.url, 'https://as.example')), null, 2)
        expectGolden('metadata/root.json', plain(await documentOf(OIDC)))
        expectGolden('metadata/path.json', plain(await documentOf(`${OAUTH}/second/app`)))
      })

      it('JK-01: every address in it is below the issuer, and nothing dangerous is offered', async () => {
        for (const path of ['', '/second/app']) {
          const issuer = server().server.url + path
          const metadata = JSON.parse(await documentOf(path + OIDC)) as Record<string, unknown>
          const endpoints = Object.entries(metadata).filter(
            ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
          )
          expect(endpoints.length).toBeGreaterThanOrEqual(7)
          for (const [, url] of endpoints) expect(String(url).startsWith(`${issuer}/`)).toBe(true)
          expect(metadata).toMatchObject({
            code_challenge_methods_supported: ['S256'],
            authorization_response_iss_parameter_supported: true,
            response_types_supported: ['code'],
            grant_types_supported: [
              'authorization_code',
              'refresh_token',
              'client_credentials',
              'urn:ietf:params:oauth:grant-type:device_code',
              'urn:ietf:params:oauth:grant-type:token-exchange',
            ],
          })
          const text = JSON.stringify(metadata)
          for (const word of ['"none"]', 'HS256', 'implicit', 'password', '"token"', 'plain'])
            expect(
              text.replace(
                /"token_endpoint_auth_methods_supported":\[[^\]]*\]|"revocation_endpoint_auth_methods_supported":\[[^\]]*\]|"acr_values_supported":\[[^\]]*\]/g,
                '',
              ),
            ).not.toContain(word)
          expect(metadata.id_token_signing_alg_values_supported).toContain('RS256')
        }
      })

      it('JK-01: every endpoint of it answers', async () => {
        for (const path of ['', '/second/app']) {
          const as = at(path)
          const metadata = (await as.request(OIDC)).json
          for (const [name, url] of Object.entries(metadata)) {
            if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
            const answer = await as.request(String(url), { method: 'POST' })
            expect(answer.status, name).not.toBe(404)
          }
          expect((await as.request(String(metadata.jwks_uri))).status).toBe(200)
        }
      })

      it('JK-02: has an ETag, is kept for five minutes, and answers HEAD and 304', async () => {
        const as = server()
        const first = await as.request(OIDC)
        const etag = first.headers.get('etag') ?? ''
        expect(first.headers.get('cache-control')).toBe('public, max-age=300')
        expect(await as.request(OIDC, { headers: { 'if-none-match': etag } })).toMatchObject({
          status: 304,
          text: '',
        })
        const head = await as.request(OIDC, { method: 'HEAD' })
        expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', etag])
      })

      it('duplicate slashes are collapsed, in front and in between', async () => {
        const url = server().server.url
        const expected = await documentOf(`/second/app${OIDC}`)
        for (const path of [
          `//second/app${OIDC}`,
          `/second//app///.well-known//openid-configuration`,
          `//.well-known/openid-configuration//second/app`,
        ]) {
          expect((await plainRequest(url, path)).text, path).toBe(expected)
        }
        expect((await plainRequest(url, '//.well-known//jwks.json')).status).toBe(200)
        expect((await plainRequest(url, '/oauth2//token', { method: 'POST' })).json.reason).toBe(
          'content_type_unsupported',
        )
      })

      it('JK-06: odd paths answer 404 or 400, without redirect and without a word of ours', async () => {
        const paths = [
          `${OIDC}/`,
          `${OIDC}/unknown`,
          `/second${OIDC}`,
          `/second/app/unknown${OIDC}`,
          `/SECOND/APP${OIDC}`,
          `/second/app${OIDC}.json`,
          `/.well-known/jwks`,
          '/.well-known/',
          '/../../etc/passwd',
          '/..%2f..%2fetc%2fpasswd',
          `/second/app/..${OIDC}x`,
          '/%00',
          '/%ff%fe',
          '/%',
          '/oauth2/token/',
          '/oauth2/token/x',
          '/oauth2',
          '/userinfo/alice',
          `/second/app/;${OIDC}`,
          '/OAUTH2/TOKEN',
          '/index.php',
          '/.env',
          '/.git/config',
          `/${'a'.repeat(8000)}`,
          '/oauth2/token%00',
          '/\u00e9'.normalize(),
          '/{}|^`',
        ]
        for (const path of paths) {
          const answer = await plainRequest(server().server.url, encodeURI(path).replaceAll('%25', '%'), {
            method: 'GET',
          })
          expect(answer.status, path).toBeGreaterThanOrEqual(400)
          expect(answer.status, path).toBeLessThan(500)
          expect(answer.headers.get('location')).toBeNull()
          expect(answer.text).not.toMatch(/node_modules|\.ts:|at \w+ \(|Fastify|FST_/)
        }
      })
    })
  },
  { config },
)
