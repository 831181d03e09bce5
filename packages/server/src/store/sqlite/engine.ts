import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { type CompiledQuery, Kysely, type QueryResult } from 'kysely'
import type { SqlEngine, Step } from '../sql/engine.ts'
import type { Schema } from '../sql/schema.ts'
import { executeNow, isRead, sqliteDialect } from './dialect.ts'
import { unavailableIfSo } from './errors.ts'
import { GroupCommit } from './group-commit.ts'
import { Prepared, StatementCache } from './statements.ts'

/** Thrown to undo a batch of which one step found another number of rows than it expected. */
const UNEXPECTED_ROWS = Symbol('unexpected rows')

/**
 * One connection with its queue of writes: the shared repositories use it through Kysely, the hot operations
 * directly.
 */
export class SqliteEngine implements SqlEngine {
  readonly db: Kysely<Schema>
  readonly hasConcurrentWriters = false
  readonly connection: DatabaseSync
  readonly writes: GroupCommit
  readonly #statements: StatementCache

  constructor(connection: DatabaseSync) {
    this.connection = connection
    this.writes = new GroupCommit(connection)
    this.#statements = new StatementCache(connection)
    this.db = new Kysely<Schema>({ dialect: sqliteDialect((query) => this.#execute(query)) })
  }

  prepare<Row = never>(sql: string): Prepared<Row> {
    return new Prepared<Row>(this.connection, sql)
  }

  /** A read outside of any transaction. */
  async read<T>(read: () => T): Promise<T> {
    try {
      return read()
    } catch (error) {
      throw unavailableIfSo(error)
    }
  }

  async atomically(steps: readonly Step[]): Promise<readonly number[] | false> {
    try {
      return await this.writes.statements(() => steps.map((step) => this.#runStep(step)))
    } catch (error) {
      if (error === UNEXPECTED_ROWS) return false
      throw error
    }
  }

  #execute(query: CompiledQuery): Promise<QueryResult<unknown>> {
    const run = () => executeNow(this.#statements, query)
    return isRead(query) ? this.read(run) : this.writes.statement(run)
  }

  #runStep({ query, expectRows }: Step): number {
    const rows = this.#statements.get(query.sql).run(...(query.parameters as readonly SQLInputValue[]))
    if (expectRows !== undefined && rows !== expectRows) throw UNEXPECTED_ROWS
    return rows
  }
}
