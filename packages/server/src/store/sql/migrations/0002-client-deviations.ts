import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Ddl } from './ddl.ts'

/** How often each client went its own way: a row for each client and deviation, however often it comes. */
export const clientDeviations = ({ clustered }: Ddl): Migration => ({
  async up(db: Kysely<unknown>) {
    const statement = `create table client_deviations (
      workspace_id text not null,
      client_id text not null,
      deviation text not null,
      count bigint not null,
      first_used_at bigint not null,
      last_used_at bigint not null,
      primary key (workspace_id, client_id, deviation)
    ) ${clustered}`
    await sql.raw(statement).execute(db)
  },
})
