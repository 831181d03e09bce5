import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoApi } from '../src/server.ts'

const APP = 'http://localhost:4001'
const { privateKey, publicKey } = await generateKeyPair('ES256')

let issuer: string
let api: string
const servers: Server[] = []

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

beforeAll(async () => {
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'key_1', use: 'sig' }
  issuer = await listen(
    createServer((request, response) => {
      const body = request.url?.endsWith('jwks.json')
        ? { keys: [jwk] }
        : { issuer, jwks_uri: `${issuer}/jwks.json` }
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body))
    }),
  )
  api = await listen(createDemoApi({ issuer, audience: 'https://api.example', allowedOrigins: [APP] }))
})

afterAll(() => {
  for (const server of servers) server.close()
})

function token(claims: JWTPayload = {}, typ = 'at+jwt'): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const usual = {
    iss: issuer,
    aud: 'https://api.example',
    sub: 'usr_1',
    client_id: 'spa',
    iat: now,
    exp: now + 600,
  }
  return new SignJWT({ ...usual, jti: 'tok_1', scope: 'openid notes:read notes:write', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'key_1', typ })
    .sign(privateKey)
}

async function get(
  path: string,
  bearer?: string,
): Promise<{ status: number; body: unknown; challenge: string | null }> {
  const headers = bearer === undefined ? undefined : { Authorization: `Bearer ${bearer}` }
  const response = await fetch(api + path, headers && { headers })
  return {
    status: response.status,
    body: await response.json(),
    challenge: response.headers.get('WWW-Authenticate'),
  }
}

describe('the demo API', () => {
  it('tells who the token is about', async () => {
    expect(await get('/api/me', await token())).toMatchObject({
      status: 200,
      body: { sub: 'usr_1', client_id: 'spa' },
    })
  })

  it('keeps notes of each user apart', async () => {
    const send = (bearer: string): Promise<Response> =>
      fetch(`${api}/api/notes`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ text: ' buy milk ' }),
      })
    expect((await send(await token())).status).toBe(201)
    expect((await get('/api/notes', await token())).body).toMatchObject({ notes: [{ text: 'buy milk' }] })
    expect((await get('/api/notes', await token({ sub: 'usr_2' }))).body).toEqual({ notes: [] })
  })

  it('deletes notes with the scope for it, and not without', async () => {
    const remove = async (scope: string): Promise<number> =>
      (
        await fetch(`${api}/api/notes`, {
          method: 'DELETE',
          headers: { Authorization: `Bearer ${await token({ scope })}` },
        })
      ).status
    expect(await remove('notes:read notes:write')).toBe(403)
    expect(await remove('notes:delete')).toBe(200)
    expect((await get('/api/notes', await token())).body).toEqual({ notes: [] })
  })

  it('says where to get a token, without an error code (RFC 6750 §3.1, RFC 9728 §5.1)', async () => {
    const { status, challenge } = await get('/api/me')
    expect(status).toBe(401)
    expect(challenge).toBe(
      'Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource"',
    )
    expect((await get('/.well-known/oauth-protected-resource')).body).toMatchObject({
      resource: 'https://api.example',
      authorization_servers: [issuer],
    })
  })

  it('names the scope that is missing (RFC 6750 §3.1)', async () => {
    const { status, body, challenge } = await get('/api/notes', await token({ scope: 'openid' }))
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: 'insufficient_scope', received: 'openid', expected: 'notes:read' })
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('scope="notes:read"')
  })

  it.each([
    ['token_expired', { exp: 1_000_000_000 }],
    ['aud_mismatch', { aud: 'https://other.example' }],
    ['iss_mismatch', { iss: 'https://other.example' }],
    ['client_id_mismatch', { client_id: undefined }],
  ])('refuses with %s', async (reason, claims) => {
    const { status, body, challenge } = await get('/api/me', await token(claims))
    expect(status).toBe(401)
    expect(body).toMatchObject({
      error: 'invalid_token',
      reason,
      received: expect.anything(),
      fix: expect.anything(),
    })
    expect(challenge).toContain('error="invalid_token"')
  })

  it('refuses an ID token (RFC 9068 §4)', async () => {
    expect(await get('/api/me', await token({}, 'JWT'))).toMatchObject({
      status: 401,
      body: { reason: 'typ_mismatch' },
    })
  })

  it('refuses a token that was changed', async () => {
    const [header, , signature] = (await token()).split('.')
    const [, claims] = (await token({ scope: 'everything' })).split('.')
    const reply = await get('/api/me', `${header}.${claims}.${signature}`)
    expect(reply).toMatchObject({ status: 401, body: { reason: 'signature_invalid' } })
  })

  it.each(['x', 'a.b.c', 'e30.e30.', '..'])('refuses %s', async (bearer) => {
    expect(await get('/api/me', bearer)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  })

  it('answers the preflight of its app only (CORS)', async () => {
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${api}/api/notes`, { method: 'OPTIONS', headers: { Origin: origin } })
    const own = await preflight(APP)
    expect(own.status).toBe(204)
    expect(own.headers.get('Access-Control-Allow-Origin')).toBe(APP)
    expect(own.headers.get('Access-Control-Allow-Headers')).toContain('Authorization')
    expect((await preflight('https://evil.example')).headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('answers a note it cannot take with the reason', async () => {
    const bearer = await token()
    const send = (body: string, type = 'application/json'): Promise<Response> =>
      fetch(`${api}/api/notes`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': type },
        body,
      })
    expect((await send('{"text":""}')).status).toBe(400)
    expect((await send('nonsense')).status).toBe(400)
    expect((await send('x'.repeat(5000))).status).toBe(413)
    expect((await send('{}', 'text/plain')).status).toBe(415)
  })
})
