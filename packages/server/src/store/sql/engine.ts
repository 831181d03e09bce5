import type { CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** One statement of an atomic batch. */
export interface Step {
  readonly query: CompiledQuery
  /** Where another number of rows is affected, the whole batch is undone. */
  readonly expectRows?: number
}

/** What the shared repositories need of an engine. */
export interface SqlEngine {
  /**
   * For reads, and for writes of one statement, which are on the disk when their promise resolves. Kysely's
   * interactive transactions are not offered: on SQLite's one connection they would mix with everybody else's
   * work.
   */
  readonly db: Kysely<Schema>
  /**
   * Other transactions run beside one of `atomically`: what a later step relies on is then locked first (`for update`,
   * which SQLite neither needs nor knows).
   */
  readonly hasConcurrentWriters: boolean
  /**
   * Runs all steps or none. Resolves with the rows that each has affected, or with `false` where a step
   * affected another number than it expected: then nothing is stored.
   */
  atomically(steps: readonly Step[]): Promise<readonly number[] | false>
}
