import { FormBrowser } from '@pixy/testing'
import {
  type INavigator,
  InMemoryWebStorage,
  OidcClient,
  UserManager,
  type UserManagerSettings,
  WebStorageStateStore,
} from 'oidc-client-ts'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { claimsOf, NOTES_API, signIn, startPixy, tamper } from './support/pixy.ts'

const APP = 'https://app.example/'
const SCOPE = 'openid profile email offline_access notes:read'

const pixy = await startPixy([
  {
    client_id: 'spa',
    redirect_uris: [`${APP}callback`, `${APP}silent`],
    post_logout_redirect_uris: [`${APP}bye`],
    scope: SCOPE,
  },
])
afterAll(() => pixy.close())

/** A window of the user's browser: the form robot instead of a popup, a frame or the tab itself. */
function windowOf(browser: FormBrowser, meddle = (url: string) => url): INavigator {
  return {
    prepare: async () => ({
      navigate: async ({ url }) => ({ url: (await signIn(meddle(url), APP, { browser })).href }),
      close: () => undefined,
    }),
    callback: async () => undefined,
  }
}

const managers: UserManager[] = []
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.removeUser() // ends the timers of its tokens
})

function settings(more: Partial<UserManagerSettings> = {}): UserManagerSettings {
  return {
    authority: pixy.issuer,
    client_id: 'spa',
    redirect_uri: `${APP}callback`,
    popup_redirect_uri: `${APP}callback`,
    silent_redirect_uri: `${APP}silent`,
    popup_post_logout_redirect_uri: `${APP}bye`,
    scope: SCOPE,
    loadUserInfo: true,
    automaticSilentRenew: false,
    stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    ...more,
  }
}

function openApp(more: Partial<UserManagerSettings> = {}, browser = new FormBrowser()): UserManager {
  const window = windowOf(browser)
  const manager = new UserManager(settings(more), window, window, window)
  managers.push(manager)
  return manager
}

describe('oidc-client-ts', () => {
  it('signs in with PKCE and a nonce, and merges the claims of userinfo', async () => {
    const user = await openApp().signinPopup({ nonce: 'nonce-1' })
    expect(user.profile).toMatchObject({
      sub: expect.stringMatching(/^usr_/),
      name: 'Alice Adams',
      email: 'alice@example.com',
      email_verified: true,
    })
    expect(user).toMatchObject({ token_type: 'Bearer', scope: SCOPE, expired: false })
    expect(claimsOf(user.id_token ?? '')).toMatchObject({ aud: 'spa', nonce: 'nonce-1' })
  })

  it('renews by refresh token, and keeps what is known of the user', async () => {
    const app = openApp()
    const user = await app.signinPopup()
    const renewed = await app.signinSilent()
    expect(renewed?.profile.sub).toBe(user.profile.sub)
    expect(renewed?.access_token).not.toBe(user.access_token)
    expect(renewed?.refresh_token).not.toBe(user.refresh_token)
    // The next one is made with the token that came with the last.
    expect(await app.signinSilent()).toHaveProperty('access_token')
  })

  it('renews without refresh token by prompt=none in a hidden frame', async () => {
    const app = openApp({ scope: 'openid profile' })
    const user = await app.signinPopup()
    expect(user.refresh_token).toBeUndefined()
    pixy.clock.advance('5m')
    const renewed = await app.signinSilent()
    pixy.clock.advance('-5m')
    expect(renewed?.profile.sub).toBe(user.profile.sub)
    // Nobody typed a password again.
    expect(claimsOf(renewed?.id_token ?? '').auth_time).toBe(claimsOf(user.id_token ?? '').auth_time)
  })

  it('names its API by resource', async () => {
    const { access_token } = await openApp({ resource: NOTES_API }).signinPopup()
    expect(claimsOf(access_token)).toMatchObject({ aud: NOTES_API })
  })

  it('revokes its tokens', async () => {
    const app = openApp()
    const user = await app.signinPopup()
    await app.revokeTokens(['access_token', 'refresh_token'])
    await app.storeUser(user)
    await expect(app.signinSilent()).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('signs out, and the silent frame hears login_required', async () => {
    const browser = new FormBrowser()
    const app = openApp({ scope: 'openid' }, browser)
    await app.signinPopup()
    await app.signoutPopup()
    expect(await app.getUser()).toBeNull()
    await expect(app.signinSilent()).rejects.toMatchObject({ error: 'login_required' })
  })

  it('takes the two halves of a redirect apart, as an app does that loads anew in between', async () => {
    const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() })
    const request = await new OidcClient(settings({ stateStore })).createSigninRequest({
      state: { returnTo: '/notes' },
    })
    const callback = await signIn(request.url, APP)
    const response = await new OidcClient(settings({ stateStore })).processSigninResponse(callback.href)
    expect(response.userState).toEqual({ returnTo: '/notes' })
    expect(response.profile).toMatchObject({ email: 'alice@example.com' })
  })
})

describe('oidc-client-ts notices', () => {
  it('an answer to a request that it never made', async () => {
    const client = new OidcClient(settings())
    const { url } = await client.createSigninRequest({})
    const callback = await signIn(url, APP)
    await expect(
      client.processSigninResponse(tamper(callback, 'state', 'somebody-elses').href),
    ).rejects.toThrow('No matching state found in storage')
  })

  it('an ID token with the nonce of another login', async () => {
    const client = new OidcClient(settings())
    const { url } = await client.createSigninRequest({ nonce: 'nonce-1' })
    const callback = await signIn(tamper(new URL(url), 'nonce', 'nonce-2'), APP)
    await expect(client.processSigninResponse(callback.href)).rejects.toThrow(
      'nonce in id_token does not match',
    )
  })

  it('that the user declined', async () => {
    const client = new OidcClient(settings())
    const { url } = await client.createSigninRequest({ prompt: 'consent' })
    const callback = await signIn(url, APP, { deny: true })
    await expect(client.processSigninResponse(callback.href)).rejects.toMatchObject({
      error: 'access_denied',
    })
  })

  it('that the code was used before', async () => {
    const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() })
    const client = new OidcClient(settings({ stateStore }))
    const { url, state } = await client.createSigninRequest({})
    const callback = await signIn(url, APP)
    await client.processSigninResponse(callback.href)
    await stateStore.set(state.id, state.toStorageString())
    await expect(client.processSigninResponse(callback.href)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })
})
