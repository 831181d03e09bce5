import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { lastRefusal, openPage, signIn } from '../../support/authorization.ts'
import { claimsOf, forEachSharedStore, pkce } from '../../support/test-as.ts'
import { BOB } from '../../support/test-config.ts'
import {
  ALICE_THERE,
  atmOptions,
  auth,
  CALLBACK,
  CLIENT,
  deviationsOf,
  exchange,
  hex,
  tokensOf,
  VERIFIER,
} from './support.ts'

/** Failures for one account that cost nothing. */
const FREE = 10

forEachSharedStore((as) => {
  beforeEach(() => as().server.clock.stop())

  describe('POST /auth (atm)', () => {
    it('S0-32 S0-33 gives a code and the registered callback for a user name and a password', async () => {
      const { status, json, headers } = await auth(as())
      expect([status, Object.keys(json)]).toEqual([200, ['redirectUrl', 'code']])
      expect(json.redirectUrl).toBe(CALLBACK)
      expect(json.code).toMatch(/^[A-Za-z0-9]{50}$/)
      expect(headers.get('content-type')).toMatch(/^application\/json\b/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.getSetCookie()).toEqual([])
    })

    it('S0-26 has one e-mail address in two applications, each with a password of its own', async () => {
      const there = { clientId: 'atm-own-people' }
      expect((await auth(as())).status).toBe(200)
      expect((await auth(as(), { ...there, password: ALICE_THERE.password })).status).toBe(200)
      expect((await auth(as(), there)).status).toBe(401)
      expect((await auth(as(), { password: ALICE_THERE.password })).status).toBe(401)
      const here = claimsOf((await tokensOf(as())).id_token).sub
      const other = await tokensOf(as(), 'atm-own-people', { password: ALICE_THERE.password })
      expect(claimsOf(other.id_token).sub).not.toBe(here)
    })

    it('knows when and by what the user signed in, and of no session', async () => {
      const { id_token } = await tokensOf(as())
      expect(claimsOf(id_token)).toMatchObject({
        iss: as().issuer,
        aud: CLIENT,
        acr: 'urn:pixy:acr:password',
        amr: ['pwd'],
        auth_time: as().server.clock.now(),
      })
      expect(claimsOf(id_token)).not.toHaveProperty('sid')
    })

    it('takes SHA512, a standard challenge, standard names, and a user name in other letters', async () => {
      const sha512 = await auth(as(), {
        code_challenge: hex(VERIFIER, 'sha512'),
        code_challenge_method: 'SHA512',
      })
      expect((await exchange(as(), sha512.json.code)).status).toBe(200)
      const { verifier, challenge } = pkce()
      const moved = await auth(as(), {
        clientId: undefined,
        client_id: CLIENT,
        scope: 'openid',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        loginId: ' ALICE@example.com',
      })
      const answer = await exchange(as(), moved.json.code, { code_verifier: verifier })
      expect([answer.status, answer.json.refresh_token]).toEqual([200, undefined])
    })

    it.each([
      ['a wrong password', { password: 'x' }],
      ['an unknown user', { loginId: 'nobody@example.com' }],
      ['somebody else’s password', { loginId: BOB.username }],
      ['a name that cannot be one', { loginId: 'x'.repeat(400) }],
    ])('S0-32 answers 401 with one text to %s', async (_what, changes) => {
      const { status, json } = await auth(as(), changes)
      expect(status).toBe(401)
      expect(json).toMatchObject({
        error: 'access_denied',
        error_description: 'Wrong username or password.',
        reason: 'sign_in_failed',
      })
      expect(json).not.toHaveProperty('code')
    })

    it('says which of the two is missing, and counts that as no failure', async () => {
      for (let i = 0; i <= FREE; i++) {
        expect((await auth(as(), { password: '' })).json).toMatchObject({
          reason: 'credentials_missing',
          param: 'password',
        })
      }
      expect((await auth(as(), { loginId: undefined })).json.param).toBe('loginId')
      expect((await auth(as(), { loginId: '  ' })).status).toBe(400)
      expect((await auth(as())).status).toBe(200)
    })

    it('S0-32 shares its throttle with the sign-in page: failures count together, whatever the door', async () => {
      const browser = new FormBrowser()
      const page = await openPage(as(), browser, 'sign-in')
      const wrong = { username: BOB.username, password: 'x' }
      for (let i = 0; i < FREE / 2; i++) {
        expect((await auth(as(), { loginId: BOB.username, password: 'x' })).status).toBe(401)
        expect((await signIn(browser, page, wrong)).page.status).toBe(401)
      }
      expect((await auth(as(), { loginId: BOB.username, password: 'x' })).status).toBe(401)
      const blocked = await auth(as(), { loginId: BOB.username, password: BOB.password })
      expect([blocked.status, blocked.json.reason]).toEqual([429, 'sign_in_throttled'])
      expect(blocked.headers.get('retry-after')).toBe('2')
      expect((await signIn(browser, page, BOB)).page.status).toBe(429)
      as().advance(2)
      expect((await auth(as(), { loginId: BOB.username, password: BOB.password })).status).toBe(200)
    })

    it('is for first-party clients alone', async () => {
      const { status, json } = await auth(as(), { clientId: 'atm-third' })
      expect([status, json.reason]).toEqual([400, 'dialect_off'])
      expect((await lastRefusal(as())).fix).toContain('pixy client update atm-third --set first_party=true')
    })

    it('respects user_access, and tells it only to who knows the password', async () => {
      const clientId = 'atm-assigned'
      expect((await auth(as(), { clientId })).status).toBe(200)
      const bob = { clientId, loginId: BOB.username }
      expect((await auth(as(), { ...bob, password: 'x' })).json.reason).toBe('sign_in_failed')
      const refused = await auth(as(), { ...bob, password: BOB.password })
      expect([refused.status, refused.json.reason]).toEqual([400, 'user_not_assigned'])
      expect(refused.json).not.toHaveProperty('code')
    })

    it('leaves sensitive scopes out, since nobody is asked', async () => {
      const { access_token, refresh_token } = await tokensOf(as(), 'atm-sensitive')
      expect(refresh_token).toMatch(/^pixy_rt_/)
      const inspected = await as().post('/oauth2/introspect', {
        token: access_token,
        client_id: 'atm-sensitive',
        client_secret: 'QhRhyGuSTP7S9cU6riqR3vPHETq9vErX',
      })
      expect(inspected.json).toMatchObject({ active: true, scope: 'openid email offline_access notes:read' })
    })

    it.each([
      ['several redirect URIs', { clientId: 'atm-several' }, 'redirect_uri_missing'],
      ['a scope the client may not have', { clientId: 'atm-few', scope: 'email' }, 'scope_not_allowed'],
      ['no challenge', { code_challenge: undefined }, 'code_challenge_missing'],
      ['no method', { code_challenge_method: undefined }, 'code_challenge_method_unsupported'],
      ['an upper-case digest', { code_challenge: hex(VERIFIER).toUpperCase() }, 'code_challenge_malformed'],
      ['the words "code_challenge"', { code_challenge: 'code_challenge' }, 'code_challenge_malformed'],
    ])('refuses %s before a password is tried', async (_what, changes, reason) => {
      for (let i = 0; i <= FREE; i++) {
        const { status, json } = await auth(as(), { password: 'x', ...changes })
        expect([status, json.reason]).toEqual([400, reason])
      }
      expect((await auth(as())).status).toBe(200)
    })

    it('counts what was done, once it was', async () => {
      await auth(as(), { clientId: 'atm-two', password: 'x' })
      expect((await deviationsOf(as(), 'atm-two')).size).toBe(0)
      await auth(as(), { clientId: 'atm-two' })
      expect([...(await deviationsOf(as(), 'atm-two')).keys()].sort()).toEqual([
        'atm_bare_request',
        'atm_client_id_name',
        'atm_hex_challenge',
        'atm_json_body',
        'atm_password_sign_in',
      ])
    })

    it('lets only the client’s own origins read the answer, and never with credentials', async () => {
      const from = async (origin: string, changes = {}) => {
        const { headers } = await as().request('/auth', {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin },
          body: JSON.stringify({ clientId: CLIENT, ...changes }),
        })
        return [
          headers.get('access-control-allow-origin'),
          headers.get('access-control-allow-credentials'),
          headers.get('vary'),
        ]
      }
      expect(await from('https://app.example')).toEqual(['https://app.example', null, 'Origin'])
      expect(await from('https://evil.example')).toEqual([null, null, 'Origin'])
      const preflight = await as().request('/auth', {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
      })
      expect(preflight.headers.get('access-control-allow-methods')).toBe('POST')
    })
  })
}, atmOptions)
