import { beforeEach, describe, expect, it } from 'vitest'
import { disableUser } from '../../../src/admin-api/users/disable.ts'
import { publishedKeys } from '../../support/jwt.ts'
import { claimsOf, forEachSharedStore, headerOf } from '../../support/test-as.ts'
import { BOB } from '../../support/test-config.ts'
import {
  type AtmTokens,
  atmOptions,
  CLIENT,
  deviationsOf,
  postJson,
  refresh,
  SECRET,
  tokensOf,
} from './support.ts'

/** Failures of client authentication that cost nothing. */
const FREE = 50

forEachSharedStore((as) => {
  beforeEach(() => as().server.clock.stop())

  describe('POST /auth/token, a refresh (atm)', () => {
    it('S0-38 S0-39 needs no secret beside the ID token, and answers with four new members', async () => {
      const first = await tokensOf(as())
      as().advance(60)
      const { status, json } = await refresh(as(), first)
      expect([status, Object.keys(json)]).toEqual([
        200,
        ['id_token', 'access_token', 'refresh_token', 'exp_access_token'],
      ])
      const second = json as unknown as AtmTokens
      for (const name of ['id_token', 'access_token', 'refresh_token'] as const)
        expect(second[name]).not.toBe(first[name])
      expect(json.exp_access_token).toBe(600)
      expect(claimsOf(second.id_token).sub).toBe(claimsOf(first.id_token).sub)
      expect((await as().userinfo(second.access_token)).status).toBe(200)
      expect([...(await deviationsOf(as(), CLIENT)).keys()]).toContain('atm_refresh_by_id_token')
    })

    it('takes the ID token of any refresh of the same sign-in, for months', async () => {
      const first = await tokensOf(as())
      let latest = first
      for (let month = 0; month < 3; month++) {
        as().advance('28d')
        latest = (await refresh(as(), { ...latest, id_token: first.id_token })).json as unknown as AtmTokens
        expect(latest.exp_access_token).toBe(600)
      }
    })

    it('takes an ID token whose key has left the JWKS', async () => {
      const first = await tokensOf(as())
      const { kid } = headerOf(first.id_token)
      await postJson(as(), '/__test/keys/rotate', { now: true })
      as().advance('8d')
      expect((await publishedKeys(as())).map((key) => key.kid)).not.toContain(kid)
      expect((await refresh(as(), first)).status).toBe(200)
    })

    it('checks a secret that is sent, and then needs no ID token', async () => {
      const first = await tokensOf(as())
      const wrong = await refresh(as(), first, { clientSecret: 'wrong' })
      expect([wrong.status, wrong.json.reason]).toEqual([401, 'client_secret_mismatch'])
      expect((await refresh(as(), first, { clientSecret: SECRET, id_token: undefined })).status).toBe(200)
    })

    it('asks a public client for neither', async () => {
      const first = await tokensOf(as(), 'atm-spa')
      const bare = await refresh(as(), first, { clientId: 'atm-spa', id_token: undefined })
      expect(bare.status).toBe(200)
    })

    const strangers: ReadonlyArray<
      readonly [string, (own: AtmTokens) => Promise<Readonly<Record<string, unknown>>>]
    > = [
      ['another user’s', async () => tokenOf(await tokensOf(as(), CLIENT, BOB_HERE))],
      ['another sign-in’s of the same user', async () => tokenOf(await tokensOf(as()))],
      ['another client’s', async () => tokenOf(await tokensOf(as(), 'atm-two'))],
      ['an access token as the', async (own) => ({ id_token: own.access_token })],
      ['a cut', async (own) => ({ id_token: own.id_token.slice(0, -4) })],
      ['an unsigned', async (own) => ({ id_token: unsigned(own.id_token) })],
      ['a changed', async (own) => ({ id_token: changed(own.id_token) })],
      ['a wordy', async () => ({ id_token: 'id_token' })],
    ]

    it.each(strangers)('S0-38 refuses %s ID token, and leaves the refresh token alone', async (_, sent) => {
      const own = await tokensOf(as())
      const refused = await refresh(as(), own, await sent(own))
      expect([refused.status, refused.json.reason]).toEqual([401, 'refresh_id_token_mismatch'])
      expect((await refresh(as(), own)).status).toBe(200)
    })

    it('S0-38 refuses a standard login’s ID token, which names no grant', async () => {
      const standard = await as().login(
        { client: 'web-post', scope: 'openid offline_access' },
        {
          client_secret: 'web-secret-0123456789-0123456789',
        },
      )
      const own = await tokensOf(as())
      const refused = await refresh(as(), own, { id_token: standard.id_token })
      expect(refused.json.reason).toBe('refresh_id_token_mismatch')
    })

    it('S0-38 asks for secret or ID token where neither is sent', async () => {
      const own = await tokensOf(as())
      for (const id_token of [undefined, '']) {
        const refused = await refresh(as(), own, { id_token })
        expect([refused.status, refused.json.reason]).toEqual([401, 'client_authentication_missing'])
        expect(refused.json.expected).toContain('id_token')
      }
    })

    it('refuses a refresh token that nobody knows, one of another client, and none', async () => {
      const own = await tokensOf(as())
      const two = await tokensOf(as(), 'atm-two')
      const cut = own.refresh_token.slice(0, -1)
      for (const refresh_token of [cut, 'x', own.access_token])
        expect((await refresh(as(), own, { refresh_token })).json.reason).toBe('refresh_token_unknown')
      expect((await refresh(as(), own, { refresh_token: undefined })).json.reason).toBe(
        'refresh_token_missing',
      )
      const foreign = await refresh(as(), two, { clientId: CLIENT, clientSecret: SECRET })
      expect(foreign.json.reason).toBe('refresh_token_client_mismatch')
      expect((await refresh(as(), two, { clientId: 'atm-two' })).status).toBe(200)
    })

    it('S0-39 ends the family when an older refresh token comes back', async () => {
      const first = await tokensOf(as())
      const second = (await refresh(as(), first)).json as unknown as AtmTokens
      as().advance(31)
      const replayed = await refresh(as(), first)
      expect([replayed.status, replayed.json.reason]).toEqual([400, 'refresh_token_replayed'])
      expect((await refresh(as(), second)).json.error).toBe('invalid_grant')
      expect((await as().userinfo(second.access_token)).status).toBe(401)
    })

    it('gives a retry within the window the same refresh token', async () => {
      const first = await tokensOf(as())
      const [one, two] = [await refresh(as(), first), await refresh(as(), first)]
      expect(two.json.refresh_token).toBe(one.json.refresh_token)
    })

    it('refuses when the refresh token has expired, or its owner was disabled', async () => {
      const first = await tokensOf(as())
      as().advance('31d')
      expect((await refresh(as(), first)).json.reason).toBe('refresh_token_expired')
      const bobs = await tokensOf(as(), 'atm-own-people', { password: 'alice has another one there' })
      const { deps } = as().server.pixy
      await disableUser.run(deps, {
        workspace: 'acme:main',
        user: String(claimsOf(bobs.id_token).sub),
      } as Parameters<typeof disableUser.run>[1])
      const refused = await refresh(as(), bobs, { clientId: 'atm-own-people' })
      expect([refused.status, refused.json.error]).toEqual([400, 'invalid_grant'])
    })

    it('counts wrong ID tokens as wrong secrets are counted, in the same bucket', async () => {
      const own = await tokensOf(as(), 'atm-two')
      const changes = { clientId: 'atm-two', id_token: 'x' }
      for (let i = 0; i < FREE; i++) expect((await refresh(as(), own, changes)).status).toBe(401)
      const blocked = await refresh(as(), own, changes)
      expect([blocked.status, blocked.json.reason]).toEqual([429, 'client_throttled'])
      const secret = await refresh(as(), own, { clientId: 'atm-two', clientSecret: 'wrong' })
      expect(secret.status).toBe(429)
      expect((await refresh(as(), own, { clientId: 'atm-two' })).status).toBe(200)
    })
  })
}, atmOptions)

const BOB_HERE = { loginId: BOB.username, password: BOB.password }

function tokenOf({ id_token }: AtmTokens) {
  return { id_token }
}

function changed(jwt: string): string {
  const [header, , signature] = jwt.split('.')
  const claims = { ...claimsOf(jwt), jti: 'grant_another.x' }
  return [header, encode(claims), signature].join('.')
}

function unsigned(jwt: string): string {
  return `${encode({ ...headerOf(jwt), alg: 'none' })}.${jwt.split('.')[1]}.`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
