import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { sendBytes, statusesOf } from '../../support/raw-http.ts'
import { type Answer, basic, forEachSharedStore, type TestAs, type Tokens } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const CODE_ONLY = {
  client_id: 'code-only',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code'],
} as const
const config = testConfig({
  clients: [
    { ...CODE_ONLY, grant_types: [...CODE_ONLY.grant_types], redirect_uris: [...CODE_ONLY.redirect_uris] },
  ],
})
const FORM = 'application/x-www-form-urlencoded'

/** RFC 6749 §5.2: an error as JSON that nobody keeps, its texts in the RFC's character set, and nothing else of ours. */
function expectError(answer: Answer, status: number | readonly number[], error: string | RegExp): void {
  expect([status].flat()).toContain(answer.status)
  expect(answer.json.error).toMatch(error)
  expect(answer.json.error_description).toMatch(/^[ !#-[\]-~]+$/)
  expect(answer.json).not.toHaveProperty('access_token')
  expect(answer.headers.get('content-type')).toMatch(/^application\/json(?:;|$)/)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('location')).toBeNull()
}

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const authorize = (options: Parameters<TestAs['authorize']>[0] = {}) =>
      server().authorize({ browser, ...options })
    /** The form of a redemption that would succeed. */
    const goodForm = async (): Promise<Record<string, string>> => {
      const { code, verifier, redirectUri, client } = await authorize()
      return {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: client,
        code_verifier: verifier,
      }
    }

    describe('/oauth2/token, the request (RFC 6749 §3.2)', () => {
      it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD'])(
        'TK-02: %s issues nothing, and Allow names POST',
        async (method) => {
          const as = server()
          const form = await goodForm()
          const query = `?${new URLSearchParams(form)}`
          const init =
            method === 'GET' || method === 'HEAD'
              ? {}
              : { headers: { 'content-type': FORM }, body: new URLSearchParams(form).toString() }
          const answer = await as.request(`/oauth2/token${query}`, { method, ...init })
          expect(answer.status).toBe(405)
          expect(answer.headers.get('allow')).toBe('POST')
          expect((await as.token(form)).status).toBe(200)
        },
      )

      it('TK-03: refuses JSON, text, multipart, XML and no Content-Type, and leaves the code to its owner', async () => {
        const as = server()
        const form = await goodForm()
        const encoded = new URLSearchParams(form).toString()
        const multipart = Object.entries(form)
          .map(([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
          .join('')
        const bodies: ReadonlyArray<readonly [string | undefined, string]> = [
          ['application/json', JSON.stringify(form)],
          ['application/json', encoded],
          ['text/plain', encoded],
          ['multipart/form-data; boundary=x', `${multipart}--x--\r\n`],
          ['application/xml', `<form><code>${form.code}</code></form>`],
          ['application/x-www-form-urlencoded-x', encoded],
          ['application/x-www-form-urlencoded; charset=utf-16', encoded],
          ['nonsense', encoded],
          ['', encoded],
          [undefined, encoded],
        ]
        for (const [type, body] of bodies) {
          const answer = await as.request('/oauth2/token', {
            method: 'POST',
            headers: type === undefined ? {} : { 'content-type': type },
            body: type === undefined ? new TextEncoder().encode(body) : body,
          })
          expectError(answer, [400, 415], 'invalid_request')
        }
        expect((await as.token(form)).status).toBe(200)
      })

      it.each([
        'Application/X-WWW-Form-Urlencoded',
        `${FORM}; charset=UTF-8`,
        `${FORM};charset="utf-8"`,
        `${FORM} ; foo=bar`,
      ])('accepts the Content-Type %s', async (type) => {
        const as = server()
        const body = new URLSearchParams(await goodForm()).toString()
        expect(
          (await as.request('/oauth2/token', { method: 'POST', headers: { 'content-type': type }, body }))
            .status,
        ).toBe(200)
      })

      it('TK-04: refuses a missing, unknown or padded grant_type', async () => {
        const as = server()
        const { grant_type: _, ...rest } = await goodForm()
        expectError(await as.token(rest), 400, 'invalid_request')
        const others = [
          'password',
          'implicit',
          'Authorization_Code',
          ' authorization_code',
          'authorization_code ',
          'authorization_code\n',
          '__proto__',
          'constructor',
          'urn:ietf:params:oauth:grant-type:saml2-bearer',
        ]
        for (const name of others)
          expectError(
            await as.token({ ...rest, grant_type: name }),
            400,
            /^(?:unsupported_grant_type|invalid_request)$/,
          )
        const password = {
          grant_type: 'password',
          username: 'alice@example.com',
          password: 'alice knows a long password',
          client_id: 'spa',
        }
        expectError(await as.token(password), 400, 'unsupported_grant_type')
        expect((await as.token({ ...rest, grant_type: 'authorization_code' })).status).toBe(200)
      })

      it('TK-05: refuses each parameter that is sent twice, with the same value or another', async () => {
        const as = server()
        const form: Record<string, string> = { ...(await goodForm()), scope: 'openid' }
        for (const [name, value] of Object.entries(form)) {
          for (const second of [value, `${value}x`, '']) {
            const body = new URLSearchParams(form)
            body.append(name, second)
            expectError(await as.token(body), [400, 401], /^invalid_(?:request|client)$/)
          }
        }
        for (const name of ['client_secret', 'client_assertion', 'refresh_token', 'unknown']) {
          const body = new URLSearchParams([...Object.entries(form), [name, 'a'], [name, 'b']])
          expectError(await as.token(body), [400, 401], /^invalid_(?:request|client)$/)
        }
        expect((await as.token(form)).status).toBe(200)
      })

      it('TK-06: takes nothing from the query', async () => {
        const as = server()
        const form = await goodForm()
        const { code, ...rest } = form
        const inQuery = (query: Record<string, string>, body: Record<string, string>, headers = {}) =>
          as.post(`/oauth2/token?${new URLSearchParams(query)}`, body, headers)
        expectError(await inQuery(form, {}), 400, 'invalid_request')
        expectError(await inQuery({ code: code ?? '' }, rest), 400, 'invalid_request')
        expectError(
          await inQuery(
            { client_id: 'web-post', client_secret: WEB_SECRET },
            { grant_type: 'client_credentials' },
          ),
          [400, 401],
          /^invalid_/,
        )
        expectError(
          await inQuery(
            { client_secret: WEB_SECRET },
            { grant_type: 'client_credentials' },
            basic('web', WEB_SECRET),
          ),
          400,
          'invalid_request',
        )
        expect((await as.token(form)).status).toBe(200)
      })

      it('TK-18: refuses malformed encoding, NUL, invalid UTF-8 and absurd bodies', async () => {
        const as = server()
        const good = new URLSearchParams(await goodForm()).toString()
        const bodies: ReadonlyArray<string | Uint8Array> = [
          `${good}&x=%`,
          `${good}&x=%2`,
          `${good}&x=%zz`,
          `${good}&x=%ff`,
          `${good}&x=%c0%80`,
          `${good}&x=%ed%a0%80`,
          `${good}&%00=x`,
          `${good}&x=%00`,
          `${good}&x=\0`,
          Buffer.concat([Buffer.from(`${good}&x=`), Buffer.from([0xff, 0xfe])]),
          Buffer.concat([Buffer.from(`${good}&x=`), Buffer.from([0xc3])]),
          Buffer.from(good, 'utf16le'),
          '',
          '&',
          '=',
          '&&&&===',
          'x'.repeat(60_000),
          '&a=b'.repeat(15_000),
          '{}',
        ]
        for (const body of bodies) {
          const answer = await as.request('/oauth2/token', {
            method: 'POST',
            headers: { 'content-type': FORM },
            body: body as BodyInit,
          })
          expectError(answer, [400, 401], /^invalid_(?:request|client)$/)
        }
        expect((await as.token(new URLSearchParams(good))).status).toBe(200)
      })

      it('TK-18: a byte order mark, unknown parameters and an empty value harm nobody', async () => {
        const as = server()
        const form = { ...(await goodForm()), scope: '', unknown: 'x', ключ: 'значение' }
        expect((await as.token(form)).status).toBe(200)
      })

      it('TK-19: answers a body of 1 MB or 2 MiB with 413, a declared 99 GB too, and stays alive', async () => {
        const as = server()
        const head = (length: number) =>
          `POST /oauth2/token HTTP/1.1\r\nHost: ${new URL(as.issuer).host}\r\nContent-Type: ${FORM}\r\nContent-Length: ${length}\r\n\r\n`
        for (const size of [65_537, 1_000_000, 2 * 1024 * 1024]) {
          const received = await sendBytes(as.issuer, head(size) + 'a'.repeat(size), { first: true })
          expect(statusesOf(received)[0], `${size} bytes`).toBe(413)
        }
        const declared = await sendBytes(as.issuer, `${head(99_000_000_000)}grant_type=`, { first: true })
        expect(statusesOf(declared)[0]).toBe(413)
        const absurd = await sendBytes(
          as.issuer,
          head(1e20).replace('100000000000000000000', '99999999999999999999999'),
          { first: true },
        )
        expect(statusesOf(absurd)[0]).toBe(400)
        expect((await as.token(await goodForm())).status).toBe(200)
      })

      it('TK-19: answers a chunked body without end with 413', async () => {
        const as = server()
        const head = `POST /oauth2/token HTTP/1.1\r\nHost: ${new URL(as.issuer).host}\r\nContent-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`
        const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
        expect(statusesOf(await sendBytes(as.issuer, head + chunk + chunk, { first: true }))[0]).toBe(413)
      })

      it('a body of exactly 64 KiB is read', async () => {
        const as = server()
        const good = new URLSearchParams(await goodForm()).toString()
        const body = `${good}&x=`.padEnd(65_536, 'a')
        expect(
          (await as.request('/oauth2/token', { method: 'POST', headers: { 'content-type': FORM }, body }))
            .status,
        ).toBe(200)
      })
    })

    describe('/oauth2/token, errors and registration (RFC 6749 §5.2)', () => {
      it('TK-22: names the reason, its page and the flow, and in development what to do', async () => {
        const { json } = await server().token({ ...(await goodForm()), code: 'unknown' })
        expect(json).toMatchObject({
          error: 'invalid_grant',
          reason: 'code_unknown',
          error_uri: `${server().server.url}/docs/errors/code_unknown`,
          flow: expect.stringMatching(/^flow_[A-Za-z0-9]{22}$/),
          fix: expect.any(String),
        })
      })

      it('TK-29: a grant type that the client is not registered for is exactly unauthorized_client', async () => {
        const as = server()
        expectError(
          await as.token({ grant_type: 'client_credentials', client_id: 'spa' }),
          400,
          /^unauthorized_client$/,
        )
        expectError(
          await as.token({ grant_type: 'refresh_token', refresh_token: 'x', client_id: 'code-only' }),
          400,
          /^unauthorized_client$/,
        )
        const post = { client_id: 'web-post', client_secret: WEB_SECRET }
        expectError(
          await as.token({ grant_type: 'client_credentials', ...post }),
          400,
          /^unauthorized_client$/,
        )
      })

      it('a client without the refresh_token grant gets no refresh token, whatever scope was granted', async () => {
        const tokens: Tokens = await server().login({ browser, client: 'code-only' })
        expect(tokens.scope).toContain('offline_access')
        expect(tokens).not.toHaveProperty('refresh_token')
      })
    })
  },
  { config },
)

forEachSharedStore(
  (server) => {
    describe('/oauth2/token in production (RFC 6749 §5.2)', () => {
      it('TK-22: tells the public neither received and expected values nor how an unknown client differs from a wrong secret', async () => {
        const as = server()
        const { code_verifier: _, ...form } = {
          grant_type: 'authorization_code',
          code: 'x',
          client_id: 'spa',
          code_verifier: 'x',
        }
        const unknownCode = await as.token(form)
        expect(Object.keys(unknownCode.json).sort()).toEqual([
          'error',
          'error_description',
          'error_uri',
          'flow',
          'reason',
        ])
        const credentials = { grant_type: 'client_credentials' }
        const answers = [
          await as.token(credentials, basic('web', 'wrong')),
          await as.token(credentials, basic('nobody', 'wrong')),
          await as.token(credentials, basic('web-post', WEB_SECRET)),
          await as.token({ ...credentials, client_id: 'web' }),
        ]
        const [first, ...others] = answers.map(({ status, json: { flow: _flow, ...json } }) => ({
          status,
          json,
        }))
        expect(first?.status).toBe(401)
        for (const other of others) expect(other).toEqual(first)
      })
    })
  },
  { production: true },
)
