import type { Store } from '../store.ts'

/** The engine under test. What is absent is not asked of it. */
export interface Engine {
  /** An empty database of its own, without tables. */
  open(): Promise<Store>
  /** Another store on the database of `store`, which may be open or closed by now. */
  openSame?: (store: Store) => Promise<Store>
  /** Makes every commit fail, until the returned function is called. */
  breakCommits?: (store: Store) => Promise<() => Promise<void>>
}

/** Races are run with so many callers. */
export const CALLERS = [10, 50]

/** A test with a database of its own, whose tables are made. */
export function withStore(engine: Engine, test: (store: Store) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await engine.open()
    try {
      await store.migrate()
      await test(store)
    } finally {
      await store.close()
    }
  }
}

/** Calls `attempt` so many times at once and counts who was told `true`. */
export async function winners(
  callers: number,
  attempt: (caller: number) => Promise<boolean>,
): Promise<number> {
  const outcomes = await Promise.all(Array.from({ length: callers }, (_, caller) => attempt(caller)))
  return outcomes.filter((won) => won).length
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
