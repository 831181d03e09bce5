import { openPool, withConnection } from './connection.ts'

/** What an operator should know about a PostgreSQL server. */
export interface PostgresFacts {
  /** `15.17`. */
  readonly version: string
  /** `150017`. */
  readonly versionNumber: number
  readonly encoding: string
  readonly fsync: string
  readonly synchronousCommit: string
  readonly maxConnections: number
  /** A standby, which takes no writes. */
  readonly isStandby: boolean
  readonly isEncrypted: boolean
  /** Another machine, as far as the connection tells. */
  readonly isRemote: boolean
}

const FACTS = `select current_setting('server_version') as "version",
  current_setting('server_version_num')::int as "versionNumber",
  current_setting('server_encoding') as "encoding",
  current_setting('fsync') as "fsync",
  current_setting('synchronous_commit') as "synchronousCommit",
  current_setting('max_connections')::int as "maxConnections",
  pg_is_in_recovery() as "isStandby",
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "isEncrypted",
  coalesce(inet_client_addr() <> inet_server_addr(), false) as "isRemote"`

/** @throws {StoreUnavailable} {@link DatabaseUrlInvalid} */
export async function inspectPostgres(url: string): Promise<PostgresFacts> {
  const pool = openPool(url)
  try {
    const { rows } = await withConnection(pool, (client) => client.query<PostgresFacts>(FACTS))
    const [facts] = rows
    if (!facts) throw new Error('The server says nothing about itself.')
    return facts
  } finally {
    await pool.end()
  }
}
