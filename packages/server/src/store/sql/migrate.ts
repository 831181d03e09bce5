import type { Kysely } from 'kysely'
import { type MigrationProvider, Migrator } from 'kysely/migration'
import type { Ddl } from './migrations/ddl.ts'
import { migrations } from './migrations/list.ts'

/** Runs what is missing. The engine sees to it that nobody else migrates at the same time. */
export async function migrateToLatest(db: Kysely<unknown>, ddl: Ddl): Promise<readonly string[]> {
  const { error, results = [] } = await migrator(db, ddl).migrateToLatest()
  if (error !== undefined) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

export async function pendingMigrations(db: Kysely<unknown>, ddl: Ddl): Promise<readonly string[]> {
  const all = await migrator(db, ddl).getMigrations()
  return all.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name)
}

function migrator(db: Kysely<unknown>, ddl: Ddl): Migrator {
  const provider: MigrationProvider = { getMigrations: async () => ({ ...migrations(ddl) }) }
  return new Migrator({ db, provider })
}
