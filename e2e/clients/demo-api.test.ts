import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoApi } from '../../examples/demo-api/src/server.ts'
import { ALICE, CALLBACK, NOTES_API, startPixy } from './support/pixy.ts'
import { openSite } from './support/site.ts'

const SCOPE = 'openid offline_access notes:read notes:write'

const pixy = await startPixy([{ client_id: 'spa', redirect_uris: [CALLBACK], scope: SCOPE }], {
  loopback_resources: true,
})
const site = await openSite((request, response) => void api.emit('request', request, response))
const api = createDemoApi({ issuer: pixy.issuer, audience: site.url })
afterAll(async () => {
  await site.close()
  await pixy.close()
})

const logIn = (scope: string, resource?: string) =>
  pixy.login({
    user: ALICE.username,
    password: ALICE.password,
    client: 'spa',
    scope,
    allow: scope.split(' '),
    ...(resource === undefined ? {} : { resource }),
  })

async function call(path: string, token: string) {
  const response = await fetch(site.url + path, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: (await response.json()) as unknown }
}

let tokens: Awaited<ReturnType<typeof logIn>>
beforeAll(async () => {
  tokens = await logIn(SCOPE, site.url)
})

describe('the demo API and the server', () => {
  it('are each other’s: the API names the server, the server gives tokens for the API (RFC 9728, RFC 8707)', async () => {
    const metadata = await (await fetch(`${site.url}/.well-known/oauth-protected-resource`)).json()
    expect(metadata).toMatchObject({ resource: site.url, authorization_servers: [pixy.issuer] })
    expect(await call('/api/me', tokens.access_token)).toMatchObject({
      status: 200,
      body: { iss: pixy.issuer, aud: site.url, client_id: 'spa', scope: SCOPE },
    })
  })

  it('go on after the keys of the server were rotated', async () => {
    const response = await fetch(`${pixy.url}/__test/keys/rotate`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(200)
    const { access_token } = await logIn('openid', site.url)
    expect((await call('/api/me', access_token)).status).toBe(200)
    expect((await call('/api/me', tokens.access_token)).status).toBe(200)
  })

  it('keep a token for another API out', async () => {
    const { access_token } = await logIn('openid notes:read', NOTES_API)
    expect(await call('/api/me', access_token)).toMatchObject({
      status: 401,
      body: { error: 'invalid_token', reason: 'aud_mismatch', expected: site.url },
    })
  })

  it('keep a token for no API out, whose audience is the server itself', async () => {
    const { access_token } = await logIn('openid')
    expect(await call('/api/me', access_token)).toMatchObject({
      status: 401,
      body: { reason: 'aud_mismatch' },
    })
  })

  it('keep an ID token and a refresh token out', async () => {
    expect(await call('/api/me', tokens.id_token ?? '')).toMatchObject({
      status: 401,
      body: { reason: 'typ_mismatch' },
    })
    expect(await call('/api/me', tokens.refresh_token ?? '')).toMatchObject({
      status: 401,
      body: { reason: 'token_malformed' },
    })
  })

  it('ask for the scope that the user did not grant', async () => {
    const { access_token } = await logIn('openid notes:read', site.url)
    expect((await call('/api/notes', access_token)).status).toBe(200)
    const response = await fetch(`${site.url}/api/notes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: '{"text":"Buy milk"}',
    })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('scope="notes:write"')
  })

  it('keep a token out whose claims were changed', async () => {
    const [header, , signature] = tokens.access_token.split('.')
    const [, claims] = (await logIn('openid', site.url)).access_token.split('.')
    expect(await call('/api/me', `${header}.${claims}.${signature}`)).toMatchObject({
      status: 401,
      body: { reason: 'signature_invalid' },
    })
  })
})
