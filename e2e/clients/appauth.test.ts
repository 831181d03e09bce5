import { createRequire } from 'node:module'
import {
  type AuthorizationError,
  AuthorizationNotifier,
  AuthorizationRequest,
  type AuthorizationRequestJson,
  type AuthorizationResponse,
  AuthorizationServiceConfiguration,
  BaseTokenRequestHandler,
  GRANT_TYPE_AUTHORIZATION_CODE,
  GRANT_TYPE_REFRESH_TOKEN,
  RevokeTokenRequest,
  setFlag,
  TokenRequest,
  type TokenResponse,
} from '@openid/appauth'
import { FormBrowser, type SignInOptions } from '@pixy/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { signIn, startPixy } from './support/pixy.ts'
import { openSite } from './support/site.ts'

// The library opens the system's browser through this package. Here the form robot is that browser.
const require = createRequire(import.meta.resolve('@openid/appauth'))
let openBrowser: (url: string) => void
const opener = require.resolve('opener')
require(opener)
Object.assign(require.cache[opener] ?? {}, { exports: (url: string) => openBrowser(url) })
const { NodeBasedHandler, NodeCrypto, NodeRequestor } = await import(
  '@openid/appauth/built/node_support/index.js'
)

setFlag('IS_LOG', false)

const SCOPE = 'openid profile offline_access'

// RFC 8252 §7.3: registered without a port, since a native app finds one at run time.
const pixy = await startPixy([
  {
    client_id: 'native',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    scope: SCOPE,
  },
])
afterAll(() => pixy.close())

const requestor = new NodeRequestor()
const tokenHandler = new BaseTokenRequestHandler(requestor)
const discover = () => AuthorizationServiceConfiguration.fetchFromIssuer(pixy.issuer, requestor)

interface Authorized {
  readonly request: AuthorizationRequest
  readonly response: AuthorizationResponse | null
  readonly error: AuthorizationError | null
  /** What the user's browser shows in the end. */
  readonly lastPage: string
}

async function authorize(
  more: Partial<AuthorizationRequestJson> = {},
  options: SignInOptions = {},
): Promise<Authorized> {
  const site = await openSite(() => undefined)
  await site.close() // a port that is free
  const redirectUri = `http://127.0.0.1:${site.port}/callback`
  const configuration = await discover()
  const handler = new NodeBasedHandler(site.port)
  const notifier = new AuthorizationNotifier()
  handler.setAuthorizationNotifier(notifier)

  const browser = new FormBrowser()
  const lastPage = new Promise<string>((resolve, reject) => {
    openBrowser = (url) => {
      signIn(url, redirectUri, { browser, ...options })
        .then((back) => browser.visit(back.href))
        .then((visit) => resolve(visit.body), reject)
    }
  })
  const answered = new Promise<Omit<Authorized, 'lastPage'>>((resolve) => {
    notifier.setAuthorizationListener((request, response, error) => resolve({ request, response, error }))
  })
  const request = { client_id: 'native', redirect_uri: redirectUri, scope: SCOPE, response_type: 'code' }
  handler.performAuthorizationRequest(
    configuration,
    new AuthorizationRequest({ ...request, ...more }, new NodeCrypto()),
  )
  return { lastPage: await lastPage, ...(await answered) }
}

async function redeem(
  { request, response }: Authorized,
  verifier = request.internal?.code_verifier ?? '',
): Promise<TokenResponse> {
  return tokenHandler.performTokenRequest(
    await discover(),
    new TokenRequest({
      client_id: request.clientId,
      redirect_uri: request.redirectUri,
      grant_type: GRANT_TYPE_AUTHORIZATION_CODE,
      code: response?.code ?? '',
      extras: { code_verifier: verifier },
    }),
  )
}

async function refresh(refreshToken: string | undefined): Promise<TokenResponse> {
  return tokenHandler.performTokenRequest(
    await discover(),
    new TokenRequest({
      client_id: 'native',
      redirect_uri: 'http://127.0.0.1/callback', // the library sends it always
      grant_type: GRANT_TYPE_REFRESH_TOKEN,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    }),
  )
}

describe('@openid/appauth on Node', () => {
  it('signs in on a loopback port of its own, reads userinfo, refreshes and revokes', async () => {
    const authorized = await authorize()
    expect(authorized.lastPage).toBe('Close your browser to continue')
    const tokens = await redeem(authorized)
    expect(tokens).toMatchObject({ tokenType: 'Bearer', expiresIn: 600, scope: SCOPE })
    expect(tokens.isValid(0)).toBe(true)

    const configuration = await discover()
    const user = await requestor.xhr({
      url: configuration.userInfoEndpoint ?? '',
      method: 'GET',
      dataType: 'json',
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    })
    expect(user).toMatchObject({ name: 'Alice Adams' })

    const renewed = await refresh(tokens.refreshToken)
    expect(renewed.accessToken).not.toBe(tokens.accessToken)

    const revocation = new RevokeTokenRequest({ token: renewed.refreshToken ?? '', client_id: 'native' })
    expect(await tokenHandler.performRevokeTokenRequest(configuration, revocation)).toBe(true)
    await expect(refresh(renewed.refreshToken)).rejects.toMatchObject({ message: 'Bad Request' })
  })

  it('gives the app back the state that it sent, for it compares none itself', async () => {
    const { request, response } = await authorize({ state: 'state-of-the-app' })
    expect(response?.state).toBe(request.state)
  })

  it('hears that the user declined', async () => {
    const { error, response } = await authorize({}, { deny: true })
    expect(response).toBeNull()
    expect(error).toMatchObject({ error: 'access_denied' })
  })

  it('hears that its code_verifier was refused', async () => {
    const authorized = await authorize()
    await expect(redeem(authorized, 'x'.repeat(43))).rejects.toMatchObject({ message: 'Bad Request' })
    expect(await redeem(authorized)).toHaveProperty('accessToken')
  })
})
