import { Client, Pool, type PoolClient, type PoolConfig, types } from 'pg'
import { ConnectionLost, isBroken, isDriverError, unavailable } from './errors.ts'
import { DatabaseUrlInvalid, readPoolMax } from './url.ts'

/** For a free connection of the pool, and for a new one to be made. */
const CONNECT_MILLISECONDS = 5000
/** A request waits no longer than this for a row that another transaction holds. */
const LOCK_MILLISECONDS = 5000
/** The longest statements are those that end what belongs to a whole workspace. */
const STATEMENT_MILLISECONDS = 15_000
/** Asked of nobody but our own clock: a network that swallows packets must not keep a request for ever. */
const ANSWER_MILLISECONDS = 17_000
const IDLE_IN_TRANSACTION_MILLISECONDS = 30_000

const INT8 = 20

/** Times and counts are below 2^53; they come as text otherwise, which is neither added nor compared as a number. */
const columnTypes: NonNullable<PoolConfig['types']> = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

/** @throws {DatabaseUrlInvalid} */
export function openPool(url: string, answerMilliseconds = ANSWER_MILLISECONDS): Pool {
  const config: PoolConfig = {
    connectionString: url,
    max: readPoolMax(url),
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    lock_timeout: LOCK_MILLISECONDS,
    statement_timeout: STATEMENT_MILLISECONDS,
    query_timeout: answerMilliseconds,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MILLISECONDS,
    application_name: 'pixy',
    types: columnTypes,
  }
  checkUrl(config)
  const pool = new Pool(config)
  // A connection that ends while nobody uses it is an event, and one without a listener would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** The driver reads the URL when it first connects, and its error would quote all of it. */
function checkUrl(config: PoolConfig): void {
  try {
    new Client(config)
  } catch {
    throw new DatabaseUrlInvalid(
      'The database URL cannot be read. Expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password percent-encoded.',
    )
  }
}

/**
 * Runs `work` on a connection of its own. One that breaks meanwhile does not go back to the pool.
 *
 * @throws {StoreUnavailable} where there is no connection: then `work` has not begun
 * @throws {ConnectionLost} where it broke under `work`
 */
export async function withConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  let broken = false
  try {
    return await work(client)
  } catch (error) {
    broken = isBroken(error)
    throw isDriverError(error) ? new ConnectionLost(error) : error
  } finally {
    client.release(broken)
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw unavailable(error)
  }
}
