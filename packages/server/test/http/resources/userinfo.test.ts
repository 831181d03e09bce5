import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { expectGoldenJson } from '../../support/golden.ts'
import { foreignKey, masked, publishedKeys } from '../../support/jwt.ts'
import { plainRequest } from '../../support/raw-http.ts'
import {
  type Answer,
  type AuthorizeOptions,
  basic,
  claimsOf,
  forEachSharedStore,
  headerOf,
  type TestAs,
} from '../../support/test-as.ts'
import { BOB, testConfig, WEB_SECRET } from '../../support/test-config.ts'

const redirect_uris = ['https://app.example/callback']
const config = testConfig({ clients: [{ client_id: 'same-scopes', redirect_uris }] })

/** RFC 6750 §3: 401 with a Bearer challenge that names the error. */
function expectInvalid(answer: Answer, what = ''): void {
  expect(answer, what).toMatchObject({ status: 401, json: { error: 'invalid_token' } })
  expect(answer.headers.get('www-authenticate'), what).toMatch(
    /^Bearer realm="[^"]*", error="invalid_token", error_description="[ !#-[\]-~]+"$/,
  )
  expect(answer.headers.get('cache-control')).toBe('no-store')
}

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = (options: AuthorizeOptions = {}) => server().login({ browser, ...options })
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

    describe('/userinfo, the token (OIDC Core §5.3.1, RFC 6750 §2)', () => {
      it('UI-01: without a token answers 401 and a Bearer challenge without error', async () => {
        for (const method of ['GET', 'POST']) {
          const answer = await server().request('/userinfo', { method })
          expect(answer.status).toBe(401)
          expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${server().issuer}"`)
        }
      })

      it('UI-02: answers a bad token with 401 invalid_token', async () => {
        for (const token of [
          'x',
          'a.b.c',
          'pixy_at_',
          `pixy_at_${'A'.repeat(50)}`,
          'pixy_rt_x',
          'A'.repeat(10_000),
        ]) {
          expectInvalid(await server().userinfo(token), token.slice(0, 20))
        }
      })

      it('UI-03: takes no token from the URL', async () => {
        const as = server()
        const { access_token } = await login()
        const inUrl = `/userinfo?access_token=${access_token}`
        expect((await as.request(inUrl)).status).toBe(401)
        expect((await as.post(inUrl, {})).status).toBe(401)
        expect((await as.request(inUrl, { headers: bearer(access_token) })).status).toBe(200)
      })

      it('takes it from the header of GET and POST, and from a form body', async () => {
        const as = server()
        const { access_token } = await login()
        const answers = [
          await as.request('/userinfo', { headers: bearer(access_token) }),
          await as.request('/userinfo', { method: 'POST', headers: bearer(access_token) }),
          await as.post('/userinfo', { access_token }),
          await as.post('/userinfo', {}, bearer(access_token)),
          await as.request('/userinfo', { headers: { authorization: `bearer ${access_token}` } }),
          await as.request('/userinfo', { headers: { authorization: `BEARER   ${access_token}` } }),
          await as.request('/userinfo', {
            method: 'POST',
            headers: { ...bearer(access_token), 'content-type': 'application/json' },
            body: '{}',
          }),
        ]
        for (const answer of answers) expect(answer.json).toEqual(answers[0]?.json)
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      })

      it('UI-04: refuses a token in header and body at once, the same or not', async () => {
        const as = server()
        const { access_token } = await login()
        for (const second of [access_token, 'x']) {
          const answer = await as.post('/userinfo', { access_token: second }, bearer(access_token))
          expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_request"/)
        }
        const twice = new URLSearchParams([
          ['access_token', access_token],
          ['access_token', access_token],
        ])
        expect(await as.post('/userinfo', twice)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request' },
        })
      })

      it('UI-05: answers malformed, foreign and repeated Authorization headers with 400 or 401', async () => {
        const { access_token } = await login()
        const headers: ReadonlyArray<string | readonly string[]> = [
          '',
          'Bearer',
          'Bearer ',
          `Bearer${access_token}`,
          `Bearer ${access_token} x`,
          `Bearer ${access_token},`,
          `Bearer "${access_token}"`,
          `Bearer ${access_token}, Bearer ${access_token}`,
          `Bearer\t${access_token}`,
          `Bearer token=${access_token}`,
          access_token,
          `Token ${access_token}`,
          `DPoP ${access_token}`,
          `Basic ${btoa(access_token)}`,
          `Bearer ${access_token}\u00e9`,
          `Bearer ${'A'.repeat(15_000)}=x`,
          [`Bearer ${access_token}`, `Bearer ${access_token}`],
          [`Bearer ${access_token}`, 'Basic x'],
          ['Basic x', `Bearer ${access_token}`],
        ]
        for (const authorization of headers) {
          const answer = await plainRequest(server().server.url, '/userinfo', { headers: { authorization } })
          expect([400, 401], JSON.stringify(authorization).slice(0, 60)).toContain(answer.status)
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
          expect(answer.json).not.toHaveProperty('sub')
        }
      })

      it.each([
        ['JWT', 'spa'],
        ['opaque', 'opaque'],
      ])('UI-06: refuses a cut, extended or changed %s token', async (_format, client) => {
        const { access_token: token } = await login({ client })
        const middle = Math.floor(token.length / 2)
        const changed = `${token.slice(0, middle)}${token[middle] === 'A' ? 'B' : 'A'}${token.slice(middle + 1)}`
        const swapped = [...token]
          .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
          .join('')
        for (const bad of [
          token.slice(0, -1),
          token.slice(1),
          `${token}A`,
          `${token}=`,
          `${token}.`,
          `${token}.x`,
          changed,
          swapped,
          token.toLowerCase(),
          token + token,
        ]) {
          expect([400, 401], bad.slice(-20)).toContain((await server().userinfo(bad)).status)
        }
        expect((await server().userinfo(token)).status).toBe(200)
      })

      it('UI-07: an ID token, a code, a refresh token and a client assertion are no access tokens', async () => {
        const as = server()
        const { id_token, refresh_token } = await login()
        const { code } = await as.authorize({ browser })
        for (const token of [id_token, refresh_token, code]) expectInvalid(await as.userinfo(token))
      })

      it('UI-08: refuses forged JWTs, each wrong in one thing', async () => {
        const as = server()
        const { access_token, id_token } = await login()
        const claims = claimsOf(access_token)
        const header = headerOf(access_token)
        const own = as.server.pixy.deps.workspaces.list()[0]?.keys.signer('RS256')
        if (!own) throw new Error('no key')
        const sign = (changed: Record<string, unknown>, extra: Record<string, unknown> = {}) =>
          new SignJWT({ ...claims, ...changed })
            .setProtectedHeader({ alg: 'RS256', ...header, ...extra })
            .sign(own.privateKey)
        expect((await as.userinfo(await sign({}))).status, 'signed as we do it').toBe(200)

        const stranger = await foreignKey('RS256', String(header.kid))
        const byStranger = (extra: Record<string, unknown>) =>
          new SignJWT(claims)
            .setProtectedHeader({ alg: 'RS256', ...header, ...extra })
            .sign(stranger.privateKey)
        const [published] = (await publishedKeys(as)).filter(({ kid }) => kid === header.kid)
        const spki = await exportSPKI((await importJWK(published ?? {}, 'RS256')) as CryptoKey)
        const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
        const hmac = (secret: string | Uint8Array) => {
          const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`
          return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
        }
        const [head = '', payload = '', signature = ''] = access_token.split('.')
        const now = as.server.clock.now()
        const forged: Readonly<Record<string, string>> = {
          'alg none': `${encode({ ...header, alg: 'none' })}.${payload}.`,
          'alg nOnE with a signature': `${encode({ ...header, alg: 'nOnE' })}.${payload}.${signature}`,
          'HS256 with the public key': hmac(spki),
          'HS256 with the modulus': hmac(Buffer.from(String(published?.n), 'base64url')),
          'HS256 with the kid': hmac(String(header.kid)),
          'a foreign key under our kid': await byStranger({}),
          'an embedded jwk': await byStranger({ jwk: stranger.jwk }),
          'a jku': await byStranger({ jku: 'https://evil.example/jwks.json' }),
          'an x5u': await byStranger({ x5u: 'https://evil.example/cert.pem' }),
          'an unknown kid': await sign({}, { kid: 'key_unknown' }),
          'no kid': await sign({}, { kid: undefined }),
          'a kid that is a path': await sign({}, { kid: '../../../../../dev/null' }),
          'a kid that is SQL': await sign({}, { kid: "x' or '1'='1" }),
          'a changed payload': `${head}.${encode({ ...claims, sub: 'usr_other' })}.${signature}`,
          'no signature': `${head}.${payload}.`,
          'a zero signature': `${head}.${payload}.${Buffer.alloc(256).toString('base64url')}`,
          'the alg of another key': `${encode({ ...header, alg: 'PS256' })}.${payload}.${signature}`,
          'typ JWT': await sign({}, { typ: 'JWT' }),
          'no typ': await sign({}, { typ: undefined }),
          'an unknown crit': `${encode({ ...header, crit: ['x'], x: 1 })}.${payload}.${signature}`,
          'an expired one': await sign({ exp: now - 1 }),
          'no exp': await sign({ exp: undefined }),
          'another issuer': await sign({ iss: 'https://evil.example' }),
          'two audiences': await sign({ aud: [as.issuer, 'https://evil.example'] }),
          'no jti': await sign({ jti: undefined }),
          'an unknown grant': await sign({ jti: 'grant_unknown.x' }),
          'an unknown client': await sign({ client_id: 'nobody' }),
          'an ID token with our typ': `${encode({ ...headerOf(id_token), typ: 'at+jwt' })}.${id_token.split('.').slice(1).join('.')}`,
        }
        for (const [what, token] of Object.entries(forged)) expectInvalid(await as.userinfo(token), what)
      })

      it('UI-10: a token without openid answers 403 insufficient_scope and names what is missing', async () => {
        const { access_token } = await login({ scope: 'email' })
        const answer = await server().userinfo(access_token)
        expect(answer).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
        expect(answer.headers.get('www-authenticate')).toMatch(
          /^Bearer .*error="insufficient_scope".*scope="openid"/,
        )
        expect(answer.json).not.toHaveProperty('email')
      })

      it('UI-11: GET and POST, and nothing else', async () => {
        const { access_token } = await login()
        for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD']) {
          const answer = await server().request('/userinfo', { method, headers: bearer(access_token) })
          expect(answer.status, method).toBe(405)
          expect(answer.headers.get('allow')).toBe('GET, POST')
          expect(answer.text).not.toContain('alice')
        }
      })

      it('UI-12: an expired token answers 401', async () => {
        for (const client of ['spa', 'opaque']) {
          const { access_token } = await login({ client })
          server().advance(601)
          expectInvalid(await server().userinfo(access_token), client)
        }
      })

      it('a token for another API of this issuer is good here, where it has openid', async () => {
        const { access_token } = await login({ parameters: { resource: 'https://other.example' } })
        expect((await server().userinfo(access_token)).status).toBe(200)
      })
    })

    describe('/userinfo, the claims (OIDC Core §5.3.2, §5.4, §5.5)', () => {
      const infoFor = async (options: AuthorizeOptions): Promise<Record<string, unknown>> => {
        const answer = await server().userinfo((await login(options)).access_token)
        expect(answer.status).toBe(200)
        return answer.json
      }

      it('UI-09: sub is that of the ID token, and nobody may keep the answer', async () => {
        const { access_token, id_token } = await login()
        const answer = await server().userinfo(access_token)
        expect(answer.json.sub).toBe(claimsOf(id_token).sub)
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(answer.headers.get('content-type')).toMatch(/^application\/json(?:;|$)/)
      })

      it('each scope brings its own claims, and openid alone the sub', async () => {
        const byScope: Record<string, unknown> = {}
        for (const scope of [
          'openid',
          'openid profile',
          'openid email',
          'openid address',
          'openid phone',
          'openid profile email address phone notes:read',
        ]) {
          byScope[scope] = masked(await infoFor({ scope }))
        }
        expectGoldenJson('tokens/userinfo.json', byScope)
      })

      it('what the user left out on the consent page does not come', async () => {
        const fresh = new FormBrowser()
        const { access_token, scope } = await server().login({
          browser: fresh,
          client: 'same-scopes',
          user: BOB,
          scope: 'openid profile email',
          allow: ['email'],
        })
        expect(scope).toBe('openid email')
        const { json } = await server().userinfo(access_token)
        expect(json).toMatchObject({ email: BOB.username, email_verified: false })
        expect(json).not.toHaveProperty('name')
      })

      it('the claims parameter adds single claims, and leaves out those that have another value', async () => {
        const claims = JSON.stringify({
          userinfo: {
            birthdate: { essential: true },
            locale: { value: 'de' },
            zoneinfo: { values: ['UTC', 'Europe/Berlin'] },
            given_name: null,
          },
        })
        const info = await infoFor({ scope: 'openid', parameters: { claims } })
        const { sub } = info
        expect(info).toEqual({ sub, birthdate: '1990-01-02', zoneinfo: 'Europe/Berlin', given_name: 'Alice' })
      })

      it('claims of the record reach the next answer, and can never replace the sub', async () => {
        const as: TestAs = server()
        const { access_token, id_token } = await login({ user: BOB, browser: new FormBrowser() })
        const change = {
          username: BOB.username,
          claims: {
            nickname: 'Al',
            sub: 'usr_evil',
            iss: 'https://evil.example',
            __proto__: { polluted: true },
          },
        }
        await as.request(`${as.server.url}/__test/users`, { method: 'POST', body: JSON.stringify(change) })
        const { json } = await as.userinfo(access_token)
        expect(json).toMatchObject({ nickname: 'Al', sub: claimsOf(id_token).sub })
        expect(json).not.toHaveProperty('iss')
      })

      it('a body of a wrong type beside the header is not read', async () => {
        const { access_token } = await login()
        const answer = await server().request('/userinfo', {
          method: 'POST',
          headers: { ...bearer(access_token), 'content-type': 'text/xml' },
          body: '<x/>',
        })
        expect(answer.status).toBe(200)
        expect(
          (await server().request('/userinfo', { method: 'POST', headers: basic('web', WEB_SECRET) })).status,
        ).toBe(401)
      })
    })
  },
  { config },
)
