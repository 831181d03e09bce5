import { FormBrowser } from '@pixy/testing'
import { generateKeyPair } from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, describe, expect, it } from 'vitest'
import { CALLBACK, claimsOf, NOTES_API, SECRET, signIn, startPixy, tamper } from './support/pixy.ts'

const SCOPE = 'openid profile email offline_access notes:read'
const BYE = 'https://app.example/bye'

const assertionKey = await generateKeyPair('ES256')
const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', assertionKey.publicKey)
const jwks = { keys: [{ kty, crv, x, y, kid: 'app-1', use: 'sig' }] }

const pixy = await startPixy([
  { client_id: 'public', redirect_uris: [CALLBACK], post_logout_redirect_uris: [BYE], scope: SCOPE },
  ...[
    { client_id: 'basic', client_secret: SECRET },
    { client_id: 'post', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' as const },
    { client_id: 'jwt', jwks },
  ].map((client) => ({
    ...client,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code' as const, 'refresh_token' as const, 'client_credentials' as const],
    scope: SCOPE,
  })),
])
afterAll(() => pixy.close())

function discover(clientId: string, auth: oidc.ClientAuth): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(pixy.issuer), clientId, undefined, auth, {
    // Signatures of ID tokens are checked too, though TLS would excuse a client from it.
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  })
}

interface Login {
  readonly config: oidc.Configuration
  readonly callback: URL
  readonly checks: oidc.AuthorizationCodeGrantChecks & { readonly expectedNonce: string }
}

async function logIn(
  config: oidc.Configuration,
  more: Record<string, string> = {},
  browser?: FormBrowser,
): Promise<Login> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const expectedNonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  })
  const callback = await signIn(url, CALLBACK, { ...(browser && { browser }) })
  return {
    config,
    callback,
    checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
  }
}

const redeem = ({ config, callback, checks }: Login) => oidc.authorizationCodeGrant(config, callback, checks)

describe('openid-client, a public client', () => {
  it('signs in, reads userinfo, refreshes and revokes', async () => {
    const config = await discover('public', oidc.None())
    const tokens = await redeem(await logIn(config))
    const subject = tokens.claims()?.sub ?? ''
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: SCOPE })

    const user = await oidc.fetchUserInfo(config, tokens.access_token, subject)
    expect(user).toEqual({
      sub: subject,
      name: 'Alice Adams',
      given_name: 'Alice',
      preferred_username: 'alice@example.com',
      email: 'alice@example.com',
      email_verified: true,
      updated_at: expect.any(Number),
    })

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(refreshed.claims()?.sub).toBe(subject)
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)

    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '')
    await expect(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    await expect(oidc.fetchUserInfo(config, refreshed.access_token, subject)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    })
  })

  it('asks for a recent sign-in with max_age and finds its time in auth_time', async () => {
    const config = await discover('public', oidc.None())
    const login = await logIn(config, { max_age: '60' })
    const tokens = await redeem({ ...login, checks: { ...login.checks, maxAge: 60 } })
    expect(tokens.claims()?.auth_time).toBeTypeOf('number')
  })

  it('names the API by resource and gets a token for it alone (RFC 8707)', async () => {
    const config = await discover('public', oidc.None())
    const login = await logIn(config, { resource: NOTES_API })
    const tokens = await oidc.authorizationCodeGrant(config, login.callback, login.checks, {
      resource: NOTES_API,
    })
    expect(claimsOf(tokens.access_token)).toMatchObject({ aud: NOTES_API, client_id: 'public' })
  })

  it('hears that the user declined', async () => {
    const config = await discover('public', oidc.None())
    const state = oidc.randomState()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: SCOPE,
      state,
      prompt: 'consent',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    const callback = await signIn(url, CALLBACK, { deny: true })
    await expect(
      oidc.authorizationCodeGrant(config, callback, { expectedState: state }),
    ).rejects.toMatchObject({
      code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
      error: 'access_denied',
    })
  })

  it('ends the session by RP-initiated logout, and is asked for a password again', async () => {
    const config = await discover('public', oidc.None())
    const browser = new FormBrowser()
    const tokens = await redeem(await logIn(config, {}, browser))
    // While the session lives, nobody has to type anything.
    const silent = await logIn(config, { prompt: 'none' }, browser)
    expect(silent.callback.searchParams.has('code')).toBe(true)

    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: BYE,
      state: 'bye-now',
    })
    const { location } = await browser.follow(await browser.visit(url.href), (to) => to.startsWith(BYE))
    expect(location).toBe(`${BYE}?state=bye-now`)

    const { callback } = await logIn(config, { prompt: 'none' }, browser)
    expect(callback.searchParams.get('error')).toBe('login_required')
  })
})

