import { isObject, parseObject } from './http.ts'
import type { IdTokenClaims } from './id-token.ts'
import type { EpochSeconds } from './units.ts'

export interface AccessToken {
  readonly token: string
  readonly expiresAt: EpochSeconds
}

/** What one login gave and its refreshes renewed: the record that is stored and shared between tabs. */
export interface Session {
  /** Random, made at sign-in. A duplicated tab has the same session and so the same refresh token. */
  readonly id: string
  /** Counts refreshes: of two records of one session, the greater is the newer. */
  readonly generation: number
  readonly user: IdTokenClaims | undefined
  readonly nonce: string | undefined
  readonly idToken: string | undefined
  readonly refreshToken: string | undefined
  readonly scopes: readonly string[]
  /** By audience and scope; '' is what the login itself asked for. */
  readonly tokens: Readonly<Record<string, AccessToken>>
}

/** Reads a stored or received record; anything that is not one is no session. */
export function parseSession(value: unknown): Session | undefined {
  const record = typeof value === 'string' ? parseObject(value) : value
  if (!isObject(record)) return undefined
  const { id, generation, user, scopes, tokens } = record
  const valid =
    typeof id === 'string' &&
    typeof generation === 'number' &&
    Array.isArray(scopes) &&
    (user === undefined || isObject(user)) &&
    isObject(tokens) &&
    Object.values(tokens).every((entry) => isObject(entry) && typeof entry.token === 'string')
  return valid ? (record as unknown as Session) : undefined // its own shape, written by `JSON.stringify` below
}

export function serializeSession(session: Session): string {
  return JSON.stringify(session)
}
