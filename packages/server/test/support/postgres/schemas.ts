import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { inject } from 'vitest'

/** An empty schema of its own in the server of this run: stores in different ones do not see each other. */
export interface TestSchema {
  readonly url: string
  /** One statement, beside the store. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>
  drop(): Promise<void>
}

/** Few connections for all schemas of a file: each would cost a process of the server. It lets this process end. */
const admins = new Map<string, Pool>()

export async function newSchema(server: string = inject('postgresUrl')): Promise<TestSchema> {
  const name = `pixy_test_${randomUUID().replaceAll('-', '')}`
  const admin = adminOf(server)
  await admin.query(`create schema ${name}`)
  return {
    url: `${server}${server.includes('?') ? '&' : '?'}options=-c%20search_path%3D${name}`,
    async sql(text) {
      const client = await admin.connect()
      try {
        await client.query(`set search_path = ${name}`)
        return (await client.query<Record<string, unknown>>(text)).rows
      } finally {
        client.release()
      }
    },
    async drop() {
      await admin.query(`drop schema if exists ${name} cascade`)
    },
  }
}

function adminOf(server: string): Pool {
  const known = admins.get(server)
  if (known) return known
  const pool = new Pool({ connectionString: server, max: 4, allowExitOnIdle: true })
  pool.on('error', () => {})
  admins.set(server, pool)
  return pool
}
