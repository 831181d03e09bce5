const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const DIGITS = new Uint8Array(64)
/** The value of each character code below 256; 64 for a foreign one. */
const VALUES = new Uint8Array(256).fill(64)
for (let i = 0; i < 64; i++) {
  const code = ALPHABET.charCodeAt(i)
  DIGITS[i] = code
  VALUES[code] = i
}

const UTF8_ENCODER = new TextEncoder()
const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** ECMAScript 2026 has it natively, several times as fast; Node has it from version 25 on. */
interface NativeBase64 {
  toBase64(options: { alphabet: 'base64url'; omitPadding: true }): string
}
const NATIVE_OPTIONS = { alphabet: 'base64url', omitPadding: true } as const

/** base64url without padding (RFC 7515 §2) of bytes, or of a text's UTF-8. */
export function encodeBase64url(input: Uint8Array | string): string {
  const bytes = typeof input === 'string' ? UTF8_ENCODER.encode(input) : input
  return hasNative(bytes) ? bytes.toBase64(NATIVE_OPTIONS) : encodeInScript(bytes)
}

/** `encodeBase64url` for engines without `Uint8Array.prototype.toBase64`. */
export function encodeInScript(bytes: Uint8Array): string {
  const { length } = bytes
  const out = new Uint8Array(Math.ceil((length * 4) / 3))
  let at = 0
  for (let i = 0; i < length; i += 3) {
    const group = (byteAt(bytes, i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2)
    // Writing past the end of a typed array has no effect: the last group is cut by the length of `out`.
    out[at++] = byteAt(DIGITS, group >> 18)
    out[at++] = byteAt(DIGITS, (group >> 12) & 63)
    out[at++] = byteAt(DIGITS, (group >> 6) & 63)
    out[at++] = byteAt(DIGITS, group & 63)
  }
  return UTF8_DECODER.decode(out)
}

/**
 * The bytes of an unpadded base64url text; `undefined` where a character is foreign, the length impossible,
 * or the unused bits are not zero (RFC 4648 §3.5), so that one value has one spelling.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const { length } = text
  if (length % 4 === 1) return undefined
  const out = new Uint8Array((length * 3) >> 2)
  let foreign = 0
  let at = 0
  let i = 0
  for (; i + 3 < length; i += 4) {
    const a = valueAt(text, i)
    const b = valueAt(text, i + 1)
    const c = valueAt(text, i + 2)
    const d = valueAt(text, i + 3)
    foreign |= a | b | c | d
    out[at++] = (a << 2) | (b >> 4)
    out[at++] = (b << 4) | (c >> 2)
    out[at++] = (c << 6) | d
  }
  if (i < length) {
    const a = valueAt(text, i)
    const b = valueAt(text, i + 1)
    const c = i + 2 < length ? valueAt(text, i + 2) : 0
    foreign |= a | b | c
    out[at++] = (a << 2) | (b >> 4)
    if (i + 2 < length) out[at] = (b << 4) | (c >> 2)
    const unused = i + 2 < length ? c & 3 : b & 15
    if (unused !== 0) return undefined
  }
  return foreign < 64 ? out : undefined
}

/** The text of an unpadded base64url value; `undefined` where it is not base64url or not UTF-8. */
export function decodeBase64urlText(text: string): string | undefined {
  const bytes = decodeBase64url(text)
  if (bytes === undefined) return undefined
  try {
    return UTF8_DECODER.decode(bytes)
  } catch {
    return undefined
  }
}

function hasNative(bytes: Uint8Array): bytes is Uint8Array & NativeBase64 {
  return 'toBase64' in bytes
}

/** Zero past the end. */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? 64
}
