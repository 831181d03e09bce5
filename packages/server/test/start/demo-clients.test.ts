import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../src/test-server.ts'
import { quickHasher } from '../support/quick-hasher.ts'
import { claimsOf, TestAs } from '../support/test-as.ts'

const DEMO = { username: 'demo@example.com', password: 'correct horse battery staple' }
const CALLBACK = 'http://localhost:8080/callback'

let server: TestServer
let as: TestAs

beforeEach(async () => {
  server = await startTestServer({ hasher: quickHasher() })
  as = new TestAs(server)
})

afterEach(() => server.close())

const json = (path: string, body: unknown) =>
  as.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const deviationsOf = async (clientId: string) => {
  await server.pixy.deps.deviations.flush()
  const counted = await server.pixy.deps.store.deviations.list('demo:main', clientId)
  return counted.map(({ deviation }) => deviation)
}

describe('the demo clients of older systems, each in its own way', () => {
  it('demo-atm: password and hex challenge as JSON, and a code without a page', async () => {
    const clientId = 'demo-atm'
    const verifier = '123456789'
    const signedIn = await json('/auth', {
      loginId: DEMO.username,
      password: DEMO.password,
      clientId,
      code_challenge: createHash('sha256').update(verifier).digest('hex'),
      code_challenge_method: 'SHA256',
    })
    expect(signedIn.json).toMatchObject({ redirectUrl: CALLBACK, code: expect.any(String) })
    const tokens = await json('/auth/token', {
      clientId,
      clientSecret: 'demo-atm-secret-for-test-servers-only',
      grant_types: 'authorization_code',
      code: signedIn.json.code,
      code_verifier: verifier,
    })
    expect(tokens.json).toMatchObject({ exp_access_token: 600, refresh_token: expect.any(String) })
    expect(claimsOf(String(tokens.json.access_token))).toMatchObject({
      aud: clientId,
      scope: { firstName: 'Demo' },
    })
    expect(await deviationsOf(clientId)).toContain('atm_hex_challenge')
  })

  it('demo-toki and demo-toki-secret: a refresh token, and userId beside it', async () => {
    const scope = 'openid offline_access'
    const user = { user: DEMO, redirectUri: CALLBACK, scope }
    const tokens = await as.login({ ...user, client: 'demo-toki' })
    expect(tokens).toMatchObject({ refresh_token: expect.any(String), userId: claimsOf(tokens.id_token).sub })
    const code = await as.authorize({
      ...user,
      client: 'demo-toki-secret',
      parameters: { code_challenge: null, code_challenge_method: null },
    })
    const client_secret = 'demo-toki-secret-for-test-servers-only'
    const redeemed = await as.redeem(code, { code_verifier: null, client_secret })
    expect(redeemed.json).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
  })

  it('demo-tapkey: its own paths, an hour of access, and one refresh token for 90 days', async () => {
    const client = 'demo-tapkey'
    const redirectUri = 'http://localhost:55183/Auth/LoginCallback'
    const scope = 'read:core:entities read:owneraccounts offline_access'
    const authorized = await as.authorize({
      client,
      redirectUri,
      scope,
      user: DEMO,
      parameters: { nonce: null },
    })
    const tokens = await as.post('/connect/token', {
      client_id: client,
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code: authorized.code,
      code_verifier: authorized.verifier,
    })
    expect(tokens.json).toMatchObject({ expires_in: 3600, token_type: 'Bearer' })
    const headers = { authorization: `Bearer ${tokens.json.access_token}` }
    const userinfo = await as.request('/api/v1/auth/auth/userinfo', { headers })
    expect(userinfo.json).toMatchObject({ ownerAccounts: [{ name: 'Demo Doors' }] })
    as.advance('89d')
    const refresh_token = String(tokens.json.refresh_token)
    const again = await as.post('/connect/token', {
      client_id: client,
      grant_type: 'refresh_token',
      refresh_token,
    })
    expect(again.json).toMatchObject({ refresh_token })
  })

  it('demo-cloudentity: a token for a code and its verifier alone, with a scope that names an account', async () => {
    const redirectUri = 'http://localhost:3000/callback'
    const scope = 'openid revoke_tokens transfers.AT61-1904'
    const { code, verifier } = await as.authorize({
      client: 'demo-cloudentity',
      redirectUri,
      scope,
      user: DEMO,
    })
    const { status, json: tokens } = await as.token({ authorization_code: code, code_verifier: verifier })
    expect([status, tokens.scope]).toEqual([200, scope])
  })
})

describe('the experiment of the demo app: a code in another app’s name', () => {
  it('is refused as the other client’s, in an answer that the app may read, and the code stays good', async () => {
    const spaUrl = `http://localhost:${Number(new URL(server.url).port) + 1}`
    const redirectUri = `${spaUrl}/callback`
    const authorized = await as.authorize({ client: 'demo-spa', redirectUri, user: DEMO })
    const headers = { origin: spaUrl }
    const stolen = await as.redeem(authorized, { client_id: 'demo-cloudentity' }, headers)
    expect(stolen.json).toMatchObject({ error: 'invalid_grant', reason: 'code_client_mismatch' })
    expect(stolen.headers.get('access-control-allow-origin')).toBe(spaUrl)
    expect((await as.redeem(authorized, {}, headers)).status).toBe(200)
  })
})
