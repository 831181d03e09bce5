/**
 * Codes, grants and tokens: the tables that every request writes to, and the log of pages is what limits
 * them. So the rows are appended (a table in the order of random hashes writes another page for each row),
 * there is no index without a query that needs it, and partial ones where that keeps them small.
 */
export const authorizationTables = (): readonly string[] => [
  `create table authorization_codes (
    workspace_id text not null,
    code_hash text not null,
    grant_id text not null,
    redirect_uri text not null,
    redirect_uri_sent integer not null,
    code_challenge text,
    "authorization" text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint,
    client_id text not null,
    user_id text,
    ends_with_sid text,
    primary key (workspace_id, code_hash)
  )`,
  'create index authorization_codes_by_end on authorization_codes (expires_at)',
  // Few at any time; this is how the codes of a user, client or session are found when those end.
  'create index authorization_codes_unspent on authorization_codes (workspace_id) where consumed_at is null',

  `create table grants (
    workspace_id text not null,
    grant_id text not null,
    "authorization" text not null,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    revoked_reason text,
    client_id text not null,
    user_id text,
    ends_with_sid text,
    family_hash text,
    primary key (workspace_id, grant_id)
  )`,
  'create index grants_by_client on grants (workspace_id, client_id)',
  'create index grants_by_user on grants (workspace_id, user_id) where user_id is not null',
  'create index grants_by_session on grants (workspace_id, ends_with_sid) where ends_with_sid is not null',
  'create index grants_by_end on grants (expires_at)',

  `create table refresh_families (
    workspace_id text not null,
    family_hash text not null,
    grant_id text not null,
    client_id text not null,
    generation integer not null,
    current_hash text not null,
    previous_hash text,
    rotated_at bigint,
    successor_sealed text,
    created_at bigint not null,
    idle_expires_at bigint not null,
    absolute_expires_at bigint not null,
    revoked_at bigint,
    primary key (workspace_id, family_hash)
  )`,

  `create table access_tokens (
    workspace_id text not null,
    token_hash text not null,
    grant_id text,
    client_id text not null,
    user_id text,
    scope text not null,
    audience text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, token_hash)
  )`,
  'create index access_tokens_by_grant on access_tokens (workspace_id, grant_id) where grant_id is not null',
  'create index access_tokens_by_client on access_tokens (workspace_id, client_id) where grant_id is null',
  'create index access_tokens_by_end on access_tokens (expires_at)',
]
