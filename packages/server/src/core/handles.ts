import { hash } from 'node:crypto'
import type { Random } from './ports.ts'

/** Codes, session cookies and the secret part of tokens: 297 random bits, unreserved characters only. */
export const HANDLE_LENGTH = 50

const ALPHANUMERIC = /^[A-Za-z0-9]+$/

export function newHandle(random: Random): string {
  return random.alphanumeric(HANDLE_LENGTH)
}

/** What is stored of a handle: SHA-256, base64url. Cut or extended values hash to something else. */
export function hashHandle(handle: string): string {
  return hash('sha256', handle, 'base64url')
}

/** Cheap look before the database is asked. */
export function looksLikeHandle(text: string, length = HANDLE_LENGTH): boolean {
  return text.length === length && ALPHANUMERIC.test(text)
}

/** Public ids, such as `flow_…`: 131 random bits, so that knowing one is permission to look it up. */
export function newId(random: Random, prefix: string): string {
  return `${prefix}_${random.alphanumeric(22)}`
}
