import type { Store } from '../store.ts'
import { openPool } from './connection.ts'
import { PostgresEngine } from './engine.ts'
import { postgresStore } from './store.ts'

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, as libpq reads it, and `pool_max`. */
  readonly url: string
}

/**
 * Opens the database as it is: `migrate()` brings its schema up to date. The first statement connects.
 *
 * @throws {DatabaseUrlInvalid}
 */
export async function openPostgres({ url }: PostgresOptions): Promise<Store> {
  return postgresStore(new PostgresEngine(openPool(url)))
}
