import type { Ddl } from '../ddl.ts'

/** Tenants, workspaces, clients and keys: few rows, read at every start, cached by core. */
export const configurationTables = ({ clustered }: Ddl): readonly string[] => [
  `create table tenants (
    tenant_id text not null primary key,
    name text not null,
    url text,
    hosts text not null,
    owner text not null
  ) ${clustered}`,

  `create table workspaces (
    workspace_id text not null primary key,
    tenant_id text not null,
    id text not null,
    name text not null,
    path text not null,
    settings text not null,
    secrets_sealed text not null,
    owner text not null
  ) ${clustered}`,
  'create index workspaces_by_tenant on workspaces (tenant_id)',

  `create table clients (
    workspace_id text not null,
    client_id text not null,
    metadata text not null,
    owner text not null,
    created_at bigint not null,
    updated_at bigint not null,
    disabled integer not null,
    primary key (workspace_id, client_id)
  ) ${clustered}`,

  `create table client_secrets (
    workspace_id text not null,
    client_id text not null,
    secret_id text not null,
    secret_hash text not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, client_id, secret_id)
  ) ${clustered}`,

  `create table signing_keys (
    workspace_id text not null,
    kid text not null,
    alg text not null,
    state text not null,
    public_jwk text not null,
    private_sealed text not null,
    created_at bigint not null,
    activate_at bigint not null,
    withdraw_at bigint,
    delete_at bigint,
    primary key (workspace_id, kid)
  ) ${clustered}`,
  'create index signing_keys_by_end on signing_keys (delete_at) where delete_at is not null',

  `create table configuration_version (
    id integer not null primary key,
    version bigint not null
  )`,
  'insert into configuration_version (id, version) values (1, 0)',
]
