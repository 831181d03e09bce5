import { createHash } from 'node:crypto'
import { FormBrowser, pageName, readForm } from '@pixy/testing'
import * as oauth from 'oauth4webapi'
import { afterAll, describe, expect, it } from 'vitest'
import { CALLBACK, claimsOf, NOTES_API, SECRET, signIn, startPixy, tamper } from './support/pixy.ts'

const SCOPE = 'openid profile email offline_access notes:read'
const ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const

const pixy = await startPixy([
  { client_id: 'public', redirect_uris: [CALLBACK], scope: SCOPE },
  {
    client_id: 'confidential',
    redirect_uris: [CALLBACK],
    client_secret: SECRET,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: SCOPE,
  },
  ...ALGORITHMS.map((alg) => ({
    client_id: `signed-${alg}`,
    redirect_uris: [CALLBACK],
    id_token_signed_response_alg: alg,
    consent: 'implied' as const,
  })),
])
afterAll(() => pixy.close())

const http = { [oauth.allowInsecureRequests]: true }
const publicClient: oauth.Client = { client_id: 'public' }
const confidential: oauth.Client = { client_id: 'confidential' }

async function discover(algorithm: 'oidc' | 'oauth2' = 'oidc'): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(pixy.issuer)
  const response = await oauth.discoveryRequest(issuer, { ...http, algorithm })
  return oauth.processDiscoveryResponse(issuer, response)
}

interface Login {
  readonly callback: URL
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

async function logIn(
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  more: Record<string, string> = {},
): Promise<Login> {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const url = new URL(as.authorization_endpoint ?? '')
  const parameters = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { callback: await signIn(url, CALLBACK), state, nonce, verifier }
}

async function redeem(
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  auth: oauth.ClientAuth,
  login: Login,
  checks: oauth.ProcessAuthorizationCodeResponseOptions = {},
): Promise<oauth.TokenEndpointResponse> {
  const parameters = oauth.validateAuthResponse(as, client, login.callback, login.state)
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    auth,
    parameters,
    CALLBACK,
    login.verifier,
    http,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: login.nonce,
    requireIdToken: true,
    ...checks,
  })
  await oauth.validateApplicationLevelSignature(as, response, http)
  return tokens
}

describe('oauth4webapi, discovery', () => {
  it('finds the same metadata by OIDC Discovery §4 and by RFC 8414 §3', async () => {
    const as = await discover('oidc')
    expect(as.issuer).toBe(pixy.issuer)
    expect(await discover('oauth2')).toEqual(as)
  })

  it.each(['oidc', 'oauth2'] as const)(
    'does not take the metadata of another issuer (%s)',
    async (algorithm) => {
      const response = await oauth.discoveryRequest(new URL(pixy.issuer), { ...http, algorithm })
      await expect(
        oauth.processDiscoveryResponse(new URL('https://other.example'), response),
      ).rejects.toMatchObject({ code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
    },
  )
})

describe('oauth4webapi, login', () => {
  it('signs in with every check it has, reads userinfo, refreshes and revokes', async () => {
    const as = await discover()
    const login = await logIn(as, publicClient, { max_age: '300' })
    const tokens = await redeem(as, publicClient, oauth.None(), login, { maxAge: 300 })
    const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''

    const userinfo = await oauth.processUserInfoResponse(
      as,
      publicClient,
      subject,
      await oauth.userInfoRequest(as, publicClient, tokens.access_token, http),
    )
    expect(userinfo).toMatchObject({ sub: subject, email: 'alice@example.com', email_verified: true })

    const response = await oauth.refreshTokenGrantRequest(
      as,
      publicClient,
      oauth.None(),
      tokens.refresh_token ?? '',
      http,
    )
    const refreshed = await oauth.processRefreshTokenResponse(as, publicClient, response)
    await oauth.validateApplicationLevelSignature(as, response, http)
    const again = oauth.getValidatedIdTokenClaims(refreshed)
    expect(again).toMatchObject({ sub: subject, auth_time: claimsOf(tokens.id_token ?? '').auth_time })
    expect(again).not.toHaveProperty('nonce') // OIDC Core §12.2

    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, publicClient, oauth.None(), refreshed.refresh_token ?? '', http),
    )
    const dead = await oauth.userInfoRequest(as, publicClient, refreshed.access_token, http)
    await expect(oauth.processUserInfoResponse(as, publicClient, subject, dead)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    })
  })

  it('takes the response by form_post', async () => {
    const as = await discover()
    const browser = new FormBrowser()
    const verifier = oauth.generateRandomCodeVerifier()
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: 'signed-RS256',
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 'state-1',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    await signIn(url, CALLBACK, { browser })

    url.searchParams.set('response_mode', 'form_post')
    const page = await browser.visit(url.href)
    expect(pageName(page)).toBe('form-post')
    const { action, values } = readForm(page)
    expect(action).toBe(CALLBACK)
    const form = new URLSearchParams(values.map(([name, value]) => [name, value]))
    const client = { client_id: 'signed-RS256' }
    const parameters = oauth.validateAuthResponse(as, client, form, 'state-1')
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.None(),
      parameters,
      CALLBACK,
      verifier,
      http,
    )
    expect(await oauth.processAuthorizationCodeResponse(as, client, response)).toHaveProperty('id_token')
  })

  it.each(ALGORITHMS)('verifies an ID token signed with %s, and its at_hash', async (alg) => {
    const as = await discover()
    const client = { client_id: `signed-${alg}`, id_token_signed_response_alg: alg }
    const login = await logIn(as, client, { scope: 'openid' })
    const tokens = await redeem(as, client, oauth.None(), login)
    // OIDC Core §3.1.3.6; the library leaves it to the caller in this flow.
    const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
      .update(tokens.access_token)
      .digest()
    expect(claimsOf(tokens.id_token ?? '').at_hash).toBe(
      digest.subarray(0, digest.length / 2).toString('base64url'),
    )
  })

  it('introspects, and hears nothing of a token that is not its own', async () => {
    const as = await discover()
    const auth = oauth.ClientSecretBasic(SECRET)
    const introspect = async (token: string): Promise<oauth.IntrospectionResponse> =>
      oauth.processIntrospectionResponse(
        as,
        confidential,
        await oauth.introspectionRequest(as, confidential, auth, token, http),
      )
    const tokens = await redeem(as, confidential, auth, await logIn(as, confidential))
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true, client_id: 'confidential' })

    const others = await redeem(as, publicClient, oauth.None(), await logIn(as, publicClient))
    expect(await introspect(others.access_token)).toEqual({ active: false })
  })

  it('guards an API with an access token by client_credentials (RFC 9068 §4)', async () => {
    const as = await discover('oauth2')
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      confidential,
      oauth.ClientSecretBasic(SECRET),
      { scope: 'notes:read', resource: NOTES_API },
      http,
    )
    const { access_token } = await oauth.processClientCredentialsResponse(as, confidential, response)
    const request = new Request(`${NOTES_API}/notes`, {
      headers: { authorization: `Bearer ${access_token}` },
    })
    expect(await oauth.validateJwtAccessToken(as, request, NOTES_API, http)).toMatchObject({
      sub: 'confidential',
      client_id: 'confidential',
      scope: 'notes:read',
    })
    await expect(
      oauth.validateJwtAccessToken(as, request, 'https://other.example', http),
    ).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  })

  it('does not take an ID token for an access token', async () => {
    const as = await discover()
    const { id_token } = await redeem(as, publicClient, oauth.None(), await logIn(as, publicClient))
    const request = new Request(NOTES_API, { headers: { authorization: `Bearer ${id_token}` } })
    await expect(oauth.validateJwtAccessToken(as, request, 'public', http)).rejects.toMatchObject({
      code: 'OAUTH_INVALID_RESPONSE',
    })
  })
})

