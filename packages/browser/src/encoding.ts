import { AuthError } from './errors.ts'

const utf8 = new TextEncoder()

/** Base64url without padding (RFC 7636 App. A). */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** @throws TypeError or DOMException where `text` is not base64url */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text)) throw new TypeError('not base64url')
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}

export function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text)
}

/** 32 random bytes, base64url: 43 characters, 256 bits (RFC 7636 §4.1). */
export function randomString(crypto: Crypto): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

export async function digest(crypto: Crypto, algorithm: string, text: string): Promise<Uint8Array> {
  return new Uint8Array(await subtle(crypto).digest(algorithm, toUtf8(text)))
}

/** WebCrypto's asymmetric half; browsers offer it in secure contexts only. */
export function subtle(crypto: Crypto): SubtleCrypto {
  if (crypto.subtle) return crypto.subtle
  throw new AuthError('insecure_context', 'This page may not use WebCrypto.', {
    hint: 'Serve the app over https, or from http://localhost while developing.',
  })
}
