import { decodeComponent, decodeUtf8 } from './parameters.ts'
import type { Problem } from './types.ts'

export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * The readings of a Basic header, most standard first; a client is authenticated where one of them is right.
 */
export interface BasicCredentials {
  readonly pairs: ReadonlyArray<ClientCredentials>
}

export type BasicProblem = Problem<
  'missing' | 'other_scheme' | 'malformed' | 'not_utf8' | 'no_colon' | 'empty_client_id' | 'control_character'
>
export type BearerProblem = Problem<'missing' | 'other_scheme' | 'malformed'>

type Header = string | readonly string[] | undefined

const MAX_LENGTH = 16_384
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

/**
 * Reads `Authorization: Basic` (RFC 7617 §2) strictly: padded base64, UTF-8, a colon, no control characters.
 * RFC 6749 §2.3.1 has id and secret form-encoded first, but many clients leave that out: where the two
 * readings differ both are returned, the form-decoded one first.
 */
export function parseBasicCredentials(header: Header): BasicCredentials | BasicProblem {
  const encoded = credentialsOf(header, 'basic')
  if (typeof encoded !== 'string') return encoded
  if (encoded.length % 4 !== 0 || !BASE64.test(encoded)) return { problem: 'malformed' }
  const text = bytesAsText(atob(encoded))
  if (text === undefined) return { problem: 'not_utf8' }
  if (hasControlCharacter(text)) return { problem: 'control_character' }
  const colon = text.indexOf(':')
  if (colon === -1) return { problem: 'no_colon' }
  if (colon === 0) return { problem: 'empty_client_id' }

  const plain = { clientId: text.slice(0, colon), clientSecret: text.slice(colon + 1) }
  if (!text.includes('%') && !text.includes('+')) return { pairs: [plain] }
  const decoded = formDecoded(plain)
  return { pairs: decoded === undefined ? [plain] : [decoded, plain] }
}

/**
 * Reads `Authorization: Bearer` (RFC 6750 §2.1). Two headers, or anything but a `b64token`, are malformed.
 */
export function parseBearer(header: Header): { readonly token: string } | BearerProblem {
  return parseToken(header, 'bearer')
}

/** Reads `Authorization: DPoP` (RFC 9449 §7.1), which has the same syntax. */
export function parseDpop(header: Header): { readonly token: string } | BearerProblem {
  return parseToken(header, 'dpop')
}

function parseToken(header: Header, scheme: string): { readonly token: string } | BearerProblem {
  const token = credentialsOf(header, scheme)
  if (typeof token !== 'string') return token
  return B64TOKEN.test(token) ? { token } : { problem: 'malformed' }
}

/** What follows the scheme and its spaces (RFC 9110 §11.4). The scheme is compared without case. */
function credentialsOf(header: Header, scheme: string): string | BearerProblem {
  const value = typeof header === 'string' || header === undefined ? header : header[0]
  if (value === undefined || value === '') return { problem: 'missing' }
  if (typeof header !== 'string' && header !== undefined && header.length > 1) return { problem: 'malformed' }
  if (value.length > MAX_LENGTH) return { problem: 'malformed' }
  const space = value.indexOf(' ')
  const name = space === -1 ? value : value.slice(0, space)
  if (name.toLowerCase() !== scheme) return { problem: 'other_scheme' }
  if (space === -1) return { problem: 'malformed' }
  let start = space + 1
  while (value.charCodeAt(start) === 0x20) start++
  return value.slice(start)
}

/** The text of a string that holds one byte a character; printable ASCII needs no decoding. */
function bytesAsText(bytes: string): string | undefined {
  if (/^[ -~]*$/.test(bytes)) return bytes
  return decodeUtf8(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))
}

/** Both form-decoded; `undefined` where that is impossible or leaves no sensible id. */
function formDecoded({ clientId, clientSecret }: ClientCredentials): ClientCredentials | undefined {
  const id = decodeComponent(clientId)
  const secret = decodeComponent(clientSecret)
  if (id === undefined || secret === undefined || id === '') return undefined
  return hasControlCharacter(id) || hasControlCharacter(secret)
    ? undefined
    : { clientId: id, clientSecret: secret }
}

/** Control characters, which RFC 7617 §2 forbids in user-id and password; those of ISO 6429 too. */
function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text)
}
