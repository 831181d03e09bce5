import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { ALICE, testConfig, WEB_SECRET } from '../../support/test-config.ts'

const CALLBACK = 'https://app.example/callback'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    {
      client_id: 'bank',
      redirect_uris: [CALLBACK],
      client_secret: WEB_SECRET,
      consent: 'implied',
      require_pushed_authorization_requests: true,
    },
  ],
})

forEachSharedStore(
  (server) => {
    const signIn = (url: URL) => authorizeInBrowser(new FormBrowser(), url.href, CALLBACK, ALICE, {})

    describe('client libraries push (RFC 9126)', () => {
      it('openid-client', async () => {
        const as = server()
        const library = await oidc.discovery(
          new URL(as.issuer),
          'bank',
          undefined,
          oidc.ClientSecretBasic(WEB_SECRET),
          { execute: [oidc.allowInsecureRequests] },
        )
        const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
        const expectedState = oidc.randomState()
        const expectedNonce = oidc.randomNonce()
        const url = await oidc.buildAuthorizationUrlWithPAR(library, {
          redirect_uri: CALLBACK,
          scope: 'openid email',
          state: expectedState,
          nonce: expectedNonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
          code_challenge_method: 'S256',
        })
        expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
        const tokens = await oidc.authorizationCodeGrant(library, await signIn(url), {
          pkceCodeVerifier,
          expectedState,
          expectedNonce,
          idTokenExpected: true,
        })
        expect(tokens.claims()?.aud).toBe('bank')
        expect(tokens.scope).toBe('openid email')
      })

      it('oauth4webapi', async () => {
        const { issuer } = server()
        const http = { [oauth.allowInsecureRequests]: true }
        const found = await oauth.discoveryRequest(new URL(issuer), http)
        const as = await oauth.processDiscoveryResponse(new URL(issuer), found)
        const client = { client_id: 'bank' }
        const authentication = oauth.ClientSecretBasic(WEB_SECRET)
        const verifier = oauth.generateRandomCodeVerifier()
        const state = oauth.generateRandomState()
        const parameters = {
          response_type: 'code',
          client_id: 'bank',
          redirect_uri: CALLBACK,
          scope: 'openid',
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        }
        const response = await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, http)
        const pushed = await oauth.processPushedAuthorizationResponse(as, client, response)
        const url = new URL(as.authorization_endpoint ?? '')
        url.searchParams.set('client_id', 'bank')
        url.searchParams.set('request_uri', pushed.request_uri)
        const callback = oauth.validateAuthResponse(as, client, await signIn(url), state)
        const tokens = await oauth.processAuthorizationCodeResponse(
          as,
          client,
          await oauth.authorizationCodeGrantRequest(
            as,
            client,
            authentication,
            callback,
            CALLBACK,
            verifier,
            http,
          ),
          { requireIdToken: true },
        )
        expect(oauth.getValidatedIdTokenClaims(tokens)?.aud).toBe('bank')
      })

      it('oauth4webapi reads a refusal', async () => {
        const { issuer } = server()
        const http = { [oauth.allowInsecureRequests]: true }
        const as = await oauth.processDiscoveryResponse(
          new URL(issuer),
          await oauth.discoveryRequest(new URL(issuer), http),
        )
        const client = { client_id: 'bank' }
        const parameters = { response_type: 'code', redirect_uri: 'https://evil.example/' }
        const response = await oauth.pushedAuthorizationRequest(
          as,
          client,
          oauth.ClientSecretBasic(WEB_SECRET),
          parameters,
          http,
        )
        await expect(oauth.processPushedAuthorizationResponse(as, client, response)).rejects.toMatchObject({
          error: 'invalid_request',
        })
      })
    })
  },
  { config },
)
