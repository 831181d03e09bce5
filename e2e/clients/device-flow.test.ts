import { FormBrowser, pageName } from '@pixy/testing'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, describe, expect, it } from 'vitest'
import { ALICE, SECRET, startPixy } from './support/pixy.ts'

const SCOPE = 'openid profile offline_access notes:read'
const grantTypes = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] as const

const pixy = await startPixy([
  { client_id: 'tv', client_name: 'Acme TV', grant_types: [...grantTypes], scope: SCOPE },
  { client_id: 'box', grant_types: [...grantTypes], client_secret: SECRET, scope: SCOPE },
])
afterAll(() => pixy.close())

/** A person at another screen: opens the link, signs in, and presses this button. */
async function answer(link: string, action: 'allow' | 'deny'): Promise<void> {
  const browser = new FormBrowser()
  const press = async (page: Awaited<ReturnType<typeof browser.visit>>, values: [string, string][]) =>
    (await browser.follow(await browser.submit(page, values), () => false)).visit
  const signIn = await press(await browser.visit(link), [])
  const confirm = await press(signIn, [
    ['username', ALICE.username],
    ['password', ALICE.password],
  ])
  expect(pageName(confirm)).toBe('device-confirm')
  const done = await press(confirm, [
    ['action', action],
    ...SCOPE.split(' ').map((scope): [string, string] => ['scope', scope]),
  ])
  expect(pageName(done)).toBe('device-done')
}

describe('openid-client, the device grant (RFC 8628)', () => {
  const discover = (clientId: string, auth: oidc.ClientAuth) =>
    oidc.discovery(new URL(pixy.issuer), clientId, undefined, auth, {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    })

  it.each([
    ['a public client', 'tv', oidc.None()],
    ['a confidential client', 'box', oidc.ClientSecretBasic(SECRET)],
  ])('%s polls until its person has allowed it, and reads userinfo', async (_, clientId, auth) => {
    const config = await discover(clientId, auth)
    const codes = await oidc.initiateDeviceAuthorization(config, { scope: SCOPE })
    expect(codes).toMatchObject({ expires_in: 600, interval: 5 })
    // The engine's clock runs ahead instead of the library's: it sees the interval, and nobody waits.
    let polls = 0
    config[oidc.customFetch] = async (url, options) => {
      if (url.endsWith('/oauth2/token')) {
        pixy.clock.advance(5)
        polls += 1
        if (polls === 3) await answer(codes.verification_uri_complete ?? '', 'allow')
      }
      return fetch(url, options as RequestInit)
    }
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...codes, interval: 0.01 })
    expect(polls).toBe(3)
    expect(tokens).toMatchObject({ scope: SCOPE, refresh_token: expect.any(String) })
    const subject = tokens.claims()?.sub ?? ''
    expect(await oidc.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({
      name: 'Alice Adams',
    })
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(next.claims()?.sub).toBe(subject)
  })

  it('is told of a no', async () => {
    const config = await discover('tv', oidc.None())
    const codes = await oidc.initiateDeviceAuthorization(config, { scope: SCOPE })
    await answer(codes.verification_uri_complete ?? '', 'deny')
    await expect(
      oidc.pollDeviceAuthorizationGrant(config, { ...codes, interval: 0.01 }),
    ).rejects.toMatchObject({ error: 'access_denied' })
  })
})

describe('oauth4webapi, the device grant (RFC 8628)', () => {
  const http = { [oauth.allowInsecureRequests]: true }
  const client: oauth.Client = { client_id: 'tv' }

  it('takes every answer on the way for what it is', async () => {
    const issuer = new URL(pixy.issuer)
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' }),
    )
    const begin = async () =>
      oauth.processDeviceAuthorizationResponse(
        as,
        client,
        await oauth.deviceAuthorizationRequest(as, client, oauth.None(), { scope: SCOPE }, http),
      )
    const poll = async ({ device_code }: oauth.DeviceAuthorizationResponse) =>
      oauth.processDeviceCodeResponse(
        as,
        client,
        await oauth.deviceCodeGrantRequest(as, client, oauth.None(), device_code, http),
      )
    const codes = await begin()
    await expect(poll(codes)).rejects.toMatchObject({ error: 'authorization_pending' })
    await expect(poll(codes)).rejects.toMatchObject({ error: 'slow_down' })
    await answer(codes.verification_uri_complete ?? '', 'allow')
    const tokens = await poll(codes)
    expect(tokens.scope).toBe(SCOPE)
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ aud: 'tv', iss: pixy.issuer })

    const late = await begin()
    pixy.clock.advance(600)
    await expect(poll(late)).rejects.toMatchObject({ error: 'expired_token' })
  })
})
