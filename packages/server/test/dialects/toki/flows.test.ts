import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import { expectErrorPage, expectRefused, lastRefusal, openUrl } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { sendBytes, statusesOf } from '../../support/raw-http.ts'
import {
  type AuthorizeOptions,
  claimsOf,
  forEachSharedStore,
  pkce,
  s256,
  type TestAs,
} from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { CALLBACK, config, SECRET } from './support.ts'

const STATE = '0123456789abcdef0123456789abcdef'
const WITHOUT_PKCE = { code_challenge: null, code_challenge_method: null, nonce: null }

/** The query as TOKI's programs write it, with their own way to encode the space in `scope`. */
function writtenUrl(as: TestAs, challenge: string, space: string): string {
  return (
    `${as.issuer}/oauth2/authorize?client_id=toki-pkce&response_type=code` +
    `&redirect_uri=${encodeURIComponent(CALLBACK)}&code_challenge=${challenge}&code_challenge_method=S256` +
    `&scope=openid${space}offline_access&state=${STATE}`
  )
}

forEachSharedStore(
  (server) => {
    const request = (client: string, more: AuthorizeOptions = {}): AuthorizeOptions => ({
      client,
      redirectUri: CALLBACK,
      scope: 'openid offline_access',
      ...more,
      parameters: { state: STATE, nonce: null, ...more.parameters },
    })
    /** Flow 2: without a challenge, with a secret in the body. */
    const loginWithSecret = (client = 'toki-secret', parameters: AuthorizeOptions['parameters'] = {}) =>
      server().login(request(client, { parameters: { ...WITHOUT_PKCE, ...parameters } }), {
        code_verifier: null,
        client_secret: SECRET,
      })

    describe('TOKI, flow 1: code with PKCE (RFC 7636)', () => {
      it('S1-04 S1-06 S1-07 S1-12 S1-13 T1 answers with code and the state as it was sent', async () => {
        const { url } = await server().authorizationResponse(request('toki-pkce'))
        expect(url.href.startsWith(`${CALLBACK}?`)).toBe(true)
        expect(url.searchParams.get('code')).toMatch(/^[A-Za-z0-9]{50}$/)
        expect(url.searchParams.getAll('state')).toEqual([STATE])
        expect([...url.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state'])
      })

      it('S1-11 S1-13 leaves state out where none was sent', async () => {
        const { url } = await server().authorizationResponse(
          request('toki-pkce', { parameters: { state: null } }),
        )
        expect(url.searchParams.has('state')).toBe(false)
      })

      it('S1-08 S1-09 takes base64url of SHA-256 with S256, and nothing else', async () => {
        const { challenge } = pkce()
        const refused = async (parameters: Record<string, string>, reason: string) => {
          const arrival = await openUrl(
            new FormBrowser(),
            server().authorizationUrl(request('toki-pkce', { parameters })).url,
          )
          expectRefused(server(), arrival, {
            error: 'invalid_request',
            reason: reason as 'code_challenge_malformed',
            state: STATE,
            redirectUri: CALLBACK,
          })
        }
        await refused(
          { code_challenge: challenge, code_challenge_method: 'plain' },
          'code_challenge_method_unsupported',
        )
        const hex = createHash('sha256').update('any').digest('hex')
        await refused({ code_challenge: hex, code_challenge_method: 'S256' }, 'code_challenge_malformed')
      })

      it('S1-14 S1-16 S1-17 S1-18 S1-19 S1-20 S1-25 T2 redeems by form, without a secret; a refresh token comes without prompt=consent', async () => {
        const as = server()
        const tokens = await as.login(request('toki-pkce'))
        expect(tokens).toMatchObject({
          access_token: expect.any(String),
          token_type: 'Bearer',
          expires_in: expect.any(Number),
          refresh_token: expect.any(String),
        })
        expect(claimsOf(tokens.id_token)).toMatchObject({ iss: as.issuer, aud: 'toki-pkce' })
        const refreshed = await as.refresh(tokens.refresh_token, { client_id: 'toki-pkce' })
        expect(refreshed.status).toBe(200)
      })

      it('S1-20 T4 gives no ID token without openid: scope=offline_access alone', async () => {
        const tokens = await server().login(request('toki-pkce', { scope: 'offline_access' }))
        expect(tokens).not.toHaveProperty('id_token')
        expect(tokens.refresh_token).toMatch(/^pixy_rt_/)
      })

      it('S1-03 takes secret and PKCE together, which is best', async () => {
        const tokens = await server().login(request('toki-both'), { client_secret: SECRET })
        expect(tokens.token_type).toBe('Bearer')
      })

      it.each([
        ['%20', '%20'],
        ['+', '+'],
      ])('S1-10 S1-26 reads two scopes with %s between them', async (_, space) => {
        const as = server()
        const { verifier, challenge } = pkce()
        const url = writtenUrl(as, challenge, space)
        const back = await authorizeInBrowser(new FormBrowser(), url, CALLBACK, ALICE)
        const answer = await as.redeem({
          url: back,
          code: back.searchParams.get('code') ?? '',
          verifier,
          redirectUri: CALLBACK,
          client: 'toki-pkce',
        })
        expect(answer.json.scope).toBe('openid offline_access')
      })

      it('S1-26 the program’s raw space is encoded by whatever opens the URL', async () => {
        const as = server()
        const { challenge } = pkce()
        const back = await authorizeInBrowser(
          new FormBrowser(),
          writtenUrl(as, challenge, ' '),
          CALLBACK,
          ALICE,
        )
        expect(back.searchParams.get('state')).toBe(STATE)
      })

      it('S1-26 a space that nothing encoded ends the request line (RFC 9112 §3.2): 400, and no login', async () => {
        const as = server()
        const { pathname, search } = new URL(writtenUrl(as, pkce().challenge, '%20'))
        const line = `GET ${pathname}${search.replace('%20', ' ')} HTTP/1.1`
        const received = await sendBytes(as.server.url, `${line}\r\nHost: ${new URL(as.issuer).host}\r\n\r\n`)
        expect(statusesOf(received)).toEqual([400])
        expect(received).toContain('request_unreadable')
      })
    })

    describe('TOKI, flow 2: code with a secret (OAuth 2.1 §7.5.1)', () => {
      it('S1-05 S1-15 T3 works for a confidential client whose require_pkce is false', async () => {
        const tokens = await loginWithSecret()
        expect(tokens).toMatchObject({
          token_type: 'Bearer',
          refresh_token: expect.stringMatching(/^pixy_rt_/),
          id_token: expect.any(String),
        })
      })

      it('S1-15 needs the right secret', async () => {
        const as = server()
        const authorized = await as.authorize(request('toki-secret', { parameters: WITHOUT_PKCE }))
        const without = await as.redeem(authorized, { code_verifier: null })
        expect(without).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        const wrong = await as.redeem(authorized, { code_verifier: null, client_secret: 'wrong' })
        expect(wrong).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        const right = await as.redeem(authorized, { code_verifier: null, client_secret: SECRET })
        expect(right.status).toBe(200)
      })

      it('S1-11 works without state, though nothing then ties the answer to the request', async () => {
        expect((await loginWithSecret('toki-secret', { state: null })).token_type).toBe('Bearer')
      })

      it.each([
        ['a public client', 'toki-pkce'],
        ['a confidential client that keeps PKCE', 'toki-both'],
      ])('S1-05 strict: %s is refused with code_challenge_missing and its fix', async (_, client) => {
        const as = server()
        const { url } = as.authorizationUrl(request(client, { parameters: WITHOUT_PKCE }))
        expectRefused(as, await openUrl(new FormBrowser(), url), {
          error: 'invalid_request',
          reason: 'code_challenge_missing',
          state: STATE,
          redirectUri: CALLBACK,
        })
        expect((await lastRefusal(as)).fix).toMatch(/code_challenge=.*code_challenge_method=S256/)
      })
    })

    describe('TOKI, what goes wrong', () => {
      it('S1-07 names a missing or foreign redirect_uri and a missing client_id on our own page', async () => {
        const as = server()
        const open = (parameters: Record<string, string | null>) =>
          openUrl(new FormBrowser(), as.authorizationUrl(request('toki-pkce', { parameters })).url)
        expectErrorPage(await open({ redirect_uri: null }), 'redirect_uri_missing')
        expectErrorPage(await open({ redirect_uri: 'http://localhost:8081/other' }), 'redirect_uri_mismatch')
        expectErrorPage(await open({ client_id: null }), 'client_id_missing')
      })

      it('S1-14 refuses a wrong code_verifier, and a redirect_uri that differs', async () => {
        const as = server()
        const authorized = await as.authorize(request('toki-pkce'))
        const other = await as.redeem(authorized, { code_verifier: pkce().verifier })
        expect(other).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
        const elsewhere = await as.redeem(authorized, { redirect_uri: 'http://localhost:8080/other' })
        expect(elsewhere.json.reason).toBe('token_redirect_uri_mismatch')
        expect((await as.redeem(authorized)).status).toBe(200)
      })

      it('S1-24 the verifier of the document, 32 bytes in base64url, has 43 characters, as has its challenge', () => {
        const { verifier, challenge } = pkce()
        expect([verifier, challenge].map((text) => text.length)).toEqual([43, 43])
        expect(s256(verifier)).toBe(challenge)
      })
    })
  },
  { config, hasher: quickHasher() },
)
