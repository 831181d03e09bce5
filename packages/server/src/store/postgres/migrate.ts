import { Kysely } from 'kysely'
import type { PoolClient } from 'pg'
import { migrateToLatest, pendingMigrations } from '../sql/migrate.ts'
import { compareBytes, DDL } from './ddl.ts'
import { type Execute, postgresDialect, toQueryResult } from './dialect.ts'
import type { PostgresEngine } from './engine.ts'
import { LOCK, MIGRATING } from './locks.ts'

/** Another node may be migrating a large database: this one waits for it so long. */
const WAIT = '10min'
/** A table that others use is waited for, but they wait behind us: better to fail than to stop them for long. */
const WAIT_FOR_TABLE = '20s'

const CLIENT_MILLISECONDS = 3_600_000

/**
 * All migrations in one transaction, which PostgreSQL can undo: a node that dies half way leaves the schema as it was.
 * Another node that migrates at the same time waits for the lock, and then finds nothing to do.
 */
export async function migratePostgres(engine: PostgresEngine): Promise<readonly string[]> {
  if ((await pendingPostgresMigrations(engine)).length === 0) return []
  return engine.transaction(async (client) => {
    await client.query(`set local statement_timeout = 0`)
    await client.query(`set local lock_timeout = '${WAIT}'`)
    await checkEncoding(client)
    await patiently(client, LOCK, [MIGRATING])
    await client.query(`set local lock_timeout = '${WAIT_FOR_TABLE}'`)
    const db = new Kysely<unknown>({ dialect: postgresDialect(runDirectly(client)) })
    return migrateToLatest(db, DDL)
  })
}

export function pendingPostgresMigrations({ db }: PostgresEngine): Promise<readonly string[]> {
  return pendingMigrations(db as unknown as Kysely<unknown>, DDL)
}

/** Every statement on the connection whose transaction it belongs to. */
function runDirectly(client: PoolClient): Execute {
  return async ({ sql, parameters }) =>
    toQueryResult(await patiently(client, compareBytes(sql), [...parameters]))
}

/** Longer than a request may take: an index on a large table is built meanwhile. */
function patiently(client: PoolClient, text: string, values: unknown[]) {
  const patience = { query_timeout: CLIENT_MILLISECONDS }
  return client.query({ text, values, ...patience })
}

/** Names of people come in every script, and lengths are counted in UTF-8. */
async function checkEncoding(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding')
  const encoding = rows[0]?.server_encoding
  if (encoding !== 'UTF8') {
    throw new Error(
      `The database has the encoding ${encoding}. Make one with UTF8: create database pixy encoding 'UTF8' template template0`,
    )
  }
}
