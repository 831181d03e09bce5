import { Kysely } from 'kysely'
import { migrateToLatest, pendingMigrations } from '../sql/migrate.ts'
import type { Ddl } from '../sql/migrations/ddl.ts'
import { runDirectly, sqliteDialect } from './dialect.ts'
import type { SqliteEngine } from './engine.ts'
import { unavailableIfSo } from './errors.ts'
import { describeTables } from './planner.ts'

const DDL: Ddl = { clustered: 'without rowid' }

/**
 * All migrations in one transaction, which SQLite can undo: a process that dies half way leaves the schema as
 * it was. Another process that migrates the same file waits at BEGIN, and then finds nothing to do.
 */
export function migrateSqlite({ connection, writes }: SqliteEngine): Promise<readonly string[]> {
  return writes.hold(async () => {
    try {
      connection.exec('begin immediate')
      const names = await migrateToLatest(migrationDatabase(connection), DDL)
      if (names.length > 0) describeTables(connection)
      connection.exec('commit')
      return names
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback')
      throw unavailableIfSo(error)
    }
  })
}

export function pendingSqliteMigrations({ connection }: SqliteEngine): Promise<readonly string[]> {
  return pendingMigrations(migrationDatabase(connection), DDL)
}

function migrationDatabase(connection: SqliteEngine['connection']): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: sqliteDialect(runDirectly(connection)) })
}
