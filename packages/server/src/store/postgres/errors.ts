import { DatabaseError } from 'pg'
import { StoreUnavailable } from '../store.ts'

/**
 * SQLSTATEs after which nothing has happened and the same may be tried again at once
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const REPEATABLE = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '57P01', // admin_shutdown: this connection ends, another may do
  '26000', // invalid_sql_statement_name: a proxy has changed the connection behind the statement
])

/** Classes of SQLSTATEs that say "not now" instead of "not like this". */
const UNAVAILABLE_CLASSES = new Set([
  '08', // connection
  '25', // read-only: a standby, after a failover
  '28', // the password has changed
  '40', // rolled back, and again after repeating
  '53', // disk full, out of memory, too many connections
  '55', // a lock was not to be had in time
  '57', // cancelled by the statement timeout, or shutting down
  '58', // the system below
  'XX', // internal, or damaged
])

/** The connection broke, or went silent, while a statement was under way: nobody knows whether it was done. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
  readonly timedOut: boolean
  /** Whether the statement can have reached the server. */
  readonly begun: boolean

  constructor(cause: unknown) {
    const message = messageOf(cause)
    super(`The connection to the database was lost: ${message}`, { cause })
    this.timedOut = message === 'Query read timeout'
    this.begun = !message.endsWith('is not queryable')
  }
}

/** Where `error` says that nothing has happened. */
export function mayRepeat(error: unknown): boolean {
  if (error instanceof ConnectionLost) return !error.begun
  if (!(error instanceof DatabaseError)) return false
  return REPEATABLE.has(error.code ?? '') || isStalePlan(error)
}

/** Whether the connection had ended before the statement could begin. */
export function hasEnded(error: unknown): boolean {
  if (error instanceof ConnectionLost) return !error.begun
  return error instanceof DatabaseError && error.code === '57P01'
}

/** A migration has changed the columns that a prepared statement returns: a new connection prepares it anew. */
function isStalePlan({ code, routine }: DatabaseError): boolean {
  return code === '0A000' && routine === 'RevalidateCachedQuery'
}

const DRIVER_MESSAGES = /^(Query read timeout|Connection terminated|Client (has encountered|was closed))/

/** Everything that comes from the socket, or from TLS, instead of the server. */
export function isDriverError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DatabaseError) return false
  return ('code' in error && typeof error.code === 'string') || DRIVER_MESSAGES.test(error.message)
}

/** Whether the connection is of no use after this. */
export function isBroken(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return isDriverError(error)
  return /^(57P|25006|26000)/.test(error.code ?? '') || isStalePlan(error)
}

/** A value that a unique index holds already (unique_violation). */
export function isTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23505'
}

export function unavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause
  return new StoreUnavailable(`The database cannot be reached: ${messageOf(cause)}`, { cause })
}

/** What is thrown to the store's caller. Values of rows, which PostgreSQL quotes in details, are left out of it. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof ConnectionLost) return unavailable(error)
  if (!(error instanceof DatabaseError)) return error
  if (UNAVAILABLE_CLASSES.has(error.code?.slice(0, 2) ?? '')) return unavailable(error)
  error.detail = undefined
  error.where = undefined
  return error
}

/** Refused connections to several addresses come as an `AggregateError` without a message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
