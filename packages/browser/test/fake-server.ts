/** The least authorization server that the client can talk to; the real one has its own tests. */
import { base64url, digest, randomString } from '../src/encoding.ts'

export const ISSUER = 'https://auth.example'
export const CLIENT_ID = 'notes'
export const API = 'https://api.example'

type Alg = 'RS256' | 'PS256' | 'ES256' | 'EdDSA'

const algorithms = {
  RS256: [
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
  ],
  PS256: [
    {
      name: 'RSA-PSS',
      hash: 'SHA-256',
      saltLength: 32,
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
  ],
  ES256: [{ name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }],
  EdDSA: [{ name: 'Ed25519' }],
} as const

interface Code {
  readonly challenge: string
  readonly nonce: string
  readonly redirectUri: string
  readonly scope: string
}

export interface FakeServer {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>
  /** What the user does at the authorization endpoint: allow. Returns the URL that the browser is led back to. */
  allow(authorizationUrl: string, change?: Record<string, string | null>): string
  /** The next token answer: changed members, changed claims, or lost after the server has acted. */
  readonly next: {
    answer?: Record<string, unknown>
    claims?: Record<string, unknown>
    header?: Record<string, unknown>
    lose?: boolean
    corrupt?: boolean
    refuse?: Record<string, unknown>
  }
  readonly metadata: Record<string, unknown>
  /** Forms that reached the token endpoint. */
  readonly tokenRequests: URLSearchParams[]
  readonly revocations: URLSearchParams[]
  readonly apiCalls: Request[]
  /** The API answers 401 to these. */
  readonly dead: Set<string>
  rotateKeys(): Promise<void>
}

export async function createFakeServer(now: () => number, alg: Alg = 'ES256'): Promise<FakeServer> {
  const codes = new Map<string, Code>()
  /** Refresh token → its successor, once used. */
  const families = new Map<string, { successor?: string; readonly scope: string }>()
  let keyNumber = 0
  let pair = await newKey()
  let count = 0

  async function newKey(): Promise<CryptoKeyPair> {
    keyNumber += 1
    return (await crypto.subtle.generateKey(algorithms[alg][0], true, ['sign', 'verify'])) as CryptoKeyPair
  }

  async function idToken(claims: Record<string, unknown>, accessToken: string): Promise<string> {
    const hash = await digest(crypto, alg === 'EdDSA' ? 'SHA-512' : 'SHA-256', accessToken)
    const issuedAt = Math.floor(now() / 1000)
    const encode = (part: object): string => base64url(new TextEncoder().encode(JSON.stringify(part)))
    const header = { alg, kid: `key_${keyNumber}`, ...server.next.header }
    const payload = {
      iss: ISSUER,
      sub: 'usr_1',
      aud: CLIENT_ID,
      iat: issuedAt,
      exp: issuedAt + 600,
      name: 'Zoë Ångström',
      at_hash: base64url(hash.subarray(0, hash.length / 2)),
      ...claims,
      ...server.next.claims,
    }
    const signed = `${encode(header)}.${encode(payload)}`
    const signature = new Uint8Array(
      await crypto.subtle.sign(algorithms[alg][0], pair.privateKey, new TextEncoder().encode(signed)),
    )
    if (server.next.corrupt) signature[0] = (signature[0] ?? 0) ^ 1
    return `${signed}.${base64url(signature)}`
  }

  async function answer(scope: string, claims: Record<string, unknown>): Promise<Record<string, unknown>> {
    count += 1
    const accessToken = `access-${count}`
    const refreshToken = `refresh-${count}`
    families.set(refreshToken, { scope })
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 600,
      scope,
      refresh_token: refreshToken,
      id_token: await idToken(claims, accessToken),
      ...server.next.answer,
    }
  }

  async function token(form: URLSearchParams): Promise<Response> {
    server.tokenRequests.push(form)
    if (server.next.refuse) return json(400, server.next.refuse)
    if (form.get('grant_type') === 'refresh_token') return refresh(form)
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    if (!code) return json(400, { error: 'invalid_grant', reason: 'code_unknown' })
    const challenge = base64url(await digest(crypto, 'SHA-256', form.get('code_verifier') ?? ''))
    if (challenge !== code.challenge || form.get('redirect_uri') !== code.redirectUri) {
      return json(400, { error: 'invalid_grant', reason: 'code_verifier_mismatch' })
    }
    return json(200, await answer(code.scope, { nonce: code.nonce }))
  }

  async function refresh(form: URLSearchParams): Promise<Response> {
    const presented = form.get('refresh_token') ?? ''
    const family = families.get(presented)
    if (!family) return json(400, { error: 'invalid_grant', reason: 'refresh_token_unknown' })
    const body = await answer(form.get('scope') ?? family.scope, {})
    // The same token again within the retry window gets the same successor.
    if (family.successor) body.refresh_token = family.successor
    if (typeof body.refresh_token === 'string') family.successor = body.refresh_token
    return json(200, body)
  }

  const server: FakeServer = {
    next: {},
    tokenRequests: [],
    revocations: [],
    apiCalls: [],
    dead: new Set(),
    metadata: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/oauth2/authorize`,
      token_endpoint: `${ISSUER}/oauth2/token`,
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      revocation_endpoint: `${ISSUER}/oauth2/revoke`,
      end_session_endpoint: `${ISSUER}/oauth2/logout`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: [alg],
    },

    async fetch(input, init) {
      const request = new Request(input, init)
      const { origin, pathname } = new URL(request.url)
      if (origin === API || origin === 'https://app.example') {
        server.apiCalls.push(request)
        const bearer = request.headers.get('Authorization')?.slice('Bearer '.length) ?? ''
        if (!server.dead.has(bearer)) return json(200, { body: await request.text() })
        return json(401, {}, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
      }
      if (pathname === '/.well-known/openid-configuration') return json(200, server.metadata)
      if (pathname === '/.well-known/jwks.json') {
        const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
        return json(200, { keys: [{ ...jwk, alg, kid: `key_${keyNumber}`, use: 'sig' }] })
      }
      const form = new URLSearchParams(await request.text())
      if (pathname === '/oauth2/revoke') {
        server.revocations.push(form)
        return new Response(null, { status: 200 })
      }
      const response = await token(form)
      const { lose } = server.next
      for (const name of Object.keys(server.next)) delete server.next[name as keyof FakeServer['next']]
      if (lose) throw new TypeError('Failed to fetch')
      return response
    },

    allow(authorizationUrl, change = {}) {
      const { searchParams: asked } = new URL(authorizationUrl)
      const code = randomString(crypto)
      codes.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        nonce: asked.get('nonce') ?? '',
        redirectUri: asked.get('redirect_uri') ?? '',
        scope: asked.get('scope') ?? '',
      })
      const callback = new URL(asked.get('redirect_uri') ?? '')
      const answer = { code, state: asked.get('state'), iss: ISSUER, ...change }
      for (const [name, value] of Object.entries(answer))
        if (value !== null) callback.searchParams.set(name, value)
      return callback.href
    },

    async rotateKeys() {
      pair = await newKey()
    },
  }
  return server
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}
