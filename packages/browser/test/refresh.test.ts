import { describe, expect, it } from 'vitest'
import { createBrowser } from './fake-browser.ts'
import { API, type FakeServer } from './fake-server.ts'

const refreshes = (server: FakeServer): URLSearchParams[] =>
  server.tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token')

describe('getAccessToken (RFC 6749 §6)', () => {
  it('hands out the same token until less than minTtl is left', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const { auth } = await signedInTab()
    clock.advance(560)
    await expect(auth.getAccessToken()).resolves.toBe('access-1')
    await expect(auth.getAccessToken({ minTtl: 60 })).resolves.toBe('access-2')
    await expect(auth.getAccessToken({ minTtl: 60 })).resolves.toBe('access-2')
    expect(refreshes(server)).toHaveLength(1)
    expect(Object.fromEntries(refreshes(server)[0] ?? [])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'notes',
      refresh_token: 'refresh-1',
      resource: API,
    })
  })

  it('refreshes once for many callers', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const { auth } = await signedInTab()
    clock.advance(600)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => auth.getAccessToken()))
    expect(new Set(tokens)).toEqual(new Set(['access-2']))
    expect(refreshes(server)).toHaveLength(1)
  })

  it('refreshes once for many tabs of one session', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const first = await signedInTab()
    const tabs = [first, ...Array.from({ length: 5 }, () => first.duplicate())]
    clock.advance(600)
    const tokens = await Promise.all(tabs.map(({ auth }) => auth.getAccessToken()))
    expect(new Set(tokens)).toEqual(new Set(['access-2']))
    expect(refreshes(server)).toHaveLength(1)
    expect(tabs.map(({ auth }) => auth.getSnapshot().status)).toEqual(tabs.map(() => 'signed-in'))
  })

  it('lets a restored tab catch up before it uses an old refresh token', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const first = await signedInTab()
    const closed = new Map(first.storage.values)
    clock.advance(600)
    await first.auth.getAccessToken()
    clock.advance(600)
    await first.auth.getAccessToken()
    first.storage.values.clear()
    for (const [key, value] of closed) first.storage.values.set(key, value)
    const restored = first.open()
    await expect(restored.auth.getAccessToken()).resolves.toBe('access-3')
    expect(refreshes(server)).toHaveLength(2)
  })

  it('works without Web Locks and BroadcastChannel', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const { auth } = await signedInTab({ platform: { locks: undefined, openChannel: undefined } })
    clock.advance(600)
    await Promise.all([
      auth.getAccessToken(),
      auth.getAccessToken({ scope: 'notes:read' }),
      auth.getAccessToken(),
    ])
    expect(refreshes(server).map((form) => form.get('refresh_token'))).toEqual(['refresh-1', 'refresh-2'])
  })

  it('stores the new refresh token, and keeps the old one where the answer has none', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const { auth } = await signedInTab()
    clock.advance(600)
    server.next.answer = { refresh_token: undefined }
    await auth.getAccessToken()
    clock.advance(600)
    await auth.getAccessToken()
    clock.advance(600)
    await auth.getAccessToken()
    expect(refreshes(server).map((form) => form.get('refresh_token'))).toEqual([
      'refresh-1',
      'refresh-1',
      'refresh-3',
    ])
  })

  it('asks once more when the answer was lost, with the same refresh token', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const { auth } = await signedInTab()
    clock.advance(600)
    server.next.lose = true
    await expect(auth.getAccessToken()).resolves.toBe('access-3')
    expect(refreshes(server).map((form) => form.get('refresh_token'))).toEqual(['refresh-1', 'refresh-1'])
    clock.advance(600)
    await auth.getAccessToken()
    expect(refreshes(server).at(-1)?.get('refresh_token')).toBe('refresh-2')
  })

  it('stays signed in while the network is down', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const tab = await signedInTab()
    clock.advance(600)
    const { auth } = tab.open('https://app.example/', {
      platform: { fetch: () => Promise.reject(new TypeError('offline')) },
    })
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'network_error' })
    expect(auth.getSnapshot().status).toBe('signed-in')
    await expect(tab.open().auth.getAccessToken()).resolves.toBe('access-2')
    expect(refreshes(server)).toHaveLength(1)
  })

  it('signs out with the reason when the refresh token is no longer good', async () => {
    const { signedInTab, clock, server } = await createBrowser()
    const tab = await signedInTab()
    const twin = tab.duplicate()
    await twin.auth.getAccessToken()
    clock.advance(600)
    server.next.refuse = { error: 'invalid_grant', reason: 'refresh_token_revoked', flow: 'flow_1' }
    await expect(tab.auth.getAccessToken()).rejects.toMatchObject({ code: 'invalid_grant' })
    expect(tab.auth.getSnapshot()).toMatchObject({
      status: 'signed-out',
      user: undefined,
      error: { code: 'invalid_grant', reason: 'refresh_token_revoked', flowId: 'flow_1' },
    })
    expect(tab.storage.values.get('pixy:notes@https://auth.example')).toBeUndefined()
    await Promise.resolve()
    expect(twin.auth.getSnapshot().status).toBe('signed-out')
  })

  it('stays signed in after any other refusal', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    server.next.refuse = { error: 'invalid_scope' }
    await expect(auth.getAccessToken({ scope: 'notes:admin' })).rejects.toMatchObject({
      code: 'invalid_scope',
    })
    expect(auth.getSnapshot().status).toBe('signed-in')
  })

  it('says what is missing where there is no refresh token', async () => {
    const { tab, clock, server } = await createBrowser()
    const before = tab()
    await before.auth.login()
    server.next.answer = { refresh_token: undefined }
    const { auth } = before.open(server.allow(before.sentTo()))
    await auth.handleCallback()
    clock.advance(600)
    await expect(auth.getAccessToken()).rejects.toMatchObject({
      code: 'login_required',
      hint: expect.stringContaining('offline_access'),
    })
  })

  it('keeps tokens for other APIs and fewer scopes apart (RFC 8707 §2.2)', async () => {
    const { signedInTab, server } = await createBrowser()
    const { auth } = await signedInTab()
    const other = await auth.getAccessToken({ audience: 'https://files.example', scope: 'files:read' })
    expect(other).toBe('access-2')
    expect(refreshes(server)[0]?.get('resource')).toBe('https://files.example')
    expect(refreshes(server)[0]?.get('scope')).toBe('files:read')
    await expect(auth.getAccessToken()).resolves.toBe('access-1')
    await expect(
      auth.getAccessToken({ audience: 'https://files.example', scope: 'files:read' }),
    ).resolves.toBe('access-2')
    expect(auth.getSnapshot().scopes).toContain('notes:read')
  })

  it('lets listeners ask for a token (nothing is locked while they run)', async () => {
    const { signedInTab, clock } = await createBrowser()
    const { auth } = await signedInTab()
    clock.advance(600)
    const seen: Promise<string>[] = []
    auth.subscribe(() => seen.push(auth.getAccessToken({ scope: 'notes:read' })))
    await auth.getAccessToken()
    expect(seen).toHaveLength(1)
    await expect(seen[0]).resolves.toBe('access-3')
  })
})

