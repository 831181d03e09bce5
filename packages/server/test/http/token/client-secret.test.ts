import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { plainRequest } from '../../support/raw-http.ts'
import { type Answer, basic, forEachSharedStore, forEachStore, type TestAs } from '../../support/test-as.ts'
import { SECOND_SECRET, testConfig, WEB_SECRET } from '../../support/test-config.ts'

/** All that is printable and means something in a form, in Basic or in a URL. */
const ODD_SECRET = 'a:b%41+c d/e=f&g?h#i%zz"\\~%C3%A9-0123456789'
/** Readable as form encoding of another text: the plain reading must be tried as well. */
const DECODABLE_SECRET = 'plus+and%20percent:0123456789-0123456789'
const ODD_ID = 'https://client.example/a+b%20c'

const machine = {
  grant_types: ['client_credentials' as const],
  token_endpoint_auth_method: 'client_secret_basic' as const,
}
const config = testConfig({
  clients: [
    { ...machine, client_id: 'odd', client_secret: ODD_SECRET },
    { ...machine, client_id: 'decodable', client_secret: DECODABLE_SECRET },
    { ...machine, client_id: ODD_ID, client_secret: ODD_SECRET },
    { ...machine, client_id: 'plain+id', client_secret: WEB_SECRET },
    { ...machine, client_id: 'plain id'.replace(' ', '%20'), client_secret: WEB_SECRET },
    {
      ...machine,
      client_id: 'dated',
      client_secrets: [
        { value: WEB_SECRET, expires_at: 1 },
        { value: SECOND_SECRET, expires_at: 4_102_444_800 },
      ],
    },
    {
      ...machine,
      client_id: 'post',
      client_secret: ODD_SECRET,
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
})

/** application/x-www-form-urlencoded, as RFC 6749 App. B has it. */
const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)
const encodedBasic = (id: string, secret: string) => basic(formEncode(id), formEncode(secret))
const CREDENTIALS = { grant_type: 'client_credentials', scope: 'notes:read' }

function expectUnauthenticated(answer: Answer): void {
  expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/)
  expect(answer.headers.get('cache-control')).toBe('no-store')
}

