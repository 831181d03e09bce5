import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Ddl } from './ddl.ts'

/** Accounts at other OpenID providers, and which source a session was begun by. */
export const linkedIdentities = ({ clustered }: Ddl): Migration => ({
  async up(db: Kysely<unknown>) {
    const statements = [
      `create table linked_identities (
        workspace_id text not null,
        source_id text not null,
        issuer text not null,
        subject text not null,
        user_id text not null,
        linked_at bigint not null,
        primary key (workspace_id, source_id, issuer, subject)
      ) ${clustered}`,
      'create index linked_identities_by_user on linked_identities (workspace_id, user_id)',
      'alter table sessions add column source_id text',
    ]
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})
