import { describe, expect, it } from 'vitest'
import { CALLBACK } from '../support/authorization.ts'
import { publishedKeys } from '../support/jwt.ts'
import {
  claimsOf,
  forEachSharedStore,
  forEachStore,
  headerOf,
  pkce,
  s256,
  type Tokens,
} from '../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../support/test-config.ts'

const NINETY_DAYS = 7_776_000

const config = testConfig({
  clients: [
    {
      client_id: 'hour',
      redirect_uris: [CALLBACK],
      access_token_lifetime: 3600,
      refresh_token: {
        policy: 'rotate',
        idle_lifetime: NINETY_DAYS,
        absolute_lifetime: 0,
        retry_window: 30,
      },
      scope: 'openid offline_access notes:read notes:write',
    },
  ],
})

/** What all four systems ask of the token endpoint, of a client without any dialect. */
forEachSharedStore(
  (as) => {
    describe('POST /oauth2/token with a code, as all four systems use it (RFC 6749 §4.1.3)', () => {
      it('S0-01 S1-04 S1-14 S3-24 takes a form with code and verifier of a client that has no secret', async () => {
        const { code, verifier } = await as().authorize()
        const answer = await as().token(
          {
            grant_type: 'authorization_code',
            code,
            redirect_uri: CALLBACK,
            client_id: 'spa',
            code_verifier: verifier,
          },
          { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
        )
        expect(answer.status).toBe(200)
        const { client_id, aud } = claimsOf(String(answer.json.access_token))
        expect([client_id, aud]).toEqual(['spa', as().issuer])
      })

      it('S0-15 S1-16 S1-17 S1-18 S1-19 S1-20 answers with the tokens, their type and lifetime', async () => {
        const { json } = await as().redeem(await as().authorize({ scope: 'openid offline_access' }))
        expect(json).toMatchObject({
          access_token: expect.stringMatching(/^ey/),
          token_type: 'Bearer',
          expires_in: 600,
          refresh_token: expect.any(String),
          id_token: expect.stringMatching(/^ey/),
        })
        expect(claimsOf(String(json.id_token))).toMatchObject({ iss: as().issuer, aud: 'spa' })
      })

      it('S1-20 gives an ID token only for openid', async () => {
        const { json } = await as().redeem(await as().authorize({ scope: 'notes:read' }))
        expect(json.access_token).toBeTypeOf('string')
        expect(json).not.toHaveProperty('id_token')
      })

      it('S1-19 S1-25 S2-28 gives a refresh token for offline_access alone, without prompt=consent', async () => {
        const withIt = await as().redeem(await as().authorize({ scope: 'openid offline_access' }))
        expect(withIt.json).toMatchObject({ refresh_token: expect.any(String), id_token: expect.any(String) })
        const without = await as().redeem(await as().authorize({ scope: 'openid' }))
        expect(without.json).not.toHaveProperty('refresh_token')
      })

      it('S1-03 S1-15 takes the secret in the form, together with PKCE too', async () => {
        const secret = { client_secret: WEB_SECRET }
        const both = await as().authorize({ client: 'web-post' })
        expect((await as().redeem(both)).json.error).toBe('invalid_client')
        expect((await as().redeem(both, secret)).status).toBe(200)

        const plain = await as().authorize({
          client: 'web-no-pkce',
          parameters: { code_challenge: null, code_challenge_method: null },
        })
        expect((await as().redeem(plain, { ...secret, code_verifier: null })).status).toBe(200)
      })

      it('S0-03 S0-11 S0-14 S2-02 S2-24 S3-17 gives nothing for a code without its verifier, and leaves it to its owner', async () => {
        const authorized = await as().authorize()
        const wrong = [
          null,
          pkce().verifier,
          s256(authorized.verifier),
          `${authorized.verifier}x`,
          authorized.verifier.slice(0, 42),
        ]
        for (const code_verifier of wrong) {
          const { status, json } = await as().redeem(authorized, { code_verifier })
          expect(status).toBe(400)
          expect(json).not.toHaveProperty('access_token')
        }
        expect((await as().redeem(authorized)).status).toBe(200)
      })

      it('S0-37 refuses a code to every client but its own', async () => {
        const authorized = await as().authorize({ client: 'spa' })
        const other = await as().redeem(authorized, { client_id: 'spa-two' })
        expect([other.status, other.json.error]).toEqual([400, 'invalid_grant'])
        expect((await as().redeem(authorized)).status).toBe(200)
      })

      it('S0-12 spends a code once, and ends what it gave at the second try', async () => {
        const authorized = await as().authorize()
        const first = (await as().redeem(authorized)).json as unknown as Tokens
        expect((await as().userinfo(first.access_token)).status).toBe(200)
        expect((await as().redeem(authorized)).json.error).toBe('invalid_grant')
        expect((await as().userinfo(first.access_token)).status).toBe(401)
        expect((await as().refresh(first.refresh_token)).json.error).toBe('invalid_grant')
      })

      it('S0-36 S0-41 signs access tokens by RS256 with a published key, for 600 seconds', async () => {
        const { access_token } = await as().login()
        const { alg, kid } = headerOf(access_token)
        expect(alg).toBe('RS256')
        const keys = await publishedKeys(as())
        expect(keys.filter((key) => key.kid === kid)).toHaveLength(1)
        const { exp, iat } = claimsOf(access_token)
        expect(Number(exp) - Number(iat)).toBe(600)
      })

      it('S2-25 S2-35 gives a client tokens of an hour, where it is set so, and an opaque refresh token', async () => {
        const tokens = await as().login({ client: 'hour', scope: 'openid offline_access' })
        expect(tokens).toMatchObject({ expires_in: 3600, token_type: 'Bearer' })
        expect(tokens.refresh_token).not.toContain('.')
        const { exp, iat } = claimsOf(tokens.access_token)
        expect(Number(exp) - Number(iat)).toBe(3600)
        expect(headerOf(tokens.access_token)).toMatchObject({ alg: 'RS256', kid: expect.any(String) })
      })
    })

    describe('POST /oauth2/token with a refresh token (RFC 6749 §6)', () => {
      const hour = { client_id: 'hour' }
      const scope = 'openid offline_access notes:read notes:write'

      it('S0-39 S2-31 answers a client without a secret with three new tokens', async () => {
        const before = await as().login()
        as().advance(1)
        const { status, json } = await as().refresh(before.refresh_token)
        expect(status).toBe(200)
        for (const name of ['access_token', 'refresh_token', 'id_token'] as const) {
          expect(json[name], name).toBeTypeOf('string')
          expect(json[name], name).not.toBe(before[name])
        }
      })

      it.each(['client_id', 'grant_type', 'refresh_token'])('S2-29 needs %s', async (name) => {
        const { refresh_token } = await as().login()
        const form = { grant_type: 'refresh_token', refresh_token, client_id: 'spa' }
        const { [name as keyof typeof form]: _, ...rest } = form
        const refused = await as().token(rest)
        expect([400, 401]).toContain(refused.status)
        expect(refused.json).not.toHaveProperty('access_token')
        expect((await as().token(form)).status).toBe(200)
      })

      it('S2-30 S3-04 narrows the scope, never widens it, and keeps it where none is named', async () => {
        const tokens = await as().login({ client: 'hour', scope: 'openid offline_access notes:read' })
        const narrow = await as().refresh(tokens.refresh_token, { ...hour, scope: 'notes:read' })
        expect(narrow.json.scope).toBe('notes:read')
        const next = String(narrow.json.refresh_token)
        const wide = await as().refresh(next, { ...hour, scope: 'notes:read notes:write' })
        expect([wide.status, wide.json.error]).toEqual([400, 'invalid_scope'])
        const same = await as().refresh(next, hour)
        expect(same.json.scope).toBe('openid offline_access notes:read')
      })

      it('S2-27 S2-32 S2-34 lives 90 days from its last use, however often, and no second more', async () => {
        let { refresh_token } = await as().login({
          client: 'hour',
          scope,
          allow: ['offline_access', 'notes:read'],
        })
        for (let use = 0; use < 5; use++) {
          as().advance(NINETY_DAYS - 1)
          const answer = await as().refresh(refresh_token, hour)
          expect(answer.status, `use ${use}`).toBe(200)
          refresh_token = String(answer.json.refresh_token)
        }
        as().advance(NINETY_DAYS)
        expect((await as().refresh(refresh_token, hour)).json.error).toBe('invalid_grant')
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('GET /userinfo with an access token (RFC 6750 §3.1)', () => {
    it('S2-26 S2-36 takes it as Bearer, and answers 401 once it has expired', async () => {
      const as = await start()
      const { access_token } = await as.login()
      expect((await as.userinfo(access_token)).status).toBe(200)
      as.advance(601)
      const expired = await as.userinfo(access_token)
      expect(expired.status).toBe(401)
      expect(expired.headers.get('www-authenticate')).toContain('error="invalid_token"')
    })
  })
})
