import type { AuthError } from './errors.ts'
import type { IdTokenClaims } from './id-token.ts'
import type { Session } from './session.ts'
import type { EpochSeconds } from './units.ts'

export type AuthStatus = 'loading' | 'signed-out' | 'signed-in'

/** The state of the client at one moment. The same object until something changes. */
export interface AuthSnapshot {
  /** `loading` while the stored session is read and while a callback is handled. */
  readonly status: AuthStatus
  /** The verified claims of the ID token; undefined without the scope `openid`. */
  readonly user: IdTokenClaims | undefined
  /** What was granted, which may be less than what was asked for. */
  readonly scopes: readonly string[]
  /** When the current access token ends. It is renewed when next needed, so a time in the past is no failure. */
  readonly expiresAt: EpochSeconds | undefined
  /** Why the last login failed or the session ended. */
  readonly error: AuthError | undefined
}

const NONE: readonly string[] = []

const LOADING: AuthSnapshot = {
  status: 'loading',
  user: undefined,
  scopes: NONE,
  expiresAt: undefined,
  error: undefined,
}

export interface SnapshotStore {
  get(): AuthSnapshot
  subscribe(listener: () => void): () => void
  publish(loading: boolean, session: Session | undefined, error: AuthError | undefined): void
  clear(): void
}

export function createSnapshotStore(): SnapshotStore {
  const listeners = new Set<() => void>()
  let current = LOADING

  return {
    get: () => current,
    subscribe(listener) {
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const entry = (): void => listener()
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    publish(loading, session, error) {
      const next: AuthSnapshot = {
        status: loading ? 'loading' : session ? 'signed-in' : 'signed-out',
        user: session?.user,
        scopes: session?.scopes ?? NONE,
        expiresAt: session?.tokens['']?.expiresAt,
        error,
      }
      if (same(current, next)) return
      current = next
      for (const listener of [...listeners]) listener()
    },
    clear: () => listeners.clear(),
  }
}

function same(a: AuthSnapshot, b: AuthSnapshot): boolean {
  return (
    a.status === b.status &&
    a.error === b.error &&
    a.expiresAt === b.expiresAt &&
    (a.scopes === b.scopes || a.scopes.join(' ') === b.scopes.join(' ')) &&
    (a.user === b.user || JSON.stringify(a.user) === JSON.stringify(b.user))
  )
}
