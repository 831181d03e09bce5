import { describe, expect, it } from 'vitest'
import { base64url } from '../src/encoding.ts'
import { createBrowser } from './fake-browser.ts'
import type { FakeServer } from './fake-server.ts'

/** Signs in against a server that does something wrong. */
async function signIn(spoil: (server: FakeServer) => void, options: { maxAge?: number; alg?: 'RS256' } = {}) {
  const browser = await createBrowser(options.alg)
  const tab = browser.tab()
  await tab.auth.login({ maxAge: options.maxAge })
  spoil(browser.server)
  const back = tab.open(browser.server.allow(tab.sentTo()))
  return { ...browser, tab: back, done: back.auth.handleCallback() }
}

const now = (): number => Math.floor(Date.now() / 1000)

describe('ID token validation (OIDC Core §3.1.3.7)', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('accepts %s', async (alg) => {
    const browser = await createBrowser(alg)
    const tab = await browser.signedInTab()
    expect(tab.auth.getSnapshot()).toMatchObject({ status: 'signed-in', user: { sub: 'usr_1' } })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example' }, 'iss_mismatch'],
    ['another audience', { aud: 'other' }, 'aud_mismatch'],
    ['several audiences without azp', { aud: ['notes', 'other'] }, 'azp_mismatch'],
    ['a foreign azp', { azp: 'other' }, 'azp_mismatch'],
    ['a foreign nonce', { nonce: 'somebody-elses' }, 'nonce_mismatch'],
    ['no nonce', { nonce: undefined }, 'nonce_mismatch'],
    ['an end in the past', { exp: now() - 61 }, 'exp_mismatch'],
    ['no end', { exp: undefined }, 'exp_mismatch'],
    ['an end that is no number', { exp: 'tomorrow' }, 'exp_mismatch'],
    ['a start in the future', { iat: now() + 90 }, 'iat_mismatch'],
    ['no subject', { sub: undefined }, 'sub_mismatch'],
    ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'at_hash_mismatch'],
  ])('refuses %s', async (_, claims, reason) => {
    const { tab, done } = await signIn((server) => {
      server.next.claims = claims
    })
    await expect(done).rejects.toMatchObject({ code: 'id_token_invalid', reason })
    expect(tab.auth.getSnapshot()).toMatchObject({ status: 'signed-out', user: undefined, error: { reason } })
    await expect(tab.auth.getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
  })

  it.each([
    { exp: now() - 30 },
    { iat: now() + 30 },
    { azp: 'notes' },
    { aud: ['notes', 'other'], azp: 'notes' },
  ])('accepts %o: clocks may be a minute apart', async (claims) => {
    const { done } = await signIn((server) => {
      server.next.claims = claims
    })
    await expect(done).resolves.toBeTruthy()
  })

  it('refuses a bad signature', async () => {
    const { done } = await signIn((server) => {
      server.next.corrupt = true
    })
    await expect(done).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'signature_mismatch' })
  })

  it.each(['none', 'HS256', 'RS256', undefined])(
    'refuses alg %s from a server that signs ES256',
    async (alg) => {
      const { done } = await signIn((server) => {
        server.next.header = { alg }
      })
      await expect(done).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'alg_mismatch' })
    },
  )

  it('refuses a key of another kind under the right kid', async () => {
    const { done } = await signIn(
      (server) => {
        server.next.header = { alg: 'ES256' }
        server.metadata.id_token_signing_alg_values_supported = ['RS256', 'ES256']
      },
      { alg: 'RS256' },
    )
    await expect(done).rejects.toMatchObject({ reason: 'signature_mismatch', received: 'no_key' })
  })

  it.each(['not a token', 'a.b', `${base64url(new TextEncoder().encode('[]'))}.e30.AA`])(
    'refuses %s',
    async (token) => {
      const { done } = await signIn((server) => {
        server.next.answer = { id_token: token }
      })
      await expect(done).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'malformed' })
    },
  )

  it('refuses an answer without an ID token where openid was granted', async () => {
    const { done } = await signIn((server) => {
      server.next.answer = { id_token: undefined }
    })
    await expect(done).rejects.toMatchObject({ code: 'id_token_missing' })
  })

  it('asks for the keys again when a token names an unknown one', async () => {
    const browser = await createBrowser()
    const tab = await browser.signedInTab()
    await browser.server.rotateKeys()
    browser.clock.advance(600)
    await expect(tab.auth.getAccessToken()).resolves.toBe('access-2')
  })

  it.each([
    ['refuses none', undefined, 'auth_time_mismatch'],
    ['refuses one too long ago', now() - 400, 'auth_time_mismatch'],
    ['accepts a recent one', now() - 100, undefined],
  ])('checks auth_time against max_age (§3.1.2.1): %s', async (_, authTime, reason) => {
    const { tab, done } = await signIn(
      (server) => {
        server.next.claims = { auth_time: authTime }
      },
      { maxAge: 300 },
    )
    await done.catch(() => undefined)
    expect(tab.auth.getSnapshot().error?.reason).toBe(reason)
  })

  it('refuses a refreshed ID token about somebody else, and keeps the new refresh token (§12.2)', async () => {
    const browser = await createBrowser()
    const tab = await browser.signedInTab()
    browser.clock.advance(600)
    browser.server.next.claims = { sub: 'usr_2' }
    await expect(tab.auth.getAccessToken()).rejects.toMatchObject({ reason: 'sub_mismatch' })
    expect(tab.auth.getSnapshot()).toMatchObject({ status: 'signed-in', user: { sub: 'usr_1' } })
    await tab.auth.getAccessToken()
    expect(browser.server.tokenRequests.at(-1)?.get('refresh_token')).toBe('refresh-2')
  })
})
