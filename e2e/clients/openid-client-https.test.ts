import { FormBrowser } from '@pixy/testing'
import * as oidc from 'openid-client'
import { afterAll, describe, expect, it } from 'vitest'
import { CALLBACK, SECRET, signIn } from './support/pixy.ts'
import { startSecurePixy } from './support/secure-pixy.ts'

const BYE = 'https://app.example/bye'

const pixy = await startSecurePixy([
  {
    client_id: 'web',
    client_secret: SECRET,
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [BYE],
  },
])
afterAll(() => pixy.close())

describe('openid-client as it comes, at a server as in production', () => {
  it('signs in over https, reads userinfo, refreshes and signs out', async () => {
    const config = await oidc.discovery(new URL(pixy.issuer), 'web', SECRET, oidc.ClientSecretBasic())
    expect(config.serverMetadata().issuer).toBe(pixy.issuer)
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const expectedState = oidc.randomState()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid email offline_access',
      state: expectedState,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    const browser = new FormBrowser()
    const callback = await signIn(url, CALLBACK, { browser })
    const cookies = [...browser.cookies(new URL(pixy.issuer).origin).keys()]
    expect(cookies.length).toBeGreaterThan(0)
    expect(cookies.filter((name) => !name.startsWith('__Host-'))).toEqual([])

    const tokens = await oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState })
    const subject = tokens.claims()?.sub ?? ''
    expect(await oidc.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({
      email: 'alice@example.com',
    })
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')

    const logout = oidc.buildEndSessionUrl(config, {
      id_token_hint: refreshed.id_token ?? '',
      post_logout_redirect_uri: BYE,
    })
    const { location } = await browser.follow(await browser.visit(logout.href), (to) => to.startsWith(BYE))
    expect(location).toBe(BYE)
    // offline_access outlives the session that it was granted in (OIDC Core §11).
    expect(await oidc.refreshTokenGrant(config, refreshed.refresh_token ?? '')).toHaveProperty('access_token')
  })

  it('speaks to no server over plain http', async () => {
    const plain = new URL(pixy.issuer.replace('https:', 'http:'))
    await expect(oidc.discovery(plain, 'web', SECRET)).rejects.toMatchObject({
      code: 'OAUTH_HTTP_REQUEST_FORBIDDEN',
    })
  })
})