forEachSharedStore(
  (server) => {
    describe('client authentication by secret (RFC 6749 §2.3.1, RFC 7617)', () => {
      it.each([
        ['form-encoded', encodedBasic],
        ['plain', basic],
      ])('takes Basic in the %s form, whatever characters the secret holds', async (_form, header) => {
        const as = server()
        expect((await as.token(CREDENTIALS, header('odd', ODD_SECRET))).status).toBe(200)
        expect((await as.token(CREDENTIALS, header('decodable', DECODABLE_SECRET))).status).toBe(200)
        expect((await as.token(CREDENTIALS, header('plain+id', WEB_SECRET))).status).toBe(200)
        expect((await as.token(CREDENTIALS, header('plain%20id', WEB_SECRET))).status).toBe(200)
      })

      it('takes an id with a colon in the form-encoded form, which alone can carry it', async () => {
        const as = server()
        expect((await as.token(CREDENTIALS, encodedBasic(ODD_ID, ODD_SECRET))).status).toBe(200)
        expectUnauthenticated(await as.token(CREDENTIALS, basic(ODD_ID, ODD_SECRET)))
      })

      it('takes the scheme in any case, and percent-encoding in any case and also of letters', async () => {
        const as = server()
        const credentials = btoa(`%77eb:${WEB_SECRET.replace('-', '%2d').replace('-', '%2D')}`)
        for (const scheme of ['Basic', 'basic', 'BASIC', 'Basic  ']) {
          expect(
            (await as.token(CREDENTIALS, { authorization: `${scheme} ${credentials}` })).status,
            scheme,
          ).toBe(200)
        }
      })

      it('takes a client_id in the body that agrees, and refuses one that does not', async () => {
        const as = server()
        expect((await as.token({ ...CREDENTIALS, client_id: 'web' }, basic('web', WEB_SECRET))).status).toBe(
          200,
        )
        expect(
          await as.token({ ...CREDENTIALS, client_id: 'web-post' }, basic('web', WEB_SECRET)),
        ).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
      })

      it('takes client_secret_post with every character', async () => {
        expect(
          (await server().token({ ...CREDENTIALS, client_id: 'post', client_secret: ODD_SECRET })).status,
        ).toBe(200)
      })

      it('takes any of several live secrets, and refuses one that has expired', async () => {
        const as = server()
        expect((await as.token(CREDENTIALS, basic('web', WEB_SECRET))).status).toBe(200)
        expect((await as.token(CREDENTIALS, basic('web', SECOND_SECRET))).status).toBe(200)
        expect((await as.token(CREDENTIALS, basic('dated', SECOND_SECRET))).status).toBe(200)
        expectUnauthenticated(await as.token(CREDENTIALS, basic('dated', WEB_SECRET)))
        as.server.clock.set(4_102_444_800)
        expectUnauthenticated(await as.token(CREDENTIALS, basic('dated', SECOND_SECRET)))
      })

      it('takes a secretless client by client_id, or by Basic with an empty secret, and refuses any secret of it', async () => {
        const as = server()
        const browser = new FormBrowser()
        expect((await as.redeem(await as.authorize({ browser }))).status).toBe(200)
        expect(
          (await as.redeem(await as.authorize({ browser }), { client_id: null }, basic('spa', ''))).status,
        ).toBe(200)
        const authorized = await as.authorize({ browser })
        expectUnauthenticated(await as.redeem(authorized, { client_secret: 'x' }))
        expectUnauthenticated(await as.redeem(authorized, { client_id: null }, basic('spa', 'x')))
        expect((await as.redeem(authorized)).status).toBe(200)
      })

      it('TK-07: answers a wrong, empty or missing secret and an unknown client with 401 and a challenge, and burns no code', async () => {
        const as = server()
        const authorized = await as.authorize({ client: 'web' })
        const wrong = [
          'wrong',
          '',
          WEB_SECRET.slice(0, -1),
          `${WEB_SECRET} `,
          `${WEB_SECRET}x`,
          WEB_SECRET.toUpperCase(),
          formEncode('é'),
        ]
        for (const secret of wrong)
          expectUnauthenticated(await as.redeem(authorized, { client_id: null }, basic('web', secret)))
        expectUnauthenticated(await as.redeem(authorized))
        for (const id of ['nobody', 'WEB', 'web ', '__proto__', "' or 1=1 --", 'a'.repeat(5000)]) {
          expectUnauthenticated(await as.redeem(authorized, { client_id: null }, basic(id, WEB_SECRET)))
        }
        const post = { grant_type: 'client_credentials', client_id: 'web-post' }
        expectUnauthenticated(await as.token({ ...post, client_secret: 'wrong' }))
        expectUnauthenticated(await as.token({ ...post, client_secret: '' }))
        expectUnauthenticated(await as.token({ grant_type: 'authorization_code', code: authorized.code }))
        expect((await as.redeem(authorized, { client_id: null }, basic('web', WEB_SECRET))).status).toBe(200)
      })

      it('TK-08: refuses two methods at once', async () => {
        const as = server()
        const both = [
          await as.token(
            { ...CREDENTIALS, client_id: 'web', client_secret: WEB_SECRET },
            basic('web', WEB_SECRET),
          ),
          await as.token({ ...CREDENTIALS, client_secret: WEB_SECRET }, basic('web', WEB_SECRET)),
          await as.token(
            { ...CREDENTIALS, client_assertion: 'x.y.z', client_assertion_type: 'x' },
            basic('web', WEB_SECRET),
          ),
          await as.token({
            ...CREDENTIALS,
            client_id: 'web-post',
            client_secret: WEB_SECRET,
            client_assertion: 'x.y.z',
          }),
        ]
        for (const answer of both)
          expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
      })

      it('TK-09: refuses a method that the client is not registered for, though the secret is right', async () => {
        const as = server()
        expectUnauthenticated(await as.token({ ...CREDENTIALS, client_id: 'web', client_secret: WEB_SECRET }))
        expectUnauthenticated(await as.token(CREDENTIALS, basic('web-post', WEB_SECRET)))
        expectUnauthenticated(await as.token({ ...CREDENTIALS, client_id: 'web' }))
      })

      it('TK-10: answers malformed Authorization headers with 400 or 401', async () => {
        const as = server()
        const good = btoa(`web:${WEB_SECRET}`)
        const malformed: ReadonlyArray<string | readonly string[]> = [
          '',
          'Basic',
          'Basic ',
          `Basic${good}`,
          'Basic !!!!',
          'Basic ====',
          `Basic ${good.slice(0, -1)}`,
          `Basic ${good} x`,
          `Basic ${good},`,
          `Basic "${good}"`,
          `Basic ${btoa('no colon')}`,
          `Basic ${btoa(':only secret')}`,
          `Basic ${btoa('web:nul\0')}`,
          `Basic ${btoa('web:cr\r\n')}`,
          `Basic ${Buffer.from([0x77, 0xff, 0x3a, 0xfe]).toString('base64')}`,
          `Basic ${Buffer.from('web:é').toString('base64')}`,
          `Bearer ${good}`,
          `Digest username="web"`,
          `Negotiate ${good}`,
          `Basic ${'A'.repeat(15_000)}`,
          `Basic ${good}, Basic ${good}`,
          [`Basic ${good}`, `Basic ${good}`],
          [`Basic ${good}`, 'Bearer x'],
        ]
        for (const authorization of malformed) {
          const answer = await plainRequest(as.server.url, '/oauth2/token', {
            method: 'POST',
            headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams(CREDENTIALS).toString(),
          })
          expect([400, 401], JSON.stringify(authorization).slice(0, 80)).toContain(answer.status)
          expect(answer.json.error).toMatch(/^invalid_(?:client|request)$/)
          expect(answer.json).not.toHaveProperty('access_token')
        }
      })

      it('TK-27: secrets and verifiers are compared in constant time, and only their hashes', () => {
        const read = (path: string) =>
          readFileSync(new URL(`../../../src/core/${path}`, import.meta.url), 'utf8')
        const client = read('client-authentication/authenticate-client.ts')
        expect(client).toMatch(/timingSafeEqual\(known, secret\)/)
        expect(client).not.toMatch(/secretHash\s*[!=]==|===\s*(?:\w+\.)?secretHash/)
        expect(read('token/grant-types/authorization-code.ts')).toMatch(
          /timingSafeEqual\(Buffer\.from\(challenge\)/,
        )
        expect(read('tokens/refresh-token.ts')).toMatch(/timingSafeEqual\(tag/)
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('client authentication, guessing (OAuth 2.1 §2.4.1)', () => {
    it('TK-28: of 200 wrong secrets most get 429 with Retry-After, while the right one is never locked out', async () => {
      const as: TestAs = await start({ config: testConfig({ workspace: { signing_algs: ['ES256'] } }) })
      const answers: Answer[] = []
      for (let batch = 0; batch < 10; batch++) {
        const guesses = Array.from({ length: 20 }, (_, index) =>
          as.token(CREDENTIALS, basic('web', `wrong ${batch * 20 + index}`)),
        )
        answers.push(...(await Promise.all(guesses)))
        expect((await as.token(CREDENTIALS, basic('web', WEB_SECRET))).status).toBe(200)
      }
      const throttled = answers.filter(({ status }) => status === 429)
      expect(throttled.length).toBeGreaterThan(100)
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(answers.length - throttled.length)
      for (const { headers } of throttled) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await as.token(CREDENTIALS, basic('nobody', 'wrong'))).status).toBe(401)
    })

    it('TK-28: the wait ends, and one more wrong secret begins it again', async () => {
      const as = await start({ config: testConfig({ workspace: { signing_algs: ['ES256'] } }) })
      const guess = () => as.token(CREDENTIALS, basic('web', 'wrong'))
      await Promise.all(Array.from({ length: 60 }, guess))
      expect((await guess()).status).toBe(429)
      as.advance(601)
      expect((await guess()).status).toBe(401)
    })
  })
})