describe('oauth4webapi notices', () => {
  it.each([
    ['state', 'somebody-elses'],
    ['state', null],
    ['iss', 'https://evil.example'],
    ['iss', null],
  ])('a callback whose %s is %s', async (name, value) => {
    const as = await discover()
    const { callback, state } = await logIn(as, publicClient)
    expect(() => oauth.validateAuthResponse(as, publicClient, tamper(callback, name, value), state)).toThrow(
      expect.objectContaining({ code: 'OAUTH_INVALID_RESPONSE' }),
    )
  })

  it('a callback with two states', async () => {
    const as = await discover()
    const { callback, state } = await logIn(as, publicClient)
    callback.searchParams.append('state', 'another')
    expect(() => oauth.validateAuthResponse(as, publicClient, callback, state)).toThrow(
      expect.objectContaining({ code: 'OAUTH_INVALID_RESPONSE' }),
    )
  })

  it.each<[string, oauth.ProcessAuthorizationCodeResponseOptions]>([
    ['nonce', { expectedNonce: 'another-nonce' }],
    ['nonce that nobody asked for', { expectedNonce: oauth.expectNoNonce }],
  ])('an ID token with another %s', async (_, checks) => {
    const as = await discover()
    const login = await logIn(as, publicClient)
    await expect(redeem(as, publicClient, oauth.None(), login, checks)).rejects.toMatchObject({
      code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    })
  })

  it('an ID token for another client', async () => {
    const as = await discover()
    const login = await logIn(as, publicClient)
    const parameters = oauth.validateAuthResponse(as, publicClient, login.callback, login.state)
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      publicClient,
      oauth.None(),
      parameters,
      CALLBACK,
      login.verifier,
      http,
    )
    await expect(
      oauth.processAuthorizationCodeResponse(as, confidential, response, { expectedNonce: login.nonce }),
    ).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  })

  it('an ID token by a key that is not in the JWKS', async () => {
    const as = await discover()
    const login = await logIn(as, publicClient)
    const parameters = oauth.validateAuthResponse(as, publicClient, login.callback, login.state)
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      publicClient,
      oauth.None(),
      parameters,
      CALLBACK,
      login.verifier,
      http,
    )
    await oauth.processAuthorizationCodeResponse(as, publicClient, response, { expectedNonce: login.nonce })
    const empty = async (): Promise<Response> => Response.json({ keys: [] })
    await expect(
      oauth.validateApplicationLevelSignature(as, response, { ...http, [oauth.customFetch]: empty }),
    ).rejects.toMatchObject({ code: 'OAUTH_KEY_SELECTION_FAILED' })
  })

  it('a code that was redeemed before', async () => {
    const as = await discover()
    const login = await logIn(as, publicClient)
    const { access_token } = await redeem(as, publicClient, oauth.None(), login)
    await expect(redeem(as, publicClient, oauth.None(), login)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    // RFC 6749 §4.1.2: and what the first redemption gave is worth nothing any more.
    const response = await oauth.userInfoRequest(as, publicClient, access_token, http)
    expect(response.status).toBe(401)
  })
})
