import type { Platform } from './platform.ts'

/** How long to wait for another tab that holds the lock, perhaps frozen. */
const PATIENCE_MS = 15_000

/** Runs work one at a time: in all tabs where there are Web Locks, else in this one. */
export function createMutex(name: string, platform: Platform): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()

  async function acrossTabs<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = platform
    if (!locks) return work()
    let started = false
    const once = (): Promise<T> => {
      started = true
      return work()
    }
    try {
      return await locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, once)
    } catch (error) {
      if (started) throw error
      return work() // the server's retry window makes two refreshes at once safe; waiting for ever is not
    }
  }

  return (work) => {
    const turn = last.then(() => acrossTabs(work))
    last = turn.catch(() => undefined)
    return turn
  }
}
