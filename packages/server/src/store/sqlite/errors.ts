import { StoreUnavailable } from '../store.ts'

/**
 * SQLite's primary result codes that say "not now" instead of "not like this":
 * https://sqlite.org/rescode.html
 */
const UNAVAILABLE = new Set([
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  9, // SQLITE_INTERRUPT
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  15, // SQLITE_PROTOCOL
  26, // SQLITE_NOTADB
])

export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof StoreUnavailable) return true
  if ('errcode' in error && typeof error.errcode === 'number') return UNAVAILABLE.has(error.errcode & 0xff)
  return 'code' in error && error.code === 'ERR_INVALID_STATE' // closed
}

export function unavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause
  return new StoreUnavailable('The database cannot be reached.', { cause })
}

export function unavailableIfSo(error: unknown): unknown {
  return isUnavailable(error) ? unavailable(error) : error
}
