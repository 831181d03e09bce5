import { randomFillSync } from 'node:crypto'
import type { Random } from '../core/ports.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** The largest multiple of 62 in a byte: what lies above would favour some letters. */
const FAIR = 248
const POOL_SIZE = 8192

/** Randomness of the operating system, drawn in large pieces: a handle costs a microsecond. */
export function systemRandom(): Random {
  const pool = Buffer.allocUnsafe(POOL_SIZE)
  let used = POOL_SIZE

  function nextByte(): number {
    if (used === POOL_SIZE) {
      randomFillSync(pool)
      used = 0
    }
    const byte = pool[used] ?? 0
    // Security: what was handed out does not stay in memory.
    pool[used] = 0
    used += 1
    return byte
  }

  return {
    alphanumeric(length) {
      let text = ''
      while (text.length < length) {
        const byte = nextByte()
        if (byte < FAIR) text += ALPHABET[byte % 62]
      }
      return text
    },
    bytes(length) {
      return randomFillSync(new Uint8Array(length))
    },
  }
}
