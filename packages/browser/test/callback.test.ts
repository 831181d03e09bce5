import { describe, expect, it } from 'vitest'
import { createBrowser } from './fake-browser.ts'

/** A login up to the callback: `answer(change)` is the URL the server leads back to. */
async function pendingLogin(returnTo = '/notes?tag=1#top') {
  const browser = await createBrowser()
  const tab = browser.tab()
  await tab.auth.login({ returnTo })
  const answer = (change: Record<string, string | null> = {}): string =>
    browser.server.allow(tab.sentTo(), change)
  return { ...browser, tab, answer }
}

describe('handleCallback (RFC 6749 §4.1.2, OIDC Core §3.1.3)', () => {
  it('signs in and knows where to go on', async () => {
    const { tab, answer, server } = await pendingLogin()
    const { auth } = tab.open(answer())
    await expect(auth.handleCallback()).resolves.toEqual({ returnTo: '/notes?tag=1#top' })
    expect(auth.getSnapshot()).toMatchObject({
      status: 'signed-in',
      user: { sub: 'usr_1', name: 'Zoë Ångström' },
      scopes: ['openid', 'profile', 'offline_access', 'notes:read'],
      error: undefined,
    })
    expect(server.tokenRequests.map((form) => Object.fromEntries(form))).toMatchObject([
      { grant_type: 'authorization_code', client_id: 'notes', redirect_uri: 'https://app.example/callback' },
    ])
    await expect(auth.getAccessToken()).resolves.toBe('access-1')
  })

  it('reports the scopes that were granted, not those that were asked for', async () => {
    const { tab, answer, server } = await pendingLogin()
    server.next.answer = { scope: 'openid' }
    const { auth } = tab.open(answer())
    await auth.handleCallback()
    expect(auth.getSnapshot().scopes).toEqual(['openid'])
  })

  it('redeems a code once when it is called twice (StrictMode)', async () => {
    const { tab, answer, server } = await pendingLogin()
    const { auth } = tab.open(answer())
    const results = await Promise.all([auth.handleCallback(), auth.handleCallback()])
    expect(results).toEqual([{ returnTo: '/notes?tag=1#top' }, { returnTo: '/notes?tag=1#top' }])
    expect(server.tokenRequests).toHaveLength(1)
  })

  it('survives reload and Back to the callback without spending the code again', async () => {
    const { tab, answer, server } = await pendingLogin()
    const url = answer()
    await tab.open(url).auth.handleCallback()
    const again = tab.open(url)
    await expect(again.auth.handleCallback()).resolves.toEqual({ returnTo: '/notes?tag=1#top' })
    expect(again.auth.getSnapshot().status).toBe('signed-in')
    expect(server.tokenRequests).toHaveLength(1)
  })

  it('does not sign in again by an old callback after a logout', async () => {
    const { tab, answer } = await pendingLogin()
    const url = answer()
    const first = tab.open(url)
    await first.auth.handleCallback()
    await first.auth.revoke()
    await expect(tab.open(url).auth.handleCallback()).rejects.toMatchObject({ code: 'login_finished' })
  })

  it('can be tried again when no answer arrived', async () => {
    const { tab, answer } = await pendingLogin()
    const url = answer()
    const { auth } = tab.open(url, { platform: { fetch: () => Promise.reject(new TypeError('offline')) } })
    await expect(auth.handleCallback()).rejects.toMatchObject({ code: 'network_error' })
    await expect(tab.open(url).auth.handleCallback()).resolves.toEqual({ returnTo: '/notes?tag=1#top' })
  })

  it('keeps two logins apart, whichever answers first', async () => {
    const { tab, server } = await pendingLogin('/first')
    const firstUrl = server.allow(tab.sentTo())
    await tab.auth.login({ returnTo: '/second' })
    const secondUrl = server.allow(tab.sentTo())
    await expect(tab.open(secondUrl).auth.handleCallback()).resolves.toEqual({ returnTo: '/second' })
    await expect(tab.open(firstUrl).auth.handleCallback()).resolves.toEqual({ returnTo: '/first' })
  })

  it('keeps the logins of two tabs apart, even of duplicated ones', async () => {
    const { tab, server } = await pendingLogin('/one')
    const twin = tab.duplicate()
    await twin.auth.login({ returnTo: '/two' })
    const one = server.allow(tab.sentTo())
    const two = server.allow(twin.sentTo())
    await expect(twin.open(two).auth.handleCallback()).resolves.toEqual({ returnTo: '/two' })
    await expect(tab.open(one).auth.handleCallback()).resolves.toEqual({ returnTo: '/one' })
  })

  it('tells a missing state, a wrong state and an unknown login apart (RFC 6749 §10.12)', async () => {
    const { tab, answer, server } = await pendingLogin()
    await expect(tab.open(answer({ state: null })).auth.handleCallback()).rejects.toMatchObject({
      code: 'state_missing',
    })
    await expect(tab.open(answer({ state: 'x' })).auth.handleCallback()).rejects.toMatchObject({
      code: 'state_mismatch',
    })
    const other = (await createBrowser()).tab()
    await expect(other.open(answer()).auth.handleCallback()).rejects.toMatchObject({
      code: 'login_not_found',
    })
    await expect(tab.open(answer({ state: '__proto__' })).auth.handleCallback()).rejects.toMatchObject({
      code: 'state_mismatch',
    })
    expect(server.tokenRequests).toEqual([])
  })

  it('refuses a callback with a parameter twice (RFC 6749 §3.1)', async () => {
    const { tab, answer } = await pendingLogin()
    await expect(tab.open(`${answer()}&code=other`).auth.handleCallback()).rejects.toMatchObject({
      code: 'callback_invalid',
    })
  })

  it('checks who answers (RFC 9207)', async () => {
    const { tab, answer, server } = await pendingLogin()
    const foreign = tab.open(answer({ iss: 'https://evil.example' }))
    await expect(foreign.auth.handleCallback()).rejects.toMatchObject({
      code: 'iss_mismatch',
      received: 'https://evil.example',
      expected: 'https://auth.example',
    })
    await expect(tab.open(answer({ iss: null })).auth.handleCallback()).rejects.toMatchObject({
      code: 'iss_missing',
    })
    expect(server.tokenRequests).toEqual([])
  })

  it('does without iss where the server does not promise it', async () => {
    const { tab, answer, server } = await pendingLogin()
    server.metadata.authorization_response_iss_parameter_supported = false
    await expect(tab.open(answer({ iss: null })).auth.handleCallback()).resolves.toBeTruthy()
  })

  it('passes an error of the server on, with its help page, and forgets the login (RFC 6749 §4.1.2.1)', async () => {
    const { tab, answer } = await pendingLogin()
    const url = answer({
      code: null,
      error: 'access_denied',
      error_description: 'The user said no.',
      error_uri: 'https://auth.example/docs/errors/consent-denied',
    })
    const { auth } = tab.open(url)
    await expect(auth.handleCallback()).rejects.toMatchObject({
      code: 'access_denied',
      message: 'The user said no.',
      docUrl: 'https://auth.example/docs/errors/consent-denied',
    })
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out', error: { code: 'access_denied' } })
    await expect(tab.open(url).auth.handleCallback()).rejects.toMatchObject({ code: 'login_not_found' })
  })

  it("finds reason and flow in Pixy's error_uri, for which a redirect has no parameters of their own", async () => {
    const { tab, answer } = await pendingLogin()
    const docUrl = 'https://auth.example/docs/errors/code_challenge_missing?flow=flow_8JQ2M0'
    const url = answer({ code: null, error: 'invalid_request', error_uri: docUrl })
    await expect(tab.open(url).auth.handleCallback()).rejects.toMatchObject({
      docUrl,
      reason: 'code_challenge_missing',
      flowId: 'flow_8JQ2M0',
    })
  })

  it('does not believe an error of somebody else', async () => {
    const { tab, answer } = await pendingLogin()
    const url = answer({ code: null, error: 'access_denied', state: 'x', error_uri: 'javascript:alert(1)' })
    await expect(tab.open(url).auth.handleCallback()).rejects.toMatchObject({
      code: 'state_mismatch',
      docUrl: undefined,
    })
  })

  it('never offers a script as a help page', async () => {
    const { tab, answer } = await pendingLogin()
    const url = answer({ code: null, error: 'server_error', error_uri: 'javascript:alert(1)' })
    await expect(tab.open(url).auth.handleCallback()).rejects.toMatchObject({
      code: 'server_error',
      docUrl: undefined,
    })
  })

  it('reads everything the server says about a refusal while developing', async () => {
    const { tab, answer, server } = await pendingLogin()
    server.next.refuse = {
      error: 'invalid_grant',
      error_description: 'The code_verifier does not match the code_challenge.',
      error_uri: 'https://auth.example/docs/errors/code_verifier_mismatch',
      reason: 'code_verifier_mismatch',
      received: 'Kx0p1…',
      expected: 'E9Mel…',
      fix: 'Keep one verifier per state',
      flow: 'flow_8JQ2M0',
    }
    await expect(tab.open(answer()).auth.handleCallback()).rejects.toMatchObject({
      name: 'AuthError',
      code: 'invalid_grant',
      reason: 'code_verifier_mismatch',
      received: 'Kx0p1…',
      expected: 'E9Mel…',
      hint: 'Keep one verifier per state',
      docUrl: 'https://auth.example/docs/errors/code_verifier_mismatch',
      flowId: 'flow_8JQ2M0',
      status: 400,
    })
  })

  it('leaves an existing session alone when another login fails', async () => {
    const browser = await createBrowser()
    const tab = await browser.signedInTab()
    await tab.auth.login({ prompt: 'none' })
    const url = browser.server.allow(tab.sentTo(), { code: null, error: 'login_required' })
    const { auth } = tab.open(url)
    await expect(auth.handleCallback()).rejects.toMatchObject({ code: 'login_required' })
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', error: { code: 'login_required' } })
  })

  it('is loading until it is done', async () => {
    const { tab, answer } = await pendingLogin()
    const { auth } = tab.open(answer())
    const seen: string[] = []
    auth.subscribe(() => seen.push(auth.getSnapshot().status))
    expect(auth.getSnapshot().status).toBe('loading')
    await auth.handleCallback()
    expect(seen).toEqual(['signed-in'])
  })
})
