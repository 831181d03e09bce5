import { isObject, parseObject } from './http.ts'
import type { Platform } from './platform.ts'
import { requireSessionStorage } from './storage.ts'
import type { Seconds } from './units.ts'

/** A login on its way: what the answer will be held against. */
export interface PendingLogin {
  readonly kind: 'pending'
  readonly verifier: string
  readonly nonce: string
  readonly redirectUri: string
  readonly returnTo: string
  readonly scope: string
  readonly maxAge: Seconds | undefined
  /** Milliseconds. */
  readonly at: number
}

/** A login that was redeemed: kept so that reload and Back find their way without spending the code twice. */
export interface FinishedLogin {
  readonly kind: 'finished'
  readonly codeHash: string
  readonly returnTo: string
  readonly at: number
}

type Login = PendingLogin | FinishedLogin

const KEPT_MS = 60 * 60 * 1000
const KEPT_COUNT = 20

/**
 * Logins of this tab, keyed by `state`. Two logins, even of two copies of one tab, never touch each other's verifier
 * (the fault of samples that keep one in a global).
 */
export interface PendingLogins {
  add(state: string, login: PendingLogin): void
  find(state: string): Login | undefined
  /** Whether any login of this tab waits for its answer. */
  anyPending(): boolean
  finish(state: string, login: FinishedLogin): void
  remove(state: string): void
}

export function createPendingLogins(key: string, platform: Platform): PendingLogins {
  const read = (): Record<string, Login> => {
    const stored = parseObject(requireSessionStorage(platform).getItem(key) ?? '') ?? {}
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, Login] => isLogin(entry[1])),
    )
  }
  const write = (logins: Record<string, Login>): void => {
    const oldest = platform.now() - KEPT_MS
    const kept = Object.entries(logins)
      .filter(([, login]) => login.at > oldest)
      .slice(-KEPT_COUNT)
    requireSessionStorage(platform).setItem(key, JSON.stringify(Object.fromEntries(kept)))
  }
  return {
    add: (state, login) => write({ ...read(), [state]: login }),
    find(state) {
      const logins = read()
      return Object.hasOwn(logins, state) ? logins[state] : undefined
    },
    anyPending: () => Object.values(read()).some((login) => login.kind === 'pending'),
    finish: (state, login) => write({ ...read(), [state]: login }),
    remove(state) {
      const { [state]: _, ...others } = read()
      write(others)
    },
  }
}

function isLogin(value: unknown): value is Login {
  if (!isObject(value) || typeof value.returnTo !== 'string' || typeof value.at !== 'number') return false
  return value.kind === 'pending' ? typeof value.verifier === 'string' : value.kind === 'finished'
}
