import { describe, expect, it } from 'vitest'
import { deriveChallenge } from '../src/pkce.ts'
import { createBrowser } from './fake-browser.ts'
import { API, CLIENT_ID } from './fake-server.ts'

describe('createAuthClient', () => {
  it('touches neither network nor location', async () => {
    const { tab, server } = await createBrowser()
    const fresh = tab({ platform: { fetch: () => Promise.reject(new Error('no network, please')) } })
    expect(fresh.auth.getSnapshot().status).toBe('loading')
    await Promise.resolve()
    expect(server.tokenRequests).toEqual([])
    expect(fresh.sentTo()).toBe('https://app.example/')
  })

  it('says which option is wrong', async () => {
    const { tab } = await createBrowser()
    expect(() => tab({ issuer: 'auth.example' })).toThrow(/issuer is not an absolute URL/)
    expect(() => tab({ scope: '' })).toThrow(/scope is missing/)
  })
})

describe('login (RFC 6749 §4.1.1, RFC 7636 §4.3)', () => {
  it('asks for a code with an S256 challenge, a state, a nonce and the resource', async () => {
    const { auth, sentTo, trace } = (await createBrowser()).tab()
    await auth.login({
      prompt: 'login',
      loginHint: 'ada@example.com',
      uiLocales: 'de',
      acrValues: 'mfa',
      maxAge: 60,
    })
    const { searchParams, origin, pathname } = new URL(sentTo())
    expect(origin + pathname).toBe('https://auth.example/oauth2/authorize')
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: 'https://app.example/callback',
      scope: 'openid profile offline_access notes:read',
      resource: API,
      code_challenge_method: 'S256',
      prompt: 'login',
      login_hint: 'ada@example.com',
      ui_locales: 'de',
      acr_values: 'mfa',
      max_age: '60',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const made = trace.find((event) => event.step === 'verifier_created')
    expect(searchParams.get('code_challenge')).toBe(await deriveChallenge(crypto, made?.verifier ?? ''))
  })

  it('has fresh values for every login', async () => {
    const { auth, sentTo } = (await createBrowser()).tab()
    const seen = new Set<string | null>()
    for (let i = 0; i < 3; i += 1) {
      await auth.login()
      const { searchParams } = new URL(sentTo())
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(searchParams.get(name))
    }
    expect(seen.size).toBe(9)
  })

  it.each(['https://evil.example/', '//evil.example', 'javascript:alert(1)', 'data:text/html,x'])(
    'does not accept %s as a place to return to',
    async (returnTo) => {
      const { auth, sentTo } = (await createBrowser()).tab()
      await expect(auth.login({ returnTo })).rejects.toMatchObject({ code: 'return_to_not_allowed' })
      expect(sentTo()).toBe('https://app.example/')
    },
  )

  it('explains an issuer that goes by another name (OIDC Discovery §4.3)', async () => {
    const { tab, server } = await createBrowser()
    server.metadata.issuer = 'https://127.0.0.1'
    await expect(tab().auth.login()).rejects.toMatchObject({
      code: 'issuer_mismatch',
      received: 'https://127.0.0.1',
      expected: 'https://auth.example',
    })
  })

  it('does not go where the metadata says javascript:', async () => {
    const { tab, server } = await createBrowser()
    server.metadata.authorization_endpoint = 'javascript:alert(1)'
    await expect(tab().auth.login()).rejects.toMatchObject({ code: 'discovery_failed' })
  })

  it('fetches the metadata once, and again after a failure', async () => {
    const { tab, server } = await createBrowser()
    let calls = 0
    const { auth } = tab({
      platform: {
        fetch(request, init) {
          calls += 1
          return calls === 1 ? Promise.reject(new TypeError('offline')) : server.fetch(request, init)
        },
      },
    })
    await expect(auth.login()).rejects.toMatchObject({ code: 'network_error' })
    await Promise.all([auth.login(), auth.login()])
    await auth.login()
    expect(calls).toBe(2)
  })
})
