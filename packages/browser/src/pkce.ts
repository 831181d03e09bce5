import { base64url, digest, randomString } from './encoding.ts'

/** A fresh `code_verifier` (RFC 7636 §4.1): 43 characters. One for every login, never shared. */
export function createVerifier(crypto: Crypto): string {
  return randomString(crypto)
}

/** `BASE64URL(SHA256(ASCII(code_verifier)))` (RFC 7636 §4.2), over the verifier's characters, not the bytes they encode. */
export async function deriveChallenge(crypto: Crypto, verifier: string): Promise<string> {
  return base64url(await digest(crypto, 'SHA-256', verifier))
}
