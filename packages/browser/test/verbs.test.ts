import { describe, expect, it } from 'vitest'
import { createBrowser } from './fake-browser.ts'
import { API } from './fake-server.ts'

describe('fetch (RFC 6750 §2.1)', () => {
  it('adds the token, keeps the rest', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    const response = await auth.fetch(`${API}/notes`, {
      method: 'POST',
      body: 'hello',
      headers: { 'X-Kind': 'test' },
    })
    expect(await response.json()).toEqual({ body: 'hello' })
    const [call] = server.apiCalls
    expect(call?.headers.get('Authorization')).toBe('Bearer access-1')
    expect(call?.headers.get('X-Kind')).toBe('test')
  })

  it("takes paths of the app's own origin", async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    await auth.fetch('/api/notes')
    expect(server.apiCalls[0]?.url).toBe('https://app.example/api/notes')
  })

  it('gives no token to other origins', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    for (const url of ['https://evil.example/', 'https://api.example.evil.example/', 'http://api.example/']) {
      await expect(auth.fetch(url)).rejects.toMatchObject({ code: 'origin_not_allowed' })
    }
    expect(server.apiCalls).toEqual([])
    const open = await signedInTab({ apiOrigins: ['https://app.example'] })
    await expect(open.auth.fetch(API)).rejects.toMatchObject({ code: 'origin_not_allowed' })
  })

  it('tries once more with a new token, body included, after a 401 invalid_token', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    server.dead.add('access-1')
    const response = await auth.fetch(`${API}/notes`, { method: 'POST', body: 'hello' })
    expect(await response.json()).toEqual({ body: 'hello' })
    expect(server.apiCalls.map((call) => call.headers.get('Authorization'))).toEqual([
      'Bearer access-1',
      'Bearer access-2',
    ])
  })

  it('gives up after the second 401', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    for (const token of ['access-1', 'access-2']) server.dead.add(token)
    expect((await auth.fetch(`${API}/notes`)).status).toBe(401)
    expect(server.apiCalls).toHaveLength(2)
  })

  it('refreshes once when many calls are refused at the same time', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    server.dead.add('access-1')
    const responses = await Promise.all(Array.from({ length: 5 }, () => auth.fetch(`${API}/notes`)))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(server.tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token')).toHaveLength(1)
  })
})

describe('logout (OIDC RP-Initiated Logout §2)', () => {
  it('revokes, forgets, and leaves with the ID token as a hint', async () => {
    const { signedInTab, server } = await createBrowser()
    const tab = await signedInTab()
    await tab.auth.logout()
    expect(server.revocations.map((form) => Object.fromEntries(form))).toEqual([
      { token: 'refresh-1', token_type_hint: 'refresh_token', client_id: 'notes' },
    ])
    const { origin, pathname, searchParams } = new URL(tab.sentTo())
    expect(origin + pathname).toBe('https://auth.example/oauth2/logout')
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'notes',
      id_token_hint: expect.stringMatching(/^ey/),
      post_logout_redirect_uri: 'https://app.example/',
    })
    expect(tab.auth.getSnapshot()).toMatchObject({ status: 'signed-out', user: undefined, error: undefined })
    expect(tab.storage.values.has('pixy:notes@https://auth.example')).toBe(false)
  })

  it('signs the other tabs out too', async () => {
    const { signedInTab } = await createBrowser()
    const [one, two] = [await signedInTab(), await signedInTab()]
    await one.auth.logout({ returnTo: '/bye' })
    await Promise.resolve()
    expect(two.auth.getSnapshot().status).toBe('signed-out')
    expect(new URL(one.sentTo()).searchParams.get('post_logout_redirect_uri')).toBe('https://app.example/bye')
  })

  it('stays in the app, and leaves the other logins alone, with everywhere: false', async () => {
    const { signedInTab, server } = await createBrowser()
    const [one, two] = [await signedInTab(), await signedInTab()]
    const before = one.sentTo()
    await one.auth.logout({ everywhere: false })
    await Promise.resolve()
    expect(one.sentTo()).toBe(before)
    expect(one.auth.getSnapshot().status).toBe('signed-out')
    expect(two.auth.getSnapshot().status).toBe('signed-in')
    expect(server.revocations).toHaveLength(1)
  })
})

describe('getSnapshot and subscribe', () => {
  it('give the same object until something changes', async () => {
    const { signedInTab, clock } = await createBrowser()
    const { auth } = await signedInTab()
    const before = auth.getSnapshot()
    let calls = 0
    const stop = auth.subscribe(() => {
      calls += 1
    })
    await auth.getAccessToken()
    expect(auth.getSnapshot()).toBe(before)
    expect(calls).toBe(0)
    clock.advance(600)
    await auth.getAccessToken()
    expect(auth.getSnapshot()).not.toBe(before)
    expect(auth.getSnapshot().expiresAt).toBeGreaterThan(before.expiresAt ?? 0)
    expect(calls).toBe(1)
    stop()
    await auth.revoke()
    expect(calls).toBe(1)
  })

  it('are silent after dispose', async () => {
    const { signedInTab } = await createBrowser()
    const [one, two] = [await signedInTab(), await signedInTab()]
    let calls = 0
    two.auth.subscribe(() => {
      calls += 1
    })
    two.auth.dispose()
    await one.auth.logout()
    await Promise.resolve()
    expect(calls).toBe(0)
  })
})

describe('onTrace', () => {
  it('tells a sign-in step by step', async () => {
    const { signedInTab } = await createBrowser()
    const { trace } = await signedInTab()
    expect(trace.map((event) => (event.step === 'check' ? event.name : event.step))).toEqual([
      'authorization_response',
      'state',
      'discovery',
      'iss',
      'token_request',
      'token_response',
      'id_token.alg',
      'jwks',
      'id_token.signature',
      'id_token.iss',
      'id_token.aud',
      'id_token.exp',
      'id_token.iat',
      'id_token.sub',
      'id_token.nonce',
      'id_token.at_hash',
      'signed_in',
    ])
  })
})

describe('Back to a page that the browser kept as it was left', () => {
  it('shows who signed in since', async () => {
    const { tab, server } = await createBrowser()
    const left = tab()
    await left.auth.login()
    await left.open(server.allow(left.sentTo())).auth.handleCallback()
    expect(left.auth.getSnapshot().status).toBe('signed-out')
    left.restore()
    await expect.poll(() => left.auth.getSnapshot().status).toBe('signed-in')
    expect(await left.auth.getAccessToken()).toBe('access-1')
  })

  it('shows that the session ended since, and hands out nothing of it', async () => {
    const { signedInTab } = await createBrowser()
    const left = await signedInTab()
    left.storage.values.clear()
    left.restore()
    await expect.poll(() => left.auth.getSnapshot().status).toBe('signed-out')
    await expect(left.auth.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
  })
})
