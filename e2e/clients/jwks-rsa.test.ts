import jwt, { type JwtHeader, type SigningKeyCallback } from 'jsonwebtoken'
import { JwksClient, SigningKeyNotFoundError } from 'jwks-rsa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALICE, CALLBACK, NOTES_API, startPixy } from './support/pixy.ts'

// Keys of other kinds stand beside the RSA key in the JWKS: a client that takes the first one finds out here.
const pixy = await startPixy([
  { client_id: 'spa', redirect_uris: [CALLBACK], scope: 'openid offline_access notes:read' },
])
afterAll(() => pixy.close())

const jwks = new JwksClient({ jwksUri: `${pixy.issuer}/.well-known/jwks.json` })

/** As in the README of both packages. */
function findKey(header: JwtHeader, callback: SigningKeyCallback): void {
  jwks.getSigningKey(header.kid, (error, key) => callback(error, key?.getPublicKey()))
}

/** What services wrote before `getPublicKey` came. */
function findKeyByProperty(header: JwtHeader, callback: SigningKeyCallback): void {
  jwks.getSigningKey(header.kid, (error, key) =>
    callback(error, key && 'publicKey' in key ? key.publicKey : undefined),
  )
}

function verify(
  token: string,
  getKey: typeof findKey,
  options: jwt.VerifyOptions & { readonly complete?: false },
): Promise<jwt.JwtPayload> {
  return new Promise((resolve, reject) => {
    jwt.verify(token, getKey, { algorithms: ['RS256'], ...options }, (error, payload) => {
      if (error) reject(error)
      else if (typeof payload === 'object') resolve(payload)
    })
  })
}

let accessToken: string
let idToken: string

beforeAll(async () => {
  const tokens = await pixy.login({
    user: ALICE.username,
    password: ALICE.password,
    client: 'spa',
    scope: 'openid notes:read',
    resource: NOTES_API,
    parameters: { nonce: 'nonce-1' },
  })
  accessToken = tokens.access_token
  idToken = tokens.id_token ?? ''
})

describe('jwks-rsa and jsonwebtoken', () => {
  it.each([
    ['getPublicKey()', findKey],
    ['publicKey', findKeyByProperty],
  ])('verify an access token in the callback form, by %s', async (_, getKey) => {
    const { issuer } = pixy
    expect(await verify(accessToken, getKey, { issuer, audience: NOTES_API })).toMatchObject({
      client_id: 'spa',
      scope: 'openid notes:read',
    })
  })

  it('verify an ID token in the promise form', async () => {
    const kid = jwt.decode(idToken, { complete: true })?.header.kid
    const key = await jwks.getSigningKey(kid)
    expect(key.alg).toBe('RS256')
    const claims = jwt.verify(idToken, key.getPublicKey(), {
      algorithms: ['RS256'],
      issuer: pixy.issuer,
      audience: 'spa',
      nonce: 'nonce-1',
    })
    expect(claims).toMatchObject({ sub: expect.stringMatching(/^usr_/) })
  })

  it('find every key of the workspace, each for signatures', async () => {
    const keys = await jwks.getSigningKeys()
    expect(new Set(keys.map((key) => key.alg))).toEqual(new Set(['RS256', 'ES256', 'PS256', 'EdDSA']))
    expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length)
  })

  it.each([
    ['audience', { audience: 'another-client' }, 'jwt audience invalid. expected: another-client'],
    ['issuer', { issuer: 'https://other.example' }, 'jwt issuer invalid. expected: https://other.example'],
    ['nonce', { nonce: 'another' }, 'jwt nonce invalid. expected: another'],
    ['algorithm', { algorithms: ['ES256' as const] }, 'invalid algorithm'],
  ])('refuse an ID token with the wrong %s', async (_, options, message) => {
    await expect(verify(idToken, findKey, options)).rejects.toThrow(message)
  })

  it('refuse a token whose claims were changed', async () => {
    const [header, , signature] = accessToken.split('.')
    const claims = { ...(jwt.decode(accessToken) as jwt.JwtPayload), sub: 'usr_somebody' }
    const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
    await expect(verify(forged, findKey, {})).rejects.toThrow('invalid signature')
  })

  it('refuse a token by a key that the server does not have', async () => {
    await expect(jwks.getSigningKey('no-such-key')).rejects.toBeInstanceOf(SigningKeyNotFoundError)
  })

  it('refuse a token whose life is over', async () => {
    const clockTimestamp = pixy.clock.now() + 601
    await expect(verify(accessToken, findKey, { clockTimestamp })).rejects.toThrow('jwt expired')
  })
})
