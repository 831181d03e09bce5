import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { errorOn, expectRefused, lastRefusal, open, openUrl } from '../../support/authorization.ts'
import { type Answer, claimsOf, forEachSharedStore, headerOf } from '../../support/test-as.ts'
import { WEB_SECRET } from '../../support/test-config.ts'
import {
  atmOptions,
  auth,
  CALLBACK,
  exchange,
  hex,
  loginUrl,
  postJson,
  refresh,
  SECRET,
  VERIFIER,
} from './support.ts'

/** What the standard's error page says of a client that does not list the dialect. */
const REDO = 'pixy client update strict --add-dialect atm'

forEachSharedStore((as) => {
  /** A refusal by one of the dialect's own routes, and what its owner is told. */
  function expectOff({ status, json }: Answer) {
    expect([status, json.error, json.reason]).toEqual([400, 'invalid_request', 'dialect_off'])
    expect(json.fix).toContain(REDO)
    return { fix: String(json.fix), expected: String(json.expected) }
  }

  describe('a client that does not list atm, at the routes of atm', () => {
    it('S0-07 strict: GET /login is a page that names the standard request', async () => {
      const { page, response } = await openUrl(new FormBrowser(), loginUrl(as(), { clientId: 'strict' }))
      expect(response).toBeUndefined()
      expect([page.status, errorOn(page).reason]).toEqual([400, 'dialect_off'])
      const { expected, fix } = await lastRefusal(as())
      expect(expected).toContain(`GET ${as().issuer}/oauth2/authorize?response_type=code&client_id=strict&`)
      expect(expected).toContain('code_challenge_method=S256')
      expect(fix).toContain('Send the browser to /oauth2/authorize with client_id, response_type=code')
      expect(fix).toContain(REDO)
    })

    it('S0-32 S0-33 strict: POST /auth tries no password, and names the authorization endpoint', async () => {
      const answer = await auth(as(), { clientId: 'strict' })
      const { expected, fix } = expectOff(answer)
      expect(expected).toContain(`GET ${as().issuer}/oauth2/authorize?`)
      expect(fix).toContain('No standard lets an application take the password')
      expect(answer.json).not.toHaveProperty('code')
      expect(answer.json).not.toHaveProperty('redirectUrl')
    })

    it('S0-34 S0-35 strict: POST /auth/token gives no tokens, and names the form', async () => {
      const { code, verifier } = await as().authorize({ client: 'strict' })
      const answer = await exchange(as(), code, { clientId: 'strict', code_verifier: verifier })
      const { expected, fix } = expectOff(answer)
      expect(expected).toContain(`POST ${as().issuer}/oauth2/token`)
      expect(expected).toContain('grant_type=authorization_code&code=…&code_verifier=…&client_id=strict')
      expect(fix).toContain('in place of grant_types, clientId and clientSecret')
      for (const name of ['access_token', 'id_token', 'exp_access_token'])
        expect(answer.json).not.toHaveProperty(name)
    })

    it('S0-38 strict: POST /auth/token refreshes nothing, and names the form', async () => {
      const tokens = await as().login({ client: 'strict' }, { client_secret: SECRET })
      const answer = await refresh(as(), { ...tokens, exp_access_token: 600 }, { clientId: 'strict' })
      expect(expectOff(answer).expected).toContain(
        'grant_type=refresh_token&refresh_token=…&client_id=strict',
      )
      const again = await as().refresh(tokens.refresh_token, { client_id: 'strict', client_secret: SECRET })
      expect(again.status).toBe(200)
    })
  })

  describe('the words of atm at the standard endpoints', () => {
    const request = (parameters: Readonly<Record<string, string | null>>) =>
      open(as(), new FormBrowser(), { client: 'strict', parameters })

    it('S0-27 strict: clientId at /oauth2/authorize is no client_id', async () => {
      const { page } = await request({ client_id: null, clientId: 'strict' })
      expect(errorOn(page).reason).toBe('client_id_missing')
      expect(await lastRefusal(as())).toMatchObject({ received: 'clientId', expected: 'client_id' })
    })

    it('S0-27 strict: a request without response_type is refused', async () => {
      const { reason, fix } = await refusedAt({ response_type: null })
      expect(reason).toBe('response_type_missing')
      expect(fix).toContain('response_type=code')
    })

    it.each(['SHA256', 'SHA246', 'SHA512'])('S0-28 strict: the method %s is refused', async (method) => {
      const { reason, expected, fix } = await refusedAt({
        code_challenge: hex(VERIFIER, method === 'SHA512' ? 'sha512' : 'sha256'),
        code_challenge_method: method,
      })
      expect([reason, expected]).toEqual(['code_challenge_method_unsupported', 'S256'])
      expect(fix).toContain('S256')
    })

    it('S0-29 strict: a hex challenge is refused, and told for what it is', async () => {
      const { reason, fix } = await refusedAt({ code_challenge: hex(VERIFIER) })
      expect(reason).toBe('code_challenge_malformed')
      expect(fix).toBe('This is a hex SHA-256; send base64url of the bytes, 43 characters.')
    })

    async function refusedAt(parameters: Readonly<Record<string, string | null>>) {
      const arrival = await request(parameters)
      expectRefused(as(), arrival, { error: 'invalid_request' })
      const { rule, expected, fix } = await lastRefusal(as())
      return { reason: rule, expected, fix }
    }

    it('S0-30 strict: a verifier of nine characters is refused', async () => {
      const refused = await as().redeem(await as().authorize(), { code_verifier: VERIFIER })
      expect([refused.status, refused.json.reason]).toEqual([400, 'code_verifier_malformed'])
      expect(refused.json.fix).toBe('The length is 9, it must be 43 to 128.')
    })

    it('S0-31 strict: the answer of /oauth2/authorize has state and iss, whoever asks', async () => {
      for (const client of ['strict', 'atm-two']) {
        const { url } = await as().authorize({ client })
        expect([...url.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state'])
      }
    })

    it('S0-34 strict: JSON at /oauth2/token is refused', async () => {
      const refused = await postJson(as(), '/oauth2/token', {
        clientId: 'strict',
        grant_types: 'authorization_code',
      })
      expect([refused.status, refused.json.reason]).toEqual([400, 'content_type_unsupported'])
      expect(refused.json.fix).toContain('Send a form, not JSON')
    })

    it.each(['grant_types', 'grantType'])('S0-34 S0-38 strict: %s in a form is refused', async (name) => {
      const refused = await as().token({
        [name]: 'authorization_code',
        client_id: 'strict',
        client_secret: SECRET,
      })
      expect(refused.json).toMatchObject({
        reason: 'grant_type_missing',
        received: name,
        expected: 'grant_type',
      })
    })

    it('S0-34 strict: clientId in a form is refused', async () => {
      const refused = await as().token({ grant_type: 'authorization_code', clientId: 'strict' })
      expect(refused.json).toMatchObject({ received: 'clientId', expected: 'client_id' })
    })

    it('S0-35 strict: /oauth2/token answers with token_type and expires_in, also to a client of atm', async () => {
      for (const client of ['strict', 'atm-two']) {
        const tokens = await as().login({ client }, { client_secret: SECRET })
        expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
        expect(tokens).not.toHaveProperty('exp_access_token')
      }
    })

    it('S0-38 strict: a refresh of a confidential client needs its secret, and an id_token is none', async () => {
      const { refresh_token, id_token } = await as().login({ client: 'strict' }, { client_secret: SECRET })
      const refused = await as().refresh(refresh_token, { client_id: 'strict', id_token })
      expect([refused.status, refused.json.reason]).toEqual([401, 'client_authentication_missing'])
      expect(refused.json.expected).toBe('client_secret_post')
    })

    it('S0-42 S0-43 strict: access tokens are those of RFC 9068, also of a client of atm', async () => {
      for (const client of ['strict', 'atm-two']) {
        const { access_token } = await as().login(
          { client, scope: 'openid email' },
          { client_secret: SECRET },
        )
        expect(claimsOf(access_token)).toMatchObject({
          iss: as().issuer,
          aud: as().issuer,
          client_id: client,
          sub: expect.stringMatching(/^usr_/),
          jti: expect.any(String),
          scope: 'openid email',
        })
        expect(headerOf(access_token).typ).toBe('at+jwt')
      }
    })

    it('S0-22 strict: a public client that sends a secret is refused, and told that it has none', async () => {
      const refused = await as().redeem(await as().authorize(), { client_secret: WEB_SECRET })
      expect([refused.status, refused.json.reason]).toEqual([401, 'client_secret_unexpected'])
      expect(refused.json.fix).toContain('Leave client_secret out')
    })

    it('a code of /login is worth nothing at /oauth2/token, not even with its own verifier', async () => {
      const { json } = await auth(as())
      const form = {
        grant_type: 'authorization_code',
        client_id: 'OJJvmTmatjCOTuqBxur2',
        client_secret: SECRET,
        redirect_uri: CALLBACK,
        code: String(json.code),
      }
      for (const code_verifier of [hex(VERIFIER), 'x'.repeat(43), hex(VERIFIER, 'sha512')])
        expect((await as().token({ ...form, code_verifier })).json.reason).toBe('code_verifier_mismatch')
      expect((await as().token({ ...form, code_verifier: VERIFIER })).json.reason).toBe(
        'code_verifier_malformed',
      )
      expect((await as().token(form)).json.reason).toBe('code_verifier_missing')
      expect((await exchange(as(), json.code)).status).toBe(200)
    })
  })
}, atmOptions)
