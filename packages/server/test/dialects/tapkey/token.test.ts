import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import { lastRefusal } from '../../support/authorization.ts'
import { basic, claimsOf, forEachSharedStore, headerOf, pkce, s256 } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { deviationsOf } from '../deviations.ts'
import {
  CALLBACK,
  connect,
  connectLogin,
  connectRefresh,
  connectToken,
  connectUrl,
  options,
  SCOPE,
  SECRET,
} from './support.ts'

/** RFC 7636 App. B: the verifier that these 32 bytes are, and its challenge. */
const VECTOR = {
  octets: [
    116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214,
    191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
  ],
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
}

/** The document's C#: Convert.ToBase64String, then TrimEnd and two Replace. */
function asInTheDocument(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
}

forEachSharedStore((server) => {
  describe('Tapkey, PKCE (RFC 7636 App. B)', () => {
    it('S2-03 S2-04 P8 verifier and challenge, written as the document writes them, pass from end to end', async () => {
      const as = server()
      const verifier = asInTheDocument(Uint8Array.from(VECTOR.octets))
      expect(verifier).toBe(VECTOR.verifier)
      expect(s256(verifier)).toBe(VECTOR.challenge)
      const url = connectUrl(as, 'native', VECTOR.challenge)
      const back = await authorizeInBrowser(new FormBrowser(), url, CALLBACK, ALICE)
      const code = back.searchParams.get('code') ?? ''
      const answer = await connectToken(as, { url: back, code, verifier, client: 'native' })
      expect(answer.status).toBe(200)
    })

    it('S2-02 S2-24 whoever takes the code gets no token: the verifier is missing, wrong, or sent by another client', async () => {
      const as = server()
      const connected = await connect(as, 'native')
      for (const [changes, reason] of [
        [{ code_verifier: null }, 'code_verifier_missing'],
        [{ code_verifier: pkce().verifier }, 'code_verifier_mismatch'],
        [{ code_verifier: s256(connected.verifier) }, 'code_verifier_mismatch'],
        [{ client_id: 'native-two' }, 'code_client_mismatch'],
      ] as const) {
        const answer = await connectToken(as, connected, changes)
        expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_grant', reason } })
      }
      expect((await connectToken(as, connected)).status).toBe(200)
    })
  })

  describe('Tapkey, POST /connect/token with a code', () => {
    it('S2-18 S2-25 S2-35 P3 answers access_token, expires_in 3600, token_type, refresh_token and scope', async () => {
      const as = server()
      const tokens = await connectLogin(as)
      expect(tokens).toEqual({
        access_token: expect.any(String),
        expires_in: 3600,
        token_type: 'Bearer',
        refresh_token: expect.stringMatching(/^pixy_rt_[A-Za-z0-9]+$/),
        scope: SCOPE,
      })
      expect(headerOf(tokens.access_token)).toMatchObject({ alg: 'RS256', kid: expect.any(String) })
      const { iat, exp } = claimsOf(tokens.access_token) as { iat: number; exp: number }
      expect(exp - iat).toBe(3600)
    })

    it('S2-18 reads a form in UTF-8, and nothing else', async () => {
      const as = server()
      const connected = await connect(as, 'native')
      const body = {
        client_id: 'native',
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code: connected.code,
        code_verifier: connected.verifier,
      }
      const json = await as.request('/connect/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(json.json.reason).toBe('content_type_unsupported')
      const inUrl = await as.post(`/connect/token?${new URLSearchParams(body)}`, body)
      expect(inUrl.json.reason).toBe('parameters_in_query')
      const form = await as.post('/connect/token', body, {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      })
      expect(form.status).toBe(200)
    })

    it.each([
      ['S2-19 client_id', { client_id: null }, 401, 'invalid_client', 'client_authentication_missing'],
      ['S2-20 grant_type', { grant_type: null }, 400, 'invalid_request', 'grant_type_missing'],
      ['S2-21 redirect_uri', { redirect_uri: null }, 400, 'invalid_grant', 'token_redirect_uri_missing'],
      [
        'S2-21 the same redirect_uri',
        { redirect_uri: 'https://localhost:44333/Auth/Other' },
        400,
        'invalid_grant',
        'token_redirect_uri_mismatch',
      ],
      ['S2-22 code', { code: null }, 400, 'invalid_request', 'code_missing'],
      ['S2-23 code_verifier', { code_verifier: null }, 400, 'invalid_grant', 'code_verifier_missing'],
    ] as const)(
      '%s is required, and the code stays its owner’s',
      async (_, changes, status, error, reason) => {
        const as = server()
        const connected = await connect(as, 'native')
        const refused = await connectToken(as, connected, changes)
        expect(refused).toMatchObject({ status, json: { error, reason } })
        expect((await connectToken(as, connected)).status).toBe(200)
      },
    )

    it('S2-20 refuses another grant_type, and one that the client may not use', async () => {
      const as = server()
      const connected = await connect(as, 'native')
      const odd = await connectToken(as, connected, { grant_type: 'code' })
      expect(odd.json.error).toBe('unsupported_grant_type')
      const machine = await connectToken(as, connected, { grant_type: 'client_credentials' })
      expect(machine.json.error).toBe('unauthorized_client')
    })

    it('S2-22 takes a code once: the second time all that came of it ends', async () => {
      const as = server()
      const connected = await connect(as, 'native')
      const { json } = await connectToken(as, connected)
      expect((await connectToken(as, connected)).json.reason).toBe('code_replayed')
      expect((await connectRefresh(as, String(json.refresh_token))).status).toBe(400)
    })

    it('S2-18 may be read from the client’s own origin', async () => {
      const as = server()
      const origin = new URL(CALLBACK).origin
      const preflight = await as.request('/connect/token', { method: 'OPTIONS', headers: { origin } })
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
      const answer = await as.post('/connect/token', { client_id: 'native' }, { origin })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    })

    it('S2-18 is counted once for each token response', async () => {
      const as = server()
      const before = (await deviationsOf(as, 'native')).tapkey_connect_token ?? 0
      const connected = await connect(as, 'native')
      await connectToken(as, connected, { redirect_uri: null })
      await connectToken(as, connected)
      expect((await deviationsOf(as, 'native')).tapkey_connect_token).toBe(before + 1)
    })
  })

  describe('Tapkey, confidential clients', () => {
    const state = 'pJ8sI+/0bQ1nX/7zZk2+4g=='
    const withoutPkce = { code_challenge: null, code_challenge_method: null, state }

    it('S2-01 P7 without PKCE, with client_secret in the body', async () => {
      const as = server()
      const connected = await connect(as, 'blazor', withoutPkce)
      expect(connected.url.searchParams.get('state')).toBe(state)
      const without = await connectToken(as, connected, { code_verifier: null })
      expect(without).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
      const answer = await connectToken(as, connected, { code_verifier: null, client_secret: SECRET })
      expect(answer.status).toBe(200)
    })

    it('S2-01 S2-33 P4 keeps its refresh token, which is no deviation: it proves who it is', async () => {
      const as = server()
      const connected = await connect(as, 'blazor', withoutPkce)
      const { json } = await connectToken(as, connected, { code_verifier: null, client_secret: SECRET })
      const refreshed = await connectRefresh(as, String(json.refresh_token), 'blazor', {
        client_secret: SECRET,
      })
      expect(refreshed).toMatchObject({ status: 200, json: { refresh_token: json.refresh_token } })
      expect(await deviationsOf(as, 'blazor')).not.toHaveProperty('tapkey_refresh_token_reuse')
    })

    it('S2-01 P7 client_credentials with Basic, id and secret form-encoded or plain', async () => {
      const as = server()
      const body = { grant_type: 'client_credentials', scope: 'read:core:entities read:owneraccounts' }
      const encoded = [...SECRET].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')
      for (const secret of [SECRET, encoded]) {
        const answer = await as.post('/connect/token', body, basic('machine', secret))
        expect(answer).toMatchObject({
          status: 200,
          json: { expires_in: 3600, scope: 'read:core:entities read:owneraccounts' },
        })
        expect(answer.json).not.toHaveProperty('refresh_token')
        expect(claimsOf(String(answer.json.access_token)).sub).toBe('machine')
      }
      const wrong = await as.post('/connect/token', body, basic('machine', 'wrong'))
      expect(wrong).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    })

    it('S2-01 a public client has no secret to send', async () => {
      const as = server()
      const refused = await connectToken(as, await connect(as, 'native'), { client_secret: SECRET })
      expect(refused).toMatchObject({ status: 401, json: { reason: 'client_secret_unexpected' } })
    })
  })

  describe('Tapkey, /connect/token without the dialect', () => {
    it('S2-18 strict: names the standard’s endpoint, which takes the same form', async () => {
      const as = server()
      const authorized = await as.authorize({ client: 'strict', redirectUri: CALLBACK, scope: SCOPE })
      const refused = await connectToken(as, authorized)
      expect(refused).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'dialect_off', expected: `POST ${as.issuer}/oauth2/token` },
      })
      expect((await lastRefusal(as)).fix).toBe(
        `Send the same form to ${as.issuer}/oauth2/token. ` +
          'Until the client can be changed: pixy client update strict --add-dialect tapkey',
      )
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it('S2-18 strict: answers unknown clients alike, with a secret and without', async () => {
      const as = server()
      const form = { grant_type: 'client_credentials' }
      const answers = await Promise.all([
        as.post('/connect/token', form, basic('strict-machine', SECRET)),
        as.post('/connect/token', form, basic('strict-machine', 'wrong')),
        as.post('/connect/token', form, basic('nobody', 'wrong')),
        as.post('/connect/token', { ...form, client_id: 'strict-secret', client_secret: 'wrong' }),
        as.post('/connect/token', { ...form, client_id: 'nobody' }),
      ])
      const said = answers.map(({ status, json }) => [
        status,
        json.error,
        json.reason,
        json.error_description,
      ])
      for (const each of said) expect(each).toEqual(said[0])
      expect(said[0]).toContain('dialect_off')
    })
  })
}, options)
