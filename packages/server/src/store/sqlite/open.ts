import type { Store } from '../store.ts'
import { connect } from './connection.ts'
import { SqliteEngine } from './engine.ts'
import { unavailableIfSo } from './errors.ts'
import { sqliteStore } from './store.ts'

export interface SqliteOptions {
  /** A file, which is created where it is not there, or `:memory:`. */
  readonly path: string
}

/** Opens the database as it is: `migrate()` brings its schema up to date. */
export async function openSqlite({ path }: SqliteOptions): Promise<Store> {
  try {
    return sqliteStore(new SqliteEngine(connect(path)), path)
  } catch (error) {
    throw unavailableIfSo(error)
  }
}
