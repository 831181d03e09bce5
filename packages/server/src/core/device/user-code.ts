import { createHmac } from 'node:crypto'
import type { Random } from '../ports.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/**
 * Consonants alone, so that no code spells a word, and none that is taken for another letter or a digit
 * (RFC 8628 §6.1).
 *
 * Eight of twenty letters are 20^8 = 2.56 · 10^10 codes, 34.6 bits. A network has some twenty guesses in the ten minutes
 * that a code lives (`userCodeLimit`). Where a thousand devices wait at once, one of them is hit with a probability of
 * 20 · 1000 / 20^8, less than one in a million; and who hits has connected a stranger's device to an account of their own,
 * no more (RFC 8628 §5.1).
 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8
/** The largest multiple of 20 in a byte: what lies above would favour some letters. */
const FAIR = 240
const LONGEST_INPUT = 64

export function newUserCode(random: Random): string {
  let code = ''
  while (code.length < LENGTH) {
    for (const byte of random.bytes(LENGTH)) {
      if (byte < FAIR && code.length < LENGTH) code += LETTERS[byte % LETTERS.length]
    }
  }
  return code
}

/** As people read and type it: `WDJB-MJHT`. */
export function showUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`
}

/** What was typed, without case, spaces and punctuation; nothing where it cannot be a code (RFC 8628 §6.1). */
export function readUserCode(text: string): string | undefined {
  if (text.length > LONGEST_INPUT) return undefined
  const letters = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  const isCode = letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter))
  return isCode ? letters : undefined
}

/** What is stored of it. Keyed: all codes could be hashed within the hour. */
export function hashUserCode({ secrets }: Workspace, code: string): string {
  return createHmac('sha256', secrets.tagKey).update(`user code ${code}`).digest('base64url')
}