describe('openid-client, a confidential client', () => {
  const methods: ReadonlyArray<readonly [string, oidc.ClientAuth]> = [
    ['basic', oidc.ClientSecretBasic(SECRET)],
    ['post', oidc.ClientSecretPost(SECRET)],
    ['jwt', oidc.PrivateKeyJwt({ key: assertionKey.privateKey, kid: 'app-1' })],
  ]

  it.each(methods)('signs in, introspects, refreshes and revokes (%s)', async (clientId, auth) => {
    const config = await discover(clientId, auth)
    const tokens = await redeem(await logIn(config))

    expect(await oidc.tokenIntrospection(config, tokens.access_token)).toMatchObject({
      active: true,
      client_id: clientId,
      username: 'alice@example.com',
      sub: tokens.claims()?.sub,
      token_type: 'Bearer',
    })
    expect(await oidc.tokenIntrospection(config, tokens.refresh_token ?? '')).toMatchObject({ active: true })

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', {
      scope: 'openid notes:read',
    })
    expect(refreshed.scope).toBe('openid notes:read')

    await oidc.tokenRevocation(config, refreshed.access_token, { token_type_hint: 'access_token' })
    expect(await oidc.tokenIntrospection(config, refreshed.access_token)).toEqual({ active: false })
    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '')
    expect(await oidc.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false })
  })

  it.each(methods)('gets a token of its own by client_credentials (%s)', async (clientId, auth) => {
    const config = await discover(clientId, auth)
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'notes:read', resource: NOTES_API })
    expect(claimsOf(tokens.access_token)).toMatchObject({
      sub: clientId,
      client_id: clientId,
      aud: NOTES_API,
      scope: 'notes:read',
    })
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(tokens).not.toHaveProperty('id_token')
  })

  it('is told invalid_client with a wrong secret', async () => {
    const config = await discover('basic', oidc.ClientSecretBasic('another secret'))
    await expect(oidc.clientCredentialsGrant(config)).rejects.toMatchObject({
      status: 401,
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
    })
  })
})

describe('openid-client notices', () => {
  it.each([
    ['state', 'somebody-elses', 'OAUTH_INVALID_RESPONSE'],
    ['state', null, 'OAUTH_INVALID_RESPONSE'],
    ['iss', 'https://evil.example', 'OAUTH_INVALID_RESPONSE'],
    ['iss', null, 'OAUTH_INVALID_RESPONSE'], // it is promised in the metadata (RFC 9207 §2.4)
  ])('a callback whose %s is %s', async (name, value, code) => {
    const login = await logIn(await discover('public', oidc.None()))
    const callback = tamper(login.callback, name, value)
    await expect(redeem({ ...login, callback })).rejects.toMatchObject({ code })
    // Nothing was sent, so the code is good still.
    expect(await redeem(login)).toHaveProperty('access_token')
  })

  it('an ID token with the nonce of another login', async () => {
    const login = await logIn(await discover('public', oidc.None()))
    await expect(
      redeem({ ...login, checks: { ...login.checks, expectedNonce: 'another-nonce' } }),
    ).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  })

  it('userinfo about somebody else', async () => {
    const config = await discover('public', oidc.None())
    const tokens = await redeem(await logIn(config))
    await expect(oidc.fetchUserInfo(config, tokens.access_token, 'usr_somebody')).rejects.toMatchObject({
      code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    })
  })

  it('that its code_verifier was refused, and that the code is still good with the right one', async () => {
    const login = await logIn(await discover('public', oidc.None()))
    const checks = { ...login.checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }
    await expect(redeem({ ...login, checks })).rejects.toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await redeem(login)).toHaveProperty('access_token')
  })
})
