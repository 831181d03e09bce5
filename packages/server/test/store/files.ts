import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { connect } from '../../src/store/sqlite/connection.ts'
import { SqliteEngine } from '../../src/store/sqlite/engine.ts'
import { sqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'

/** A folder for the tests of one file, deleted after them. Returns a path in it that was not given before. */
export function temporaryFiles(): () => string {
  const directory = mkdtempSync(join(tmpdir(), 'pixy-store-'))
  let files = 0
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return () => join(directory, `${files++}.db`)
}

export interface Opened {
  readonly store: Store
  readonly engine: SqliteEngine
  readonly path: string
}

/** As `openSqlite`, with what the tests need to reach behind the store. */
export function openFile(path: string, makeStore = sqliteStore): Opened {
  const engine = new SqliteEngine(connect(path))
  return { store: makeStore(engine, path), engine, path }
}
