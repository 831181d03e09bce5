import type { Seconds } from '../../protocol/types.ts'
import type { ThrottleRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import type { FailureLimit } from './limits.ts'

/** A bucket that failures are counted in, by its throttle key. */
export type Bucket = readonly [key: string, limit: FailureLimit]

interface Attempts {
  underWay: number
  readonly waiting: Array<() => void>
}

/** Of this process, by throttle key. */
const attemptsByKey = new Map<string, Attempts>()

/**
 * Makes an attempt as soon as every bucket has room for it; resolves with the seconds to wait where one is blocked.
 * `attempt` counts its failure itself.
 *
 * Security: a failure is known only once the password has been hashed. So no more attempts are under way than failures
 * are still free, or a hundred guesses sent at once would all be tried before the first is counted.
 */
export async function attemptWithin<T>(
  exchange: Exchange,
  buckets: readonly Bucket[],
  attempt: () => Promise<T>,
): Promise<T | Seconds> {
  const wait = await enter(exchange, buckets)
  if (wait > 0) return wait
  try {
    return await attempt()
  } finally {
    for (const [key] of buckets) leave(key)
  }
}

/** Resolves with 0 once the attempt is counted as under way, or with the seconds that a bucket is blocked. */
async function enter(exchange: Exchange, buckets: readonly Bucket[]): Promise<Seconds> {
  for (let turn: string | undefined; ; ) {
    let full: string | undefined
    try {
      const { deps, workspace } = exchange
      const found = await deps.store.throttles.find(
        workspace.id,
        buckets.map(([key]) => key),
      )
      const wait = Math.max(
        0,
        ...[...found.values()].map(({ blockedUntil }) => blockedUntil - deps.clock.now()),
      )
      if (wait > 0) return wait
      full = buckets.find(([key, limit]) => !hasRoom(key, limit, found.get(key)))?.[0]
      if (full === undefined) {
        for (const [key] of buckets) attemptsOf(key).underWay += 1
        return 0
      }
    } finally {
      // Whoever does not go on waiting in the same place lets the next one look.
      if (turn !== undefined && turn !== full) callNext(turn)
    }
    turn = full
    await nextTurn(turn)
  }
}

/** Past the free failures one attempt at a time: its failure blocks the next. */
function hasRoom(key: string, { free }: FailureLimit, record: ThrottleRecord | undefined): boolean {
  const underWay = attemptsByKey.get(key)?.underWay ?? 0
  return underWay < Math.max(1, free + 1 - (record?.failures ?? 0))
}

function attemptsOf(key: string): Attempts {
  const attempts = attemptsByKey.get(key) ?? { underWay: 0, waiting: [] }
  attemptsByKey.set(key, attempts)
  return attempts
}

function nextTurn(key: string): Promise<void> {
  return new Promise((resolve) => attemptsOf(key).waiting.push(resolve))
}

function callNext(key: string): void {
  attemptsByKey.get(key)?.waiting.shift()?.()
}

function leave(key: string): void {
  const attempts = attemptsOf(key)
  attempts.underWay -= 1
  callNext(key)
  if (attempts.underWay === 0 && attempts.waiting.length === 0) attemptsByKey.delete(key)
}
