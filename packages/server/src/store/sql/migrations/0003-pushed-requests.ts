import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Authorization requests that were pushed (RFC 9126), and who acts with an opaque access token (RFC 8693 §4.1). */
export const pushedRequests: Migration = {
  async up(db: Kysely<unknown>) {
    const statements = [
      `create table pushed_requests (
        workspace_id text not null,
        request_hash text not null,
        client_id text not null,
        flow_id text not null,
        request text not null,
        created_at bigint not null,
        expires_at bigint not null,
        consumed_at bigint,
        primary key (workspace_id, request_hash)
      )`,
      'create index pushed_requests_by_end on pushed_requests (expires_at)',
      'alter table access_tokens add column actor text',
    ]
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}
