import { type CompiledQuery, Kysely, type QueryResult } from 'kysely'
import type { QueryResult as PgResult, Pool, PoolClient, QueryResultRow } from 'pg'
import type { SqlEngine, Step } from '../sql/engine.ts'
import type { Schema } from '../sql/schema.ts'
import { StoreUnavailable } from '../store.ts'
import { withConnection } from './connection.ts'
import { isRead, postgresDialect, toQueryResult } from './dialect.ts'
import { ConnectionLost, hasEnded, isBroken, isTaken, mayRepeat, toStoreError } from './errors.ts'
import { StatementNames } from './names.ts'

export type Parameters = readonly unknown[]

/** How often a statement is tried that another transaction has undone. */
const ATTEMPTS = 4
/** After a restart of the server one may meet many connections of the pool that have ended: each goes with that. */
const MOST_ENDED = 50

/** Whatever the database's defaults are: what may happen once is decided by the row, which waits for its lock. */
const BEGIN = 'begin isolation level read committed'

/** Thrown to undo a batch of which one step found another number of rows than it expected. */
const UNEXPECTED_ROWS = Symbol('unexpected rows')

interface RunOptions {
  /** It may be asked again where the connection was lost under it: it changes nothing, or is looked after. */
  readonly isRead?: boolean
}

/**
 * A pool of connections. The shared repositories use it through Kysely, the hot operations directly; each statement is
 * a transaction of its own, prepared once in each connection.
 */
export class PostgresEngine implements SqlEngine {
  readonly db: Kysely<Schema>
  readonly hasConcurrentWriters = true
  readonly #pool: Pool
  readonly #names = new StatementNames()
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false
  #closing: Promise<void> | undefined

  constructor(pool: Pool) {
    this.#pool = pool
    this.db = new Kysely<Schema>({ dialect: postgresDialect((query) => this.#execute(query)) })
  }

  /** One statement. */
  run<Row extends QueryResultRow>(
    text: string,
    values: Parameters,
    { isRead = false }: RunOptions = {},
  ): Promise<PgResult<Row>> {
    return this.#repeating(
      () => withConnection(this.#pool, (client) => this.#query<Row>(client, text, values)),
      (error) => mayRepeat(error) || (isRead && error instanceof ConnectionLost && !error.timedOut),
    )
  }

  async atomically(steps: readonly Step[]): Promise<readonly number[] | false> {
    return this.#undoable(steps, mayRepeat)
  }

  /** As `atomically`, and from the beginning where another has just inserted the same key. */
  async atomicallyUnlessTaken(steps: readonly Step[]): Promise<readonly number[] | false> {
    return this.#undoable(steps, (error) => mayRepeat(error) || isTaken(error))
  }

  /** Runs `work` between BEGIN and COMMIT on one connection, once. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#repeating(
      () => this.#transaction(work),
      () => false,
    )
  }

  /** Finishes what is under way; what comes later is refused. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await new Promise(setImmediate) // Kysely takes a few turns to hand over what was already called
    this.#isClosed = true
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    await this.#pool.end()
  }

  async #execute(query: CompiledQuery): Promise<QueryResult<unknown>> {
    return toQueryResult(await this.run(query.sql, query.parameters, { isRead: isRead(query) }))
  }

  async #undoable(
    steps: readonly Step[],
    again: (error: unknown) => boolean,
  ): Promise<readonly number[] | false> {
    if (steps.length === 0) return []
    try {
      return await this.#repeating(() => this.#transaction((client) => this.#runSteps(client, steps)), again)
    } catch (error) {
      if (error === UNEXPECTED_ROWS) return false
      throw error
    }
  }

  async #runSteps(client: PoolClient, steps: readonly Step[]): Promise<readonly number[]> {
    const rows: number[] = []
    for (const { query, expectRows } of steps) {
      const { rowCount } = await this.#query(client, query.sql, query.parameters)
      if (expectRows !== undefined && rowCount !== expectRows) throw UNEXPECTED_ROWS
      rows.push(rowCount ?? 0)
    }
    return rows
  }

  #transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return withConnection(this.#pool, async (client) => {
      await client.query(BEGIN)
      let result: T
      try {
        result = await work(client)
      } catch (error) {
        // A connection that is broken takes its transaction along.
        if (!isBroken(error)) await client.query('rollback')
        throw error
      }
      await client.query('commit')
      return result
    })
  }

  #query<Row extends QueryResultRow>(
    client: PoolClient,
    text: string,
    values: Parameters,
  ): Promise<PgResult<Row>> {
    const name = this.#names.of(text)
    return client.query<Row>({
      ...(name === undefined ? {} : { name }),
      text,
      values: values.map(toParameter),
    })
  }

  async #repeating<T>(work: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
    if (this.#isClosed) throw new StoreUnavailable('The database is closed.')
    const running = repeat(work, again)
    this.#underWay.add(running)
    try {
      return await running
    } finally {
      this.#underWay.delete(running)
    }
  }
}

async function repeat<T>(work: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
  let attempts = 0
  let ended = 0
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (hasEnded(error)) ended += 1
      else attempts += 1
      if (attempts >= ATTEMPTS || ended >= MOST_ENDED || !again(error)) throw toStoreError(error)
    }
  }
}

/**
 * PostgreSQL's text cannot hold U+0000, and nothing that was stored ever held it. Like a lone surrogate it becomes
 * U+FFFD, so that asking for such a thing finds nothing instead of failing.
 */
function toParameter(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
}
