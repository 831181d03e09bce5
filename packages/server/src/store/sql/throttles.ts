import { sql } from 'kysely'
import type { ThrottleRecord } from '../records.ts'
import type { ThrottleStore } from '../store.ts'
import type { SqlEngine } from './engine.ts'

export const throttleStore = ({ db }: SqlEngine): ThrottleStore => ({
  async find(workspaceId, keys) {
    if (keys.length === 0) return new Map()
    const rows = await db
      .selectFrom('throttles')
      .select(['throttle_key', 'failures', 'blocked_until'])
      .where('workspace_id', '=', workspaceId)
      .where('throttle_key', 'in', keys)
      .execute()
    return new Map(rows.map((row) => [row.throttle_key, toThrottle(row)]))
  },

  /**
   * Security: one upsert, so that a hundred guesses sent at once count as a hundred. Written as SQL, since
   * every expression on the right sees the row as it was before.
   */
  async fail(workspaceId, key, now, { free, window, longest }) {
    const counted = sql`case when throttles.last_failure_at + ${bigint(window)} <= ${bigint(now)}
      then 1 else throttles.failures + 1 end`
    const blockedUntil = (failures: typeof counted) => {
      // 2^n is shifted, and past the longest block not computed: it would overflow.
      const steps = Math.ceil(Math.log2(longest))
      const past = sql`cast(${failures} - ${bigint(free)} as integer)`
      return sql`case when ${past} <= 0 then 0
        when ${past} >= ${bigint(steps)} then ${bigint(now + longest)}
        else ${bigint(now)} + (cast(1 as bigint) << ${past}) end`
    }
    const fadesAt = now + Math.max(window, longest)
    const { rows } = await sql<{ failures: number; blocked_until: number }>`
      insert into throttles (workspace_id, throttle_key, failures, last_failure_at, blocked_until, expires_at)
      values (${workspaceId}, ${key}, 1, ${now}, ${blockedUntil(sql`1`)}, ${fadesAt})
      on conflict (workspace_id, throttle_key) do update set
        failures = ${counted},
        last_failure_at = ${now},
        blocked_until = ${blockedUntil(counted)},
        expires_at = ${fadesAt}
      returning failures, blocked_until`.execute(db)
    const [row] = rows
    if (!row) throw new Error('An upsert returned no row.')
    return toThrottle(row)
  },

  async clear(workspaceId, key) {
    await db
      .deleteFrom('throttles')
      .where('workspace_id', '=', workspaceId)
      .where('throttle_key', '=', key)
      .execute()
  },

  async clearAll() {
    await db.deleteFrom('throttles').execute()
  },
})

/** PostgreSQL takes a parameter that is calculated with for text, unless it is told. */
function bigint(value: number) {
  return sql`cast(${value} as bigint)`
}

function toThrottle(row: { readonly failures: number; readonly blocked_until: number }): ThrottleRecord {
  return { failures: row.failures, blockedUntil: row.blocked_until }
}
