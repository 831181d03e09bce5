import { encodeBase64url } from './base64url.ts'
import type { ErrorDetail } from './oauth-error.ts'

/**
 * Why a PKCE parameter is wrong, ready to be an error's `detail`. It describes the value and never repeats
 * it.
 */
export interface PkceDiagnosis extends Required<ErrorDetail> {
  readonly problem:
    | 'missing'
    | 'hex_sha256'
    | 'hex_sha512'
    | 'padded'
    | 'standard_base64'
    | 'length'
    | 'characters'
    | 'method'
}

const CHALLENGE = /^[A-Za-z0-9_-]+$/
const VERIFIER = /^[A-Za-z0-9._~-]+$/

/** `code-verifier` of RFC 7636 §4.1: 43 to 128 unreserved characters. */
export function isCodeVerifier(text: string): boolean {
  return text.length >= 43 && text.length <= 128 && VERIFIER.test(text)
}

/** An S256 `code_challenge` (RFC 7636 §4.2): SHA-256 in base64url is always 43 characters. */
export function isCodeChallenge(text: string): boolean {
  return text.length === 43 && CHALLENGE.test(text)
}

/**
 * BASE64URL-ENCODE(SHA256(ASCII(code_verifier))), RFC 7636 §4.6. Give it a verifier that `isCodeVerifier`
 * accepts.
 */
export function challengeOf(verifier: string, sha256: (text: string) => Uint8Array): string {
  return encodeBase64url(sha256(verifier))
}

/** Explains a `code_challenge` that `isCodeChallenge` refused. */
export function describeChallenge(received: string | undefined): PkceDiagnosis {
  const expected = '43 base64url characters: the SHA-256 of code_verifier'
  const say = (problem: PkceDiagnosis['problem'], what: string, fix: string): PkceDiagnosis => ({
    problem,
    param: 'code_challenge',
    received: what,
    expected,
    fix,
  })
  if (received === undefined || received === '') {
    return say('missing', 'none', 'Send code_challenge and code_challenge_method=S256.')
  }
  const { length } = received
  if (length === 64 && isHex(received)) {
    const fix = 'This is a hex SHA-256; send base64url of the bytes, 43 characters.'
    return say('hex_sha256', '64 hexadecimal digits', fix)
  }
  if (length === 128 && isHex(received)) {
    const fix = 'This is a hex SHA-512; send base64url of the bytes of the SHA-256, 43 characters.'
    return say('hex_sha512', '128 hexadecimal digits', fix)
  }
  if (length <= 48 && received.endsWith('=')) {
    return say('padded', `${length} characters with padding`, 'Remove the = at the end.')
  }
  if (length <= 48 && /[+/ ]/.test(received) && /^[A-Za-z0-9+/ _-]*$/.test(received)) {
    // A `+` that was not escaped in a form arrives as a space.
    return say('standard_base64', 'standard base64', 'Send base64url: - in place of + and _ in place of /.')
  }
  if (length !== 43) {
    return say('length', `${length} characters`, `The length is ${length}, it must be 43.`)
  }
  return say('characters', 'characters outside base64url', 'Use only A-Z, a-z, 0-9, - and _.')
}

/** Explains a `code_verifier` that `isCodeVerifier` refused. */
export function describeVerifier(received: string | undefined): PkceDiagnosis {
  const base = { param: 'code_verifier', expected: '43 to 128 characters of A-Z a-z 0-9 - . _ ~' }
  if (received === undefined || received === '') {
    const fix = 'Send the code_verifier that the code_challenge of this authorization was made from.'
    return { ...base, problem: 'missing', received: 'none', fix }
  }
  const { length } = received
  if (length < 43 || length > 128) {
    const fix = `The length is ${length}, it must be 43 to 128.`
    return { ...base, problem: 'length', received: `${length} characters`, fix }
  }
  const fix =
    'Use only A-Z, a-z, 0-9, hyphen, period, underscore and tilde; base64url of 32 random bytes does.'
  return { ...base, problem: 'characters', received: 'characters that are not unreserved', fix }
}

/**
 * Explains a `code_challenge_method` other than `S256`. Without one the method is `plain` (RFC 7636 §4.3).
 */
export function describeMethod(received: string | undefined): PkceDiagnosis {
  const base = { problem: 'method', param: 'code_challenge_method', expected: 'S256' } as const
  if (received === undefined || received === '') {
    return { ...base, received: 'none, which means plain', fix: 'Send code_challenge_method=S256.' }
  }
  const shown = received.length > 20 ? `${received.length} characters` : received
  const spelling = /^s(ha)?-?256$/i.test(received.slice(0, 20))
  const fix = spelling ? 'Spell it S256, with a capital S.' : 'Hash the verifier with SHA-256 and send S256.'
  return { ...base, received: shown, fix: `Only S256 is supported. ${fix}` }
}

function isHex(text: string): boolean {
  return /^[0-9A-Fa-f]*$/.test(text)
}
