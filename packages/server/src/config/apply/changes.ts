import { isDeepStrictEqual } from 'node:util'
import type { Clock, PasswordHasher, Random, Vault } from '../../core/ports.ts'
import type { Store } from '../../store/store.ts'

export interface ApplyDeps {
  readonly store: Store
  readonly vault: Vault
  readonly random: Random
  readonly clock: Clock
  readonly hasher: PasswordHasher
}

/** One difference between file and store. Holds no secret. */
export interface Change {
  /** `release`: handed over to the console, because it holds what the file did not make. */
  readonly action: 'create' | 'update' | 'delete' | 'disable' | 'release'
  readonly kind: 'tenant' | 'workspace' | 'signing_key' | 'client' | 'user'
  /** `acme`, `acme:main`, `acme:main/spa`. */
  readonly id: string
}

export interface ApplyReport {
  readonly changes: readonly Change[]
  /** What an operator should know, one line each. */
  readonly warnings: readonly string[]
}

/** A change, and how it is made. */
export interface Step extends Change {
  readonly write: () => Promise<unknown>
}

/** Collects what was changed, and makes the changes unless this is only a plan. */
export class Changes {
  readonly isPlan: boolean
  readonly #changes: Change[] = []
  readonly #warnings: string[] = []

  constructor(isPlan: boolean) {
    this.isPlan = isPlan
  }

  warn(text: string): void {
    this.#warnings.push(text)
  }

  /** Makes the changes, at most `atOnce` at a time: the database writes what comes together in one go. */
  async make(steps: readonly Step[], atOnce = 64): Promise<void> {
    this.#changes.push(...steps.map(({ action, kind, id }) => ({ action, kind, id })))
    if (this.isPlan) return
    const waiting = steps.values()
    const work = async () => {
      for (const step of waiting) await step.write()
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, steps.length) }, work))
  }

  report(): ApplyReport {
    return { changes: this.#changes, warnings: this.#warnings }
  }
}

/** Whether two values are the same JSON, whatever the order of members. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b))
}

/** As it comes back from a store: without members that are `undefined`. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
