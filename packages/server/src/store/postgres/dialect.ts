import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryResult,
  SelectQueryNode,
  type TableMetadata,
} from 'kysely'
import type { QueryResult as PgResult } from 'pg'

export type Execute = (query: CompiledQuery) => Promise<QueryResult<unknown>>

/** Kysely over `execute`, which chooses the connection. */
export function postgresDialect(execute: Execute): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver(execute),
    createIntrospector: () => introspector(execute),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

/** Migrations run in a transaction, and under a lock, of `migrate.ts`: Kysely has nothing to add to them. */
class Adapter extends PostgresAdapter {
  override get supportsTransactionalDdl(): boolean {
    return false
  }
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

export function isRead({ query }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) && !query.endModifiers
}

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

export function toQueryResult({ command, rowCount, rows }: PgResult): QueryResult<unknown> {
  return CHANGES.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
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
    throw new Error('Use atomically(): it repeats what another transaction made impossible.')
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

/** For the migrator, which asks for its own tables: those of this schema, whoever else uses the database. */
function introspector(execute: Execute): DatabaseIntrospector {
  const sql = `select tablename as name from pg_catalog.pg_tables where schemaname = current_schema()`
  return {
    getSchemas: async () => [],
    async getTables() {
      const { rows } = await execute(CompiledQuery.raw(sql))
      return (rows as readonly { readonly name: string }[]).map(
        ({ name }): TableMetadata => ({ name, isView: false, isForeign: false, columns: [] }),
      )
    },
  }
}
