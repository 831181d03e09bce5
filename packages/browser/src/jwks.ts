import { fromBase64url, subtle } from './encoding.ts'
import { isObject, readObject, send } from './http.ts'
import type { Platform } from './platform.ts'
import type { Trace } from './trace.ts'

interface Algorithm {
  readonly kty: string
  readonly crv?: string
  /** The public members of the key; others (`use`, `key_ops`) are not WebCrypto's business here. */
  readonly members: readonly string[]
  readonly importParameters: RsaHashedImportParams | EcKeyImportParams | { readonly name: string }
  readonly verifyParameters: RsaPssParams | EcdsaParams | { readonly name: string }
  /** For `at_hash` (OIDC Core §3.1.3.6). */
  readonly hash: string
}

const rsa = { kty: 'RSA', members: ['kty', 'n', 'e'], hash: 'SHA-256' }
const pkcs1 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const pss = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 }
const ed25519 = { name: 'Ed25519' }

/** The signature algorithms of RFC 7518 §3 and RFC 8037 §3.1 that a Pixy server signs with. Never `none`, never HMAC. */
const algorithms = new Map<string, Algorithm>([
  ['RS256', { ...rsa, importParameters: pkcs1, verifyParameters: pkcs1 }],
  ['PS256', { ...rsa, importParameters: pss, verifyParameters: pss }],
  [
    'ES256',
    {
      kty: 'EC',
      crv: 'P-256',
      members: ['kty', 'crv', 'x', 'y'],
      importParameters: { name: 'ECDSA', namedCurve: 'P-256' },
      verifyParameters: { name: 'ECDSA', hash: 'SHA-256' },
      hash: 'SHA-256',
    },
  ],
  [
    'EdDSA',
    {
      kty: 'OKP',
      crv: 'Ed25519',
      members: ['kty', 'crv', 'x'],
      importParameters: ed25519,
      verifyParameters: ed25519,
      hash: 'SHA-512',
    },
  ],
])

export function hashOf(alg: string): string | undefined {
  return algorithms.get(alg)?.hash
}

type Key = Record<string, unknown>

export interface KeySet {
  /** `no_key` where the server publishes none that fits, even when asked again. */
  verify(
    token: string,
    header: { readonly alg: string; readonly kid: string | undefined },
  ): Promise<'ok' | 'bad' | 'no_key'>
}

/** The server's published keys (RFC 7517), fetched when needed, and once more when a token names an unknown one. */
export function createKeySet(jwksUri: () => Promise<string>, platform: Platform, trace: Trace): KeySet {
  let known: readonly Key[] = []

  async function fetchKeys(): Promise<readonly Key[]> {
    const url = await jwksUri()
    const { keys } = await readObject(await send(platform, url), url)
    known = Array.isArray(keys) ? keys.filter(isObject) : []
    trace({ step: 'jwks', url, keys: known })
    return known
  }

  return {
    async verify(token, { alg, kid }) {
      const algorithm = algorithms.get(alg)
      if (!algorithm) return 'no_key'
      const fits = (key: Key): boolean =>
        key.kty === algorithm.kty &&
        key.crv === algorithm.crv &&
        (key.alg === undefined || key.alg === alg) &&
        (key.use === undefined || key.use === 'sig') &&
        (kid === undefined || key.kid === kid)
      const key = known.find(fits) ?? (await fetchKeys()).find(fits)
      if (!key) return 'no_key'

      const { members, importParameters, verifyParameters } = algorithm
      const jwk = Object.fromEntries(members.map((name) => [name, key[name]]))
      const crypto = subtle(platform.crypto)
      const publicKey = await crypto.importKey('jwk', jwk, importParameters, false, ['verify'])
      const dot = token.lastIndexOf('.')
      const signature = fromBase64url(token.slice(dot + 1))
      const signed = new TextEncoder().encode(token.slice(0, dot))
      return (await crypto.verify(verifyParameters, publicKey, signature, signed)) ? 'ok' : 'bad'
    },
  }
}
