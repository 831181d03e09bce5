import { describe, expect, it } from 'vitest'
import { plainRequest, sendBytes, statusesOf } from '../../support/raw-http.ts'
import { type Answer, forEachSharedStore, forEachStore, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const METADATA = '/.well-known/openid-configuration'

/** What an answer holds, but for what differs from request to request. */
const content = ({ status, headers, text }: Answer) => ({
  status,
  location: headers.get('location')?.replace(/flow_[A-Za-z0-9]+/, 'flow'),
  text: text.replace(/flow_[A-Za-z0-9]+/g, 'flow').replace(/(name="csrf" value=")[^"]*/, '$1'),
})

forEachSharedStore((server) => {
  const get = (path: string, headers: Readonly<Record<string, string | readonly string[]>> = {}) =>
    plainRequest(server().server.url, path, { headers })
  const own = () => new URL(server().server.url).host

  describe('the public origin comes from the configuration alone (RFC 9700 §4.13, RFC 9110 §7.4)', () => {
    const forwarded: ReadonlyArray<Readonly<Record<string, string>>> = [
      { 'x-forwarded-host': 'evil.example' },
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-port': '8443' },
      { 'x-forwarded-for': '203.0.113.1', 'x-real-ip': '203.0.113.1' },
      { forwarded: 'for=203.0.113.1;host=evil.example;proto=https' },
      { 'x-forwarded-prefix': '/evil', 'x-original-url': '/evil', 'x-rewrite-url': '/evil' },
      {
        'x-host': 'evil.example',
        'x-forwarded-server': 'evil.example',
        'x-http-host-override': 'evil.example',
      },
      { 'x-forwarded-host': 'evil.example, evil2.example', 'x-forwarded-proto': 'javascript' },
      { origin: 'https://evil.example', referer: 'https://evil.example/' },
      { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
    ]

    it('JK-04: forwarded headers change neither metadata nor redirects, pages and errors', async () => {
      const as = server()
      const login = as.authorizationUrl().url.slice(as.server.url.length)
      const begun = await get(login)
      const cookie = begun.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ')
      const page = new URL(begun.headers.get('location') ?? '')
      const paths = [
        METADATA,
        login,
        page.pathname + page.search,
        '/sign-out',
        '/oauth2/logout',
        '/unknown',
        '/userinfo',
        '/oauth2/authorize',
      ]
      for (const path of paths) {
        const plain = content(await get(path, { cookie }))
        for (const headers of forwarded) {
          expect(
            content(await get(path, { cookie, ...headers })),
            `${path} ${JSON.stringify(headers)}`,
          ).toEqual(plain)
        }
      }
    })

    it.each([
      'evil.example',
      'evil.example:80',
      'localhost',
      'localhost:1',
      '127.0.0.1',
      '[::1]',
      'localhost.',
      'xlocalhost',
      '%6cocalhost',
      'localhost@evil.example',
      '-',
      '..',
      "'",
      'a'.repeat(5000),
    ])('JK-07: answers the Host %s with 421, and names it nowhere in production', async (host) => {
      for (const path of [METADATA, '/oauth2/authorize', '/sign-in', '/docs', '/', '/unknown']) {
        const answer = await get(path, { host })
        expect([400, 421], path).toContain(answer.status)
        expect(answer.headers.get('location')).toBeNull()
        expect(answer.headers.get('set-cookie')).toBeNull()
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
      }
      const post = await plainRequest(server().server.url, '/oauth2/token', {
        method: 'POST',
        headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=x',
      })
      expect([400, 421]).toContain(post.status)
    })

    it('JK-07: takes its own Host in any case, and tells by no answer which hosts there are', async () => {
      expect((await get(METADATA, { host: own().toUpperCase() })).json.issuer).toBe(server().issuer)
      const [a, b] = [await get('/', { host: 'a.example' }), await get('/', { host: 'b.example' })]
      expect(a.text.replaceAll('a.example', '')).toBe(b.text.replaceAll('b.example', ''))
    })

    it('JK-07: a request line with an absolute address does not move it', async () => {
      for (const target of ['http://evil.example', `http://${own()}`]) {
        const received = await sendBytes(
          server().server.url,
          `GET ${target}${METADATA} HTTP/1.1\r\nHost: ${own()}\r\nConnection: close\r\n\r\n`,
        )
        expect(received).not.toContain('evil.example/oauth2')
        for (const status of statusesOf(received)) expect([200, 400, 404, 421]).toContain(status)
      }
    })

    it('health answers under any name, and says nothing more', async () => {
      for (const path of ['/healthz', '/readyz']) {
        const answer = await get(path, { host: '10.0.0.7:4000' })
        expect(answer.status).toBe(200)
        expect(Object.keys(answer.json)).toEqual(['status'])
      }
    })
  })
})

forEachStore((start) => {
  describe('hosts of tenants', () => {
    it('an own origin and further hosts answer for the tenant, with its issuer, and for it alone', async () => {
      const base = testConfig({ workspace: { signing_algs: ['ES256'] } })
      const as: TestAs = await start({
        config: {
          ...base,
          tenants: [
            ...(base.tenants ?? []),
            {
              id: 'eu',
              url: 'https://eu.example',
              hosts: ['login.eu.example'],
              workspaces: [
                { id: 'main', path: '/', signing_algs: ['ES256'] },
                { id: 'lab', path: '/lab', signing_algs: ['ES256'] },
              ],
            },
          ],
        },
      })
      const issuerAt = async (host: string, path = METADATA) =>
        (await plainRequest(as.server.url, path, { headers: { host } })).json.issuer
      expect(await issuerAt('eu.example')).toBe('https://eu.example')
      expect(await issuerAt('login.eu.example')).toBe('https://eu.example')
      expect(await issuerAt('EU.Example')).toBe('https://eu.example')
      expect(await issuerAt('eu.example', `/lab${METADATA}`)).toBe('https://eu.example/lab')
      expect(await issuerAt('eu.example', `${METADATA}/lab`)).toBe('https://eu.example/lab')
      expect(await issuerAt(new URL(as.server.url).host)).toBe(as.server.url)
      const lab = await plainRequest(as.server.url, `/lab${METADATA}`)
      expect(lab.status).toBe(404)
      const foreign = await plainRequest(as.server.url, METADATA, { headers: { host: 'lab.eu.example' } })
      expect(foreign.status).toBe(421)
    })

    it('JK-07: in production 421 says neither which host was asked for nor which there are', async () => {
      const as = await start({
        production: true,
        config: testConfig({ workspace: { signing_algs: ['ES256'] } }),
      })
      const answer = await plainRequest(as.server.url, '/', { headers: { host: 'evil.example' } })
      expect(answer.status).toBe(421)
      expect(answer.text).not.toContain('evil.example')
      expect(answer.json).not.toHaveProperty('expected')
    })
  })
})
