import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import { atHash, verified } from '../../support/jwt.ts'
import {
  type Authorized,
  basic,
  claimsOf,
  forEachSharedStore,
  pkce,
  s256,
  type TestAs,
  type Tokens,
} from '../../support/test-as.ts'
import { ALICE, WEB_SECRET } from '../../support/test-config.ts'

const GRANT_ERRORS = /^(?:invalid_grant|invalid_request)$/

forEachSharedStore((server) => {
  const browser = new FormBrowser()
  /** A code for Alice; signed in and consented once, so that it costs one request. */
  const authorize = (options: Parameters<TestAs['authorize']>[0] = {}) =>
    server().authorize({ browser, ...options })

  async function expectDead(
    as: TestAs,
    { access_token, refresh_token }: Tokens,
    client = 'spa',
  ): Promise<void> {
    expect((await as.userinfo(access_token)).status).toBe(401)
    const refreshed = await as.refresh(refresh_token, { client_id: client })
    expect(refreshed).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  }

  describe('POST /oauth2/token, authorization_code (RFC 6749 §4.1.3, RFC 7636 §4.6)', () => {
    it('TK-01: redeems a code for tokens that nobody may keep, with a verifiable ID token', async () => {
      const as = server()
      const answer = await as.redeem(await authorize())
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^application\/json(?:;|$)/)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const tokens = answer.json as unknown as Tokens
      expect(answer.json).toMatchObject({
        token_type: 'Bearer',
        expires_in: 600,
        scope: 'openid profile email offline_access',
        refresh_token: expect.stringMatching(/^pixy_rt_[A-Za-z0-9]+$/),
      })
      const claims = await verified(as, tokens.id_token, 'spa')
      const now = as.server.clock.now()
      expect(claims).toMatchObject({
        nonce: 'nonce-of-the-test',
        at_hash: atHash(tokens.access_token, 'RS256'),
      })
      expect(claims.exp).toBe((claims.iat ?? 0) + 600)
      expect(Math.abs(now - (claims.iat ?? 0))).toBeLessThanOrEqual(2)
      expect(claims.auth_time).toBeLessThanOrEqual(claims.iat ?? 0)
    })

    it('TK-11: refuses a wrong, missing, empty or leaked verifier and leaves the code to its owner', async () => {
      const as = server()
      const authorized = await authorize()
      const wrong: ReadonlyArray<string | null> = [
        pkce().verifier,
        null,
        '',
        s256(authorized.verifier),
        authorized.verifier.toUpperCase(),
      ]
      for (const verifier of wrong) {
        const refused = await as.redeem(authorized, { code_verifier: verifier })
        expect(refused, `verifier ${verifier}`).toMatchObject({
          status: 400,
          json: { error: expect.stringMatching(GRANT_ERRORS) },
        })
      }
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it('TK-12: refuses verifiers of 42 or 129 characters, with bad characters or of 50 KB', async () => {
      const as = server()
      const bad = [
        'a'.repeat(42),
        'a'.repeat(129),
        `${'a'.repeat(42)}+`,
        `${'a'.repeat(42)} `,
        `${'a'.repeat(42)}é`,
        `${'a'.repeat(43)}\n`,
        'a'.repeat(50_000),
      ]
      for (const verifier of bad) {
        const authorized = await authorize({ parameters: { code_challenge: s256(verifier) } })
        const refused = await as.redeem(authorized, { code_verifier: verifier })
        expect(refused, verifier.slice(-10)).toMatchObject({
          status: 400,
          json: { error: expect.stringMatching(GRANT_ERRORS) },
        })
      }
    })

    it.each([
      ['43 characters', 'a'.repeat(43)],
      ['128 characters', 'Z'.repeat(128)],
      ['every unreserved character', `AZaz09-._~${'x'.repeat(40)}`],
    ])('TK-12: accepts a verifier of %s', async (_name, verifier) => {
      const authorized = await authorize({ parameters: { code_challenge: s256(verifier) } })
      expect((await server().redeem(authorized, { code_verifier: verifier })).status).toBe(200)
    })

    it('TK-13: refuses any other redirect_uri, also a registered one, and leaves the code to its owner', async () => {
      const as = server()
      const authorized = await authorize({ client: 'spa-two' })
      const others = [
        'https://app.example/other',
        'https://evil.example/callback',
        'https://app.example/callback/',
        'https://app.example/callback?',
        'https://app.example/callback#',
        'https://APP.example/callback',
        'https://app.example:443/callback',
        'https://app.example/%63allback',
        ' https://app.example/callback',
      ]
      for (const redirectUri of others) {
        const refused = await as.redeem(authorized, { redirect_uri: redirectUri })
        expect(refused, redirectUri).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      }
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it('TK-14: refuses the code of another client, public or confidential, and leaves it to its owner', async () => {
      const as = server()
      const authorized = await authorize()
      expect(await as.redeem(authorized, { client_id: 'spa-two' })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      expect(await as.redeem(authorized, { client_id: null }, basic('web', WEB_SECRET))).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it('TK-14: tells another client nothing of the code, not even the flow it belongs to', async () => {
      const as = server()
      const authorized = await authorize()
      const own = await as.redeem(authorized, { code_verifier: pkce().verifier })
      const foreign = await as.redeem(authorized, { client_id: 'spa-two' })
      const unknown = await as.redeem({ ...authorized, code: 'x'.repeat(50) }, { client_id: 'spa-two' })
      expect(own.json.flow).not.toBe(foreign.json.flow)
      expect(foreign.json.error_description).toBe(unknown.json.error_description)
    })

    it('TK-15: refuses a second use and ends what the first one issued', async () => {
      const as = server()
      const authorized = await authorize()
      const tokens = (await as.redeem(authorized)).json as unknown as Tokens
      expect((await as.userinfo(tokens.access_token)).status).toBe(200)
      expect(await as.redeem(authorized)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      await expectDead(as, tokens)
    })

    it('TK-15: ends opaque tokens and rotated refresh tokens too, and no other login of the same user', async () => {
      const as = server()
      const authorized = await authorize({ client: 'opaque' })
      const first = (await as.redeem(authorized)).json as unknown as Tokens
      const second = (await as.refresh(first.refresh_token, { client_id: 'opaque' }))
        .json as unknown as Tokens
      const other = await as.login({ browser, client: 'opaque' })
      expect((await as.redeem(authorized)).status).toBe(400)
      await expectDead(as, second, 'opaque')
      expect((await as.userinfo(first.access_token)).status).toBe(401)
      expect((await as.userinfo(other.access_token)).status).toBe(200)
    })

    it('TK-15: still ends the grant where the code comes again hours later', async () => {
      const as = server()
      const authorized = await authorize()
      const tokens = (await as.redeem(authorized)).json as unknown as Tokens
      as.advance('20h')
      expect(await as.redeem(authorized)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      await expectDead(as, tokens)
    })

    it('TK-15: a second use with a wrong verifier, redirect_uri or client ends nothing', async () => {
      const as = server()
      const authorized = await authorize()
      const tokens = (await as.redeem(authorized)).json as unknown as Tokens
      await as.redeem(authorized, { code_verifier: pkce().verifier })
      await as.redeem(authorized, { redirect_uri: 'https://evil.example/callback' })
      await as.redeem(authorized, { client_id: 'spa-two' })
      expect((await as.userinfo(tokens.access_token)).status).toBe(200)
    })

    it('TK-17: refuses garbage codes at once', async () => {
      const as = server()
      const { code } = await authorize()
      const garbage = [
        '',
        'x',
        '0',
        'null',
        'undefined',
        '__proto__',
        "' or 1=1 --",
        '../../etc/passwd',
        '%00',
        `${code}\0`,
        `${code} `,
        ` ${code}`,
        `${code}=`,
        code.slice(0, -1),
        code.slice(1),
        code.toLowerCase(),
        code.toUpperCase(),
        code + code,
        'é'.repeat(50),
        'a'.repeat(40_000),
      ]
      for (const text of garbage) {
        const refused = await as.redeem({ ...(await authorize()), code: text })
        expect(refused, JSON.stringify(text.slice(0, 60))).toMatchObject({
          status: 400,
          json: { error: expect.stringMatching(GRANT_ERRORS) },
        })
      }
    })

    it('TK-20, TK-21: a code lives for 60 seconds and not one longer', async () => {
      const as = server()
      as.server.clock.stop()
      const [inTime, late, veryLate] = [await authorize(), await authorize(), await authorize()] as const
      as.advance(59)
      expect((await as.redeem(inTime)).status).toBe(200)
      as.advance(1)
      expect(await as.redeem(late)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
      as.advance(600)
      expect(await as.redeem(veryLate)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    })

    it('redirect_uri may be left out where the code has a challenge (OAuth 2.1 §10.2)', async () => {
      expect((await server().redeem(await authorize(), { redirect_uri: null })).status).toBe(200)
    })
  })

  describe('POST /oauth2/token, a code without a challenge (RFC 9700 §4.8.2)', () => {
    const withoutPkce = {
      client: 'web-no-pkce',
      parameters: { code_challenge: null, code_challenge_method: null },
    }
    const redeem = (authorized: Authorized, changes: Readonly<Record<string, string | null>> = {}) =>
      server().redeem(authorized, { code_verifier: null, client_secret: WEB_SECRET, ...changes })

    it('is redeemed without a verifier', async () => {
      expect((await redeem(await authorize(withoutPkce))).status).toBe(200)
    })

    it('is refused with a verifier as invalid_grant, and stays with its owner', async () => {
      const authorized = await authorize(withoutPkce)
      expect(await redeem(authorized, { code_verifier: pkce().verifier })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      expect((await redeem(authorized)).status).toBe(200)
    })

    it('needs the redirect_uri that the authorization request named', async () => {
      const authorized = await authorize(withoutPkce)
      expect(await redeem(authorized, { redirect_uri: null })).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      })
      expect((await redeem(authorized)).status).toBe(200)
    })

    it('needs none where the request named none (RFC 6749 §4.1.3)', async () => {
      const parameters = { ...withoutPkce.parameters, redirect_uri: null, scope: 'notes:read' }
      const authorized = await authorize({ client: 'web-no-pkce', parameters })
      expect((await redeem(authorized, { redirect_uri: null })).status).toBe(200)
    })

    it('is refused without a challenge from a client that must use PKCE', async () => {
      const { url } = await server().authorizationResponse({
        browser,
        client: 'web',
        parameters: withoutPkce.parameters,
      })
      expect(url.searchParams.get('error')).toBe('invalid_request')
    })
  })

  describe('POST /oauth2/token, scope and resource of a code (RFC 6749 §3.3, RFC 8707 §2.2)', () => {
    const api = 'https://api.example'
    const other = 'https://other.example'
    /** Both resources were agreed on. */
    const request = async () => {
      const as = server()
      const { url, verifier, redirectUri, client } = as.authorizationUrl({
        scope: 'openid email offline_access notes:read notes:write',
      })
      const resources = [api, other].map((resource) => `&resource=${encodeURIComponent(resource)}`).join('')
      const back = await authorizeInBrowser(browser, url + resources, redirectUri, ALICE)
      return { url: back, code: back.searchParams.get('code') ?? '', verifier, redirectUri, client }
    }

    it('scope narrows the access token, and the next refresh has all again', async () => {
      const as = server()
      const tokens = await as.login({ browser }, { scope: 'openid email' })
      expect(tokens.scope).toBe('openid email')
      expect(claimsOf(tokens.access_token).scope).toBe('openid email')
      expect((await as.userinfo(tokens.access_token)).json).not.toHaveProperty('name')
      expect((await as.refresh(tokens.refresh_token)).json.scope).toBe('openid profile email offline_access')
    })

    it('no ID token comes where scope narrows openid away', async () => {
      const tokens = await server().login({ browser }, { scope: 'email' })
      expect(tokens).not.toHaveProperty('id_token')
    })

    it('scope never widens: invalid_scope, and the code is not burned', async () => {
      const as = server()
      const authorized = await authorize({ scope: 'openid email' })
      for (const scope of [
        'openid email profile',
        'notes:read',
        'unknown',
        'openid  email',
        'openid "email"',
      ]) {
        expect(await as.redeem(authorized, { scope }), scope).toMatchObject({
          status: 400,
          json: { error: 'invalid_scope' },
        })
      }
      expect((await as.redeem(authorized)).status).toBe(200)
    })

    it('without resource the audience is the issuer', async () => {
      const as = server()
      const tokens = await as.login({ browser })
      expect(claimsOf(tokens.access_token).aud).toBe(as.issuer)
    })

    it('of several resources that were agreed on a token names the one that is asked for', async () => {
      const as = server()
      const tokens = (await as.redeem(await request(), { resource: other })).json as unknown as Tokens
      expect(claimsOf(tokens.access_token).aud).toBe(other)
      const refreshed = (await as.refresh(tokens.refresh_token, { resource: api })).json as unknown as Tokens
      expect(claimsOf(refreshed.access_token)).toMatchObject({ aud: api })
      const first = (await as.refresh(refreshed.refresh_token)).json as unknown as Tokens
      expect(claimsOf(first.access_token).aud).toBe(api)
    })

    it("an API's own scopes go to that API alone", async () => {
      const as = server()
      const tokens = (await as.redeem(await request(), { resource: api })).json as unknown as Tokens
      expect(tokens.scope.split(' ')).toContain('notes:read')
      const forIssuer = (await as.refresh(tokens.refresh_token, { resource: as.issuer }))
        .json as unknown as Tokens
      expect(claimsOf(forIssuer.access_token).aud).toBe(as.issuer)
    })

    it('two different resources in one token request are invalid_target, the same one twice is not', async () => {
      const as = server()
      const authorized = await request()
      const form = (...resources: readonly string[]) => {
        const { code, verifier, client } = authorized
        const body = new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          client_id: client,
        })
        for (const resource of resources) body.append('resource', resource)
        return body
      }
      expect(await as.token(form(api, other))).toMatchObject({
        status: 400,
        json: { error: 'invalid_target' },
      })
      expect((await as.token(form(api, api))).status).toBe(200)
    })

    it('a resource that was not agreed on is invalid_target, and the code is not burned', async () => {
      const as = server()
      const authorized = await authorize({ scope: 'openid notes:read', parameters: { resource: api } })
      for (const resource of [other, 'https://evil.example', `${api}#x`, 'not a uri']) {
        expect(await as.redeem(authorized, { resource }), resource).toMatchObject({
          status: 400,
          json: { error: 'invalid_target' },
        })
      }
      expect((await as.redeem(authorized)).status).toBe(200)
    })
  })
})
