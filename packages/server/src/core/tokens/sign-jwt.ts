import { type KeyObject, sign } from 'node:crypto'
import type { SigningAlgorithm } from '../../store/records.ts'
import type { SigningKey } from '../keys/key-ring.ts'

/** JOSE `typ` values in use: ID tokens and logout tokens `JWT`, access tokens `at+jwt` (RFC 9068 §2.1). */
export type JwtType = 'JWT' | 'at+jwt'

/** Encoded headers, by kid and typ: there are a handful, and each is used a million times. */
const headers = new Map<string, string>()

/**
 * Signs claims as a compact JWS (RFC 7515 §7.1). RSA runs in the thread pool; ES256 and EdDSA are done at once, since
 * the hop to another thread would cost what it saves.
 */
export function signJwt(key: SigningKey, typ: JwtType, claims: object): string | Promise<string> {
  const input = `${encodedHeader(key, typ)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  switch (key.alg) {
    case 'ES256':
    case 'EdDSA':
      return `${input}.${sign(digestOf(key.alg), Buffer.from(input), keyInput(key)).toString('base64url')}`
    case 'RS256':
    case 'PS256':
      return new Promise((resolve, reject) => {
        sign(digestOf(key.alg), Buffer.from(input), keyInput(key), (error, signature) => {
          if (error) reject(error)
          else resolve(`${input}.${signature.toString('base64url')}`)
        })
      })
  }
}

/** The digest that `node:crypto` is asked for; Ed25519 has its own. */
export function digestOf(alg: SigningAlgorithm): 'sha256' | null {
  return alg === 'EdDSA' ? null : 'sha256'
}

/** How `node:crypto` must use a key of this algorithm (RFC 7518 §3.3–3.5). */
export function cryptoOptions(alg: SigningAlgorithm, key: KeyObject) {
  if (alg === 'ES256') return { key, dsaEncoding: 'ieee-p1363' as const }
  if (alg === 'PS256') return { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  return { key }
}

const RSA_PKCS1_PSS_PADDING = 6

function keyInput(key: SigningKey) {
  return cryptoOptions(key.alg, key.privateKey)
}

function encodedHeader({ kid, alg }: SigningKey, typ: JwtType): string {
  const id = `${kid} ${typ}`
  let header = headers.get(id)
  if (header === undefined) {
    header = Buffer.from(JSON.stringify({ alg, typ, kid })).toString('base64url')
    if (headers.size > 1000) headers.clear()
    headers.set(id, header)
  }
  return header
}
