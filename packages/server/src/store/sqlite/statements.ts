import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

export type Parameters = readonly SQLInputValue[]

/**
 * One statement, prepared when it is first used (its table may not exist before) and kept. The type of the
 * rows is the caller's promise, as with every SQL text.
 */
export class Prepared<Row = never> {
  readonly #db: DatabaseSync
  readonly #sql: string
  #statement: StatementSync | undefined
  #returnsRows = false

  constructor(db: DatabaseSync, sql: string) {
    this.#db = db
    this.#sql = sql
  }

  get(...parameters: Parameters): Row | undefined {
    return this.#prepare().get(...parameters) as Row | undefined
  }

  all(...parameters: Parameters): readonly Row[] {
    return this.#prepare().all(...parameters) as Row[]
  }

  /** Resolves how many rows were changed: what decides who was first. */
  run(...parameters: Parameters): number {
    return Number(this.#prepare().run(...parameters).changes)
  }

  get returnsRows(): boolean {
    this.#prepare()
    return this.#returnsRows
  }

  #prepare(): StatementSync {
    if (this.#statement) return this.#statement
    this.#statement = this.#db.prepare(this.#sql)
    this.#returnsRows = this.#statement.columns().length > 0
    return this.#statement
  }
}

/**
 * Statements by their text, for queries that Kysely builds. Lists of values make many texts, so it is
 * bounded.
 */
export class StatementCache {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, Prepared<unknown>>()
  static readonly #limit = 500

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  get(sql: string): Prepared<unknown> {
    const known = this.#statements.get(sql)
    if (known) return known
    if (this.#statements.size >= StatementCache.#limit) this.#statements.clear()
    const prepared = new Prepared<unknown>(this.#db, sql)
    this.#statements.set(sql, prepared)
    return prepared
  }
}
