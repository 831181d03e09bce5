import { createHash } from 'node:crypto'
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { SigningAlgorithm } from '../../src/store/records.ts'
import type { TestAs } from './test-as.ts'

/** The keys that a server publishes. */
export async function publishedKeys(as: TestAs): Promise<readonly JWK[]> {
  return (await as.request('/.well-known/jwks.json')).json.keys as JWK[]
}

/**
 * The claims of a token, verified as a client does it: by jose against the published keys, at the server's own time.
 *
 * @throws where signature, issuer, audience, type or time are wrong
 */
export async function verified(
  as: TestAs,
  token: string,
  audience: string,
  typ = 'JWT',
): Promise<JWTPayload> {
  const keys = createLocalJWKSet({ keys: [...(await publishedKeys(as))] })
  const options = { issuer: as.issuer, audience, typ, currentDate: new Date(as.server.clock.now() * 1000) }
  return (await jwtVerify(token, keys, options)).payload
}

/** `at_hash` as OIDC Core §3.1.3.6 words it. */
export function atHash(accessToken: string, alg: SigningAlgorithm): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken, 'ascii')
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

/** A key pair of somebody else, such as a client, with the JWK it publishes. */
export interface ForeignKey {
  readonly alg: SigningAlgorithm
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export async function foreignKey(alg: SigningAlgorithm, kid?: string): Promise<ForeignKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), alg, use: 'sig', ...(kid === undefined ? {} : { kid }) }
  return { alg, privateKey, jwk }
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A client assertion (RFC 7523 §3); `claims` replace its own, or with `undefined` remove them. */
export function assertion(
  as: TestAs,
  key: ForeignKey,
  clientId: string,
  claims: JWTPayload = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = as.server.clock.now()
  const payload = {
    iss: clientId,
    sub: clientId,
    aud: as.issuer,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({
      alg: key.alg,
      ...(key.jwk.kid === undefined ? {} : { kid: key.jwk.kid }),
      ...header,
    })
    .sign(key.privateKey)
}

/** Claims with the values that differ from run to run replaced by what they are: for golden files. */
export function masked(claims: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, MASKS[name] ?? value]))
}

const MASKS: Readonly<Record<string, string>> = {
  iss: '<issuer>',
  sub: '<subject>',
  exp: '<seconds>',
  iat: '<seconds>',
  auth_time: '<seconds>',
  updated_at: '<seconds>',
  jti: '<id>',
  sid: '<session>',
  at_hash: '<half hash>',
  kid: '<key>',
  flow: '<flow>',
}