describe('storage', () => {
  it('keeps the session over a reload by default', async () => {
    const { signedInTab, server } = await createBrowser()
    const tab = await signedInTab()
    const { auth } = tab.open()
    await expect(auth.getAccessToken()).resolves.toBe('access-1')
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', user: { sub: 'usr_1' } })
    expect(refreshes(server)).toHaveLength(0)
  })

  it('keeps nothing with memory', async () => {
    const { signedInTab } = await createBrowser()
    const tab = await signedInTab({ storage: 'memory' })
    await expect(tab.auth.getAccessToken()).resolves.toBe('access-1')
    expect([...tab.storage.values.values()].join()).not.toContain('access-1')
    await expect(tab.open().auth.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
  })

  it('ignores a stored value that is not a session', async () => {
    const { tab } = await createBrowser()
    const fresh = tab()
    fresh.storage.values.set('pixy:notes@https://auth.example', '{"id":1}')
    const { auth } = fresh.open()
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  it('works with a store that tabs share', async () => {
    const shared = new Map<string, string>()
    const storage = {
      get: async (key: string) => shared.get(key),
      set: async (key: string, value: string) => void shared.set(key, value),
      remove: async (key: string) => void shared.delete(key),
    }
    const { signedInTab, tab, clock, server } = await createBrowser()
    const alone = { locks: undefined, openChannel: undefined }
    const first = await signedInTab({ storage, platform: alone })
    const second = tab({ storage, platform: alone })
    clock.advance(600)
    await first.auth.getAccessToken()
    await expect(second.auth.getAccessToken()).resolves.toBe('access-2')
    expect(refreshes(server)).toHaveLength(1)
  })
})
