import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { StatementCache } from './statements.ts'

export type Execute = (query: CompiledQuery) => Promise<QueryResult<unknown>>

/** Kysely over one connection of `node:sqlite`, whose statements are prepared once. */
export function sqliteDialect(execute: Execute): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver(execute),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Kysely would otherwise let one query at a time through, and no two writes could share a commit. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

export function isRead({ query }: CompiledQuery): boolean {
  return SelectQueryNode.is(query)
}

export function executeNow(statements: StatementCache, query: CompiledQuery): QueryResult<unknown> {
  const statement = statements.get(query.sql)
  const parameters = query.parameters as readonly SQLInputValue[]
  if (!statement.returnsRows) return { rows: [], numAffectedRows: BigInt(statement.run(...parameters)) }
  const rows = [...statement.all(...parameters)]
  return isRead(query) ? { rows } : { rows, numAffectedRows: BigInt(rows.length) }
}

/** For migrations: every statement at once, within the transaction that the caller has begun. */
export function runDirectly(db: DatabaseSync): Execute {
  return async ({ sql, parameters }) => {
    const statement = db.prepare(sql)
    return { rows: statement.all(...(parameters as readonly SQLInputValue[])) }
  }
}

function driver(execute: Execute): Driver {
  const connection: DatabaseConnection = {
    // The rows are as the query's type says: Kysely has no way to check, and neither has a driver.
    executeQuery: <R>(query: CompiledQuery) => execute(query) as Promise<QueryResult<R>>,
    streamQuery: () => {
      throw new Error('Streams are not needed here: every list has a limit.')
    },
  }
  const refuse = async () => {
    throw new Error('Use atomically(): one connection serves everybody.')
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
}
