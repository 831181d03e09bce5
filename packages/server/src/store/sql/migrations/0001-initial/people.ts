import type { Ddl } from '../ddl.ts'

/** Users, and what their browsers are doing here. */
export const peopleTables = ({ clustered }: Ddl): readonly string[] => [
  `create table users (
    workspace_id text not null,
    user_id text not null,
    source_id text not null,
    username text not null,
    username_key text not null,
    password_hash text,
    enabled integer not null,
    claims text not null,
    clients text not null,
    owner text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, user_id)
  )`,
  // The source comes last, so that the index also serves a search over all sources.
  'create unique index users_by_username on users (workspace_id, username_key, source_id)',

  `create table sessions (
    workspace_id text not null,
    sid text not null,
    browser_hash text not null,
    user_id text not null,
    auth_time bigint not null,
    acr text not null,
    amr text not null,
    persistent integer not null,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, sid)
  )`,
  'create index sessions_by_browser on sessions (workspace_id, browser_hash)',
  'create index sessions_by_user on sessions (workspace_id, user_id)',
  'create index sessions_by_end on sessions (expires_at)',

  `create table interactions (
    workspace_id text not null,
    flow_id text not null,
    browser_hash text not null,
    client_id text,
    request text not null,
    progress text not null,
    created_at bigint not null,
    expires_at bigint not null,
    finished_at bigint,
    primary key (workspace_id, flow_id)
  )`,
  'create index interactions_by_end on interactions (expires_at)',

  `create table consents (
    workspace_id text not null,
    user_id text not null,
    client_id text not null,
    scope text not null,
    declined text not null,
    granted_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, user_id, client_id)
  ) ${clustered}`,
  'create index consents_by_client on consents (workspace_id, client_id)',
  'create index consents_by_end on consents (expires_at)',
]
