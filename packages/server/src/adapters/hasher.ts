import { hash, verify } from '@node-rs/argon2'
import { HasherBusy, type PasswordHasher } from '../core/ports.ts'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; 11 ms of a core. 2 is `Algorithm.Argon2id`. */
const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export interface HasherLimits {
  /** Hashes under way at once. They share the thread pool with signatures, which must not wait for them. */
  readonly concurrency: number
  /** How many more may wait. */
  readonly queue: number
  /** How long one may wait, in milliseconds. */
  readonly patience: number
}

const LIMITS: HasherLimits = { concurrency: 2, queue: 100, patience: 2000 }

/** argon2id, never more than a few at once: a flood of sign-ins cannot starve the token endpoint. */
export function argon2Hasher(limits: HasherLimits = LIMITS): PasswordHasher {
  const gate = new Gate(limits)
  // Made once, so that an unknown user costs exactly what a known one does.
  const nobody = hash('nobody has this password', OPTIONS)
  return {
    hash: (password) => gate.run(() => hash(password, OPTIONS)),
    verify: (stored, password) =>
      gate.run(async () => {
        const matches = await verify(stored ?? (await nobody), password)
        return stored !== null && matches
      }),
  }
}

interface Waiting {
  readonly start: () => void
  readonly timer: NodeJS.Timeout
}

class Gate {
  readonly #limits: HasherLimits
  readonly #waiting: Waiting[] = []
  #running = 0

  constructor(limits: HasherLimits) {
    this.#limits = limits
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#limits.concurrency) {
      this.#running += 1
      return undefined
    }
    if (this.#waiting.length >= this.#limits.queue)
      throw new HasherBusy('too many password checks are waiting')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(new HasherBusy('a password check waited too long'))
      }, this.#limits.patience)
      const entry: Waiting = { start: resolve, timer }
      this.#waiting.push(entry)
    })
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (!next) {
      this.#running -= 1
      return
    }
    clearTimeout(next.timer)
    next.start()
  }
}
