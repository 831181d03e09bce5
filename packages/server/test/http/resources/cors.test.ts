import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { plainRequest } from '../../support/raw-http.ts'
import { type Answer, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const APP = 'https://app.example'
const config = testConfig({
  clients: [
    {
      client_id: 'own-origins',
      redirect_uris: ['https://redirect.example/callback'],
      web_origins: ['https://front.example'],
    },
    { client_id: 'local', redirect_uris: ['http://localhost:3000/callback'] },
  ],
})
const FOREIGN = [
  'https://evil.example',
  'null',
  'http://app.example',
  'https://app.example:8443',
  'https://app.example.evil.example',
  'https://sub.app.example',
  'https://APP.example',
  `${APP}/`,
  `${APP},https://evil.example`,
  '*',
  '',
]

const METADATA = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/jwks.json',
]
const FOR_CLIENTS = ['/oauth2/token', '/oauth2/revoke', '/userinfo']
const CLOSED = [
  '/oauth2/authorize',
  '/oauth2/introspect',
  '/oauth2/logout',
  '/sign-in',
  '/sign-up',
  '/consent',
  '/select-account',
  '/continue',
  '/sign-out',
  '/signed-out',
  '/unknown',
  '/healthz',
  '/docs',
]

forEachSharedStore(
  (server) => {
    const ask = (path: string, method: string, origin: string): Promise<Answer> =>
      plainRequest(server().server.url, path, {
        method,
        headers: {
          origin,
          ...(method === 'OPTIONS'
            ? { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
            : {}),
        },
      })
    const allowed = (answer: Answer) => answer.headers.get('access-control-allow-origin')

    describe('CORS (RFC 9700 §2.6, Fetch)', () => {
      it('CO-01: no answer anywhere allows credentials or a private network', async () => {
        for (const path of [...METADATA, ...FOR_CLIENTS, ...CLOSED]) {
          for (const origin of [APP, ...FOREIGN.slice(0, 4)]) {
            for (const method of ['OPTIONS', 'GET', 'POST']) {
              const { headers, status } = await ask(path, method, origin)
              expect(headers.has('access-control-allow-credentials'), `${method} ${path}`).toBe(false)
              expect(headers.has('access-control-allow-private-network')).toBe(false)
              expect(status, `${method} ${path}`).toBeLessThan(500)
            }
          }
        }
      })

      it.each(CLOSED)('CO-02, CO-05: %s is read by no other origin', async (path) => {
        for (const origin of [APP, 'https://evil.example']) {
          for (const method of ['OPTIONS', 'GET', 'POST']) {
            const { headers } = await ask(path, method, origin)
            expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
          }
        }
      })

      it.each(FOR_CLIENTS)('CO-03: %s is read by the origins of clients', async (path) => {
        for (const origin of [APP, 'https://front.example', 'http://localhost:3000']) {
          const preflight = await ask(path, 'OPTIONS', origin)
          expect([preflight.status, allowed(preflight)]).toEqual([204, origin])
          expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
          const headers = preflight.headers.get('access-control-allow-headers')?.split(/, ?/)
          expect(headers).toEqual(expect.arrayContaining(['authorization', 'content-type']))
          expect(Number(preflight.headers.get('access-control-max-age'))).toBeGreaterThan(0)
          const answer = await ask(path, 'POST', origin)
          expect(allowed(answer)).toBe(origin)
          for (const { headers: answered } of [preflight, answer])
            expect(answered.get('vary')?.toLowerCase()).toContain('origin')
        }
      })

      it.each(FOR_CLIENTS)(
        'CO-04: %s is read by no foreign origin, and caches know that it depends',
        async (path) => {
          for (const origin of [...FOREIGN, 'https://redirect.example']) {
            for (const method of ['OPTIONS', 'POST']) {
              const answer = await ask(path, method, origin)
              expect(allowed(answer), `${method} ${origin}`).toBeNull()
              expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin')
            }
          }
        },
      )

      it.each(METADATA)('CO-06: %s is read by all', async (path) => {
        for (const origin of [APP, ...FOREIGN]) {
          expect(allowed(await ask(path, 'GET', origin))).toBe('*')
          const preflight = await ask(path, 'OPTIONS', origin)
          expect([preflight.status, allowed(preflight)]).toEqual([204, '*'])
          expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(
            'mcp-protocol-version',
          )
        }
        const plain = await server().request(path)
        expect(allowed(plain)).toBe('*')
        const again = await server().request(path, {
          headers: { origin: APP, 'if-none-match': plain.headers.get('etag') ?? '' },
        })
        expect([again.status, allowed(again)]).toEqual([304, '*'])
      })

      it('CO-03: a client’s answers are for its own origins, not for those of others', async () => {
        const as = server()
        const browser = new FormBrowser()
        const authorized = await as.authorize({ browser })
        const foreign = await as.redeem(authorized, {}, { origin: 'https://front.example' })
        expect([foreign.status, allowed(foreign)]).toEqual([200, null])
        const tokens = await as.login({ browser })
        const info = (origin: string) =>
          as.request('/userinfo', { headers: { origin, authorization: `Bearer ${tokens.access_token}` } })
        expect(allowed(await info('https://front.example'))).toBeNull()
        expect(allowed(await info(APP))).toBe(APP)
        const refreshed = await as.token(
          { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: 'spa' },
          { origin: APP },
        )
        expect([refreshed.status, allowed(refreshed)]).toEqual([200, APP])
      })

      it('CO-03: errors can be read too, with the headers that tell what to do', async () => {
        const as = server()
        const refused = await as.token(
          { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'spa' },
          { origin: APP },
        )
        expect([refused.status, allowed(refused)]).toEqual([400, APP])
        const unknown = await as.token({ grant_type: 'refresh_token', client_id: 'nobody' }, { origin: APP })
        expect([unknown.status, allowed(unknown)]).toEqual([401, APP])
        const invalid = await as.request('/userinfo', { headers: { origin: APP, authorization: 'Bearer x' } })
        expect([invalid.status, allowed(invalid)]).toEqual([401, APP])
        const exposed = invalid.headers.get('access-control-expose-headers')?.toLowerCase()
        for (const name of ['www-authenticate', 'retry-after']) expect(exposed).toContain(name)
      })

      it('CO-03: who may read an error does not tell whether there is such a client', async () => {
        const FRONT = 'https://front.example'
        for (const origin of [FRONT, APP, 'https://evil.example']) {
          const read = async (clientId: string) => {
            const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }
            return allowed(await server().token({ ...form, client_secret: 'wrong' }, { origin }))
          }
          const unknown = await read('nobody')
          expect(unknown).toBe(origin === 'https://evil.example' ? null : origin)
          for (const clientId of ['spa', 'web-post', 'own-origins'])
            expect(await read(clientId), `${clientId}, ${origin}`).toBe(unknown)
        }
      })

      it('a preflight issues nothing and needs no credentials', async () => {
        const answer = await ask('/oauth2/token', 'OPTIONS', APP)
        expect(answer.text).toBe('')
        expect(answer.headers.get('set-cookie')).toBeNull()
      })
    })
  },
  { config },
)
