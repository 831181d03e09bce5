import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Device codes (RFC 8628), found by their own hash and by that of the user code. */
const STATEMENTS = [
  `create table device_codes (
    workspace_id text not null,
    code_hash text not null,
    user_code_hash text not null,
    grant_id text not null,
    client_id text not null,
    scope text not null,
    resources text not null,
    network text not null,
    flow_id text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    poll_interval bigint not null,
    last_polled_at bigint,
    answered_at bigint,
    "authorization" text,
    user_id text,
    ends_with_sid text,
    consumed_at bigint,
    primary key (workspace_id, code_hash)
  )`,
  'create unique index device_codes_by_user_code on device_codes (workspace_id, user_code_hash)',
  // How those of a network are counted, and those of a user, client or session are found when they end.
  'create index device_codes_unspent on device_codes (workspace_id, network, expires_at) where consumed_at is null',
  'create index device_codes_by_end on device_codes (expires_at)',
]

export const deviceCodes = (): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
})
