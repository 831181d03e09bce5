import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export const MEMORY = ':memory:'

/** Waits for another process's transaction (the command line writes to the same file) this long. */
const BUSY_MILLISECONDS = 5000

/**
 * - `synchronous = full`: in WAL mode nothing less survives a power cut once it was acknowledged.
 * - No foreign keys: what ends together is ended by the statements of one transaction, on every engine alike.
 * - No memory map: a failing disk would be a crash (SIGBUS) instead of an error. The cache holds the hot
 *   pages.
 * - Checkpoints every 16 MiB of log: hot pages are then copied once for many commits.
 */
const PRAGMAS = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma temp_store = memory;
  pragma cache_size = -65536;
  pragma mmap_size = 0;
  pragma wal_autocheckpoint = 4000;
  pragma journal_size_limit = 67108864;
`

/** `:memory:` is a database of its own each time. */
export function connect(path: string): DatabaseSync {
  if (path !== MEMORY) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    createPrivately(path)
  }
  const db = new DatabaseSync(path, { timeout: BUSY_MILLISECONDS, enableForeignKeyConstraints: false })
  try {
    db.exec(PRAGMAS)
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

/** A new file is for its owner's eyes only: it holds hashes and keys. SQLite gives its log the same mode. */
export function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
}
