import type { Ddl } from '../ddl.ts'

/** What is remembered for a while: names that were used, failures, and what happened in each flow. */
export const operationTables = ({ clustered }: Ddl): readonly string[] => [
  `create table once_only (
    workspace_id text not null,
    name text not null,
    expires_at bigint not null,
    primary key (workspace_id, name)
  ) ${clustered}`,
  'create index once_only_by_end on once_only (expires_at)',

  `create table throttles (
    workspace_id text not null,
    throttle_key text not null,
    failures bigint not null,
    last_failure_at bigint not null,
    blocked_until bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, throttle_key)
  ) ${clustered}`,
  'create index throttles_by_end on throttles (expires_at)',

  `create table flow_events (
    workspace_id text not null,
    at bigint not null,
    event_id text not null,
    flow_id text not null,
    ordinal integer not null,
    kind text not null,
    client_id text,
    reason text,
    detail text not null,
    expires_at bigint not null,
    primary key (workspace_id, at, event_id)
  )`,
  'create index flow_events_by_flow on flow_events (flow_id, ordinal)',
  'create index flow_events_by_id on flow_events (event_id)',
  'create index flow_events_by_time on flow_events (at)',
  'create index flow_events_by_end on flow_events (expires_at)',
]
