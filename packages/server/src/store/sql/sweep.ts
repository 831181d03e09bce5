import { type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { SqlEngine } from './engine.ts'

/**
 * A code's row stays this long after its end, spent or not: a replay within a day still ends the grant
 * (RFC 6749 §4.1.2), and a late one is told that it is late and not that it is unknown.
 */
const CODE_STAYS = 86_400

/** An hour after their end, so that people and clients are told that they expired and not that they are unknown. */
const STAYS: Readonly<Record<string, number>> = {
  authorization_codes: CODE_STAYS,
  device_codes: CODE_STAYS,
  interactions: 3600,
  access_tokens: 3600,
  pushed_requests: 3600,
}

/** What ends at its `expires_at`, with the rest of its primary key after `workspace_id`. */
const ENDING = {
  authorization_codes: ['code_hash'],
  device_codes: ['code_hash'],
  access_tokens: ['token_hash'],
  interactions: ['flow_id'],
  pushed_requests: ['request_hash'],
  sessions: ['sid'],
  consents: ['user_id', 'client_id'],
  once_only: ['name'],
  throttles: ['throttle_key'],
  flow_events: ['at', 'event_id'],
}

/**
 * Deletes what has ended, at most `limit` rows of a kind, each kind in a short transaction of its own: others
 * write in between. Resolves with how many rows went.
 */
export async function sweep(engine: SqlEngine, now: EpochSeconds, limit: number): Promise<number> {
  let swept = 0
  for (const [table, key] of Object.entries(ENDING)) {
    const ended = selectEnded(table, key, 'expires_at', now - (STAYS[table] ?? 0), limit)
    swept += await run(engine, [deleteThose(table, key, ended).compile(engine.db)])
  }
  return swept + (await sweepGrants(engine, now, limit)) + (await sweepKeys(engine, now, limit))
}

/**
 * A grant ends after the last of its refresh tokens: families have no end of their own, they go with their
 * grant.
 */
function sweepGrants(engine: SqlEngine, now: EpochSeconds, limit: number): Promise<number> {
  // Both statements must choose the same grants, so the order is complete, and no refresh moves an end meanwhile.
  const ended = (
    key: string,
  ) => sql`select workspace_id, ${sql.ref(key)} from grants where expires_at <= ${now}
    order by expires_at, workspace_id, grant_id limit ${limit}`
  const lock = sql`${ended('grant_id')} for update`
  return run(
    engine,
    [
      deleteThose('refresh_families', ['family_hash'], ended('family_hash')).compile(engine.db),
      deleteThose('grants', ['grant_id'], ended('grant_id')).compile(engine.db),
    ],
    engine.hasConcurrentWriters ? lock.compile(engine.db) : undefined,
  )
}

function sweepKeys(engine: SqlEngine, now: EpochSeconds, limit: number): Promise<number> {
  const ended = selectEnded('signing_keys', ['kid'], 'delete_at', now, limit)
  const bump = sql`update configuration_version set version = version + 1
    where id = 1 and exists (select 1 from signing_keys where delete_at <= ${now})`
  return run(
    engine,
    [deleteThose('signing_keys', ['kid'], ended).compile(engine.db)],
    bump.compile(engine.db),
  )
}

function selectEnded(
  table: string,
  key: readonly string[],
  end: 'expires_at' | 'delete_at',
  before: EpochSeconds,
  limit: number,
) {
  return sql`select ${columns(key)} from ${sql.table(table)} where ${sql.ref(end)} <= ${before}
    order by ${sql.ref(end)} limit ${limit}`
}

function deleteThose(table: string, key: readonly string[], those: RawBuilder<unknown>) {
  return sql`delete from ${sql.table(table)} where (${columns(key)}) in (${those})`
}

function columns(key: readonly string[]) {
  return sql.join(['workspace_id', ...key].map((column) => sql.ref(column)))
}

/** Runs `first`, which is not counted, and then the deletions, in one transaction. */
async function run(
  engine: SqlEngine,
  deletions: readonly CompiledQuery[],
  first?: CompiledQuery,
): Promise<number> {
  const queries = first ? [first, ...deletions] : deletions
  const rows = await engine.atomically(queries.map((query) => ({ query })))
  if (rows === false) return 0
  return rows.slice(first ? 1 : 0).reduce((sum, each) => sum + each, 0)
}
