import { backup, DatabaseSync } from 'node:sqlite'
import { createPrivately, MEMORY } from './connection.ts'
import type { SqliteEngine } from './engine.ts'
import { unavailableIfSo } from './errors.ts'

/** Pages of 4 KiB copied at a time, off the main thread. */
const PAGES_A_STEP = 500

/**
 * Copies from a second connection that holds one snapshot: writers go on meanwhile, and unlike a copy without
 * a snapshot this one does not start again whenever they commit.
 */
export async function backupSqlite(
  engine: SqliteEngine,
  path: string,
  file: string,
  progress: (done: number) => void,
): Promise<void> {
  try {
    if (path === MEMORY) return await engine.writes.hold(() => copy(engine.connection, file, progress))
    const source = new DatabaseSync(path, { readOnly: true })
    try {
      source.exec('begin; select 1 from sqlite_schema')
      await copy(source, file, progress)
    } finally {
      source.close()
    }
  } catch (error) {
    throw unavailableIfSo(error)
  }
}

async function copy(source: DatabaseSync, file: string, progress: (done: number) => void): Promise<void> {
  createPrivately(file)
  progress(0)
  await backup(source, file, {
    rate: PAGES_A_STEP,
    progress: ({ totalPages, remainingPages }) => progress((totalPages - remainingPages) / totalPages),
  })
  progress(1)
}
