import type { DeviationLog, Logger } from '../core/ports.ts'
import type { EpochSeconds } from '../protocol/types.ts'
import type { ClientDeviationRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'

const FLUSH_MS = 250
const MAX_BATCH = 500
/** Kinds that wait at the most: there are few of them for each client, so a database that is away is what fills this. */
const MAX_WAITING = 50_000

/** Counts deviations in memory, one row for each client and kind, and adds them to the database in batches. */
export class BatchedDeviationLog implements DeviationLog {
  readonly #store: Store
  readonly #log: Logger
  #waiting = new Map<string, ClientDeviationRecord>()
  #timer: NodeJS.Timeout | undefined
  #flushed: Promise<void> = Promise.resolve()
  #closed = false
  #failing = false
  #dropped = 0

  constructor(store: Store, log: Logger) {
    this.#store = store
    this.#log = log
  }

  record(workspaceId: string, clientId: string, deviation: string, at: EpochSeconds): void {
    this.#add({ workspaceId, clientId, deviation, count: 1, firstUsedAt: at, lastUsedAt: at })
    this.#plan()
  }

  flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#storeWaiting())
    return this.#flushed
  }

  /** Stores what waits, once more; nothing is planned after it. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    clearTimeout(this.#timer)
  }

  #add(more: ClientDeviationRecord): void {
    const key = JSON.stringify([more.workspaceId, more.clientId, more.deviation])
    const before = this.#waiting.get(key)
    if (!before && this.#waiting.size >= MAX_WAITING) {
      this.#dropped += more.count
      return
    }
    this.#waiting.set(key, before ? sum(before, more) : more)
  }

  #plan(): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref()
  }

  async #storeWaiting(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const taken = [...this.#waiting.values()]
    this.#waiting = new Map()
    for (let start = 0; start < taken.length; start += MAX_BATCH) {
      try {
        await this.#store.deviations.addMany(taken.slice(start, start + MAX_BATCH))
        this.#failing = false
      } catch (error) {
        // The batch is stored as a whole or not at all, so nothing is counted twice when it comes again.
        for (const deviation of taken.slice(start)) this.#add(deviation)
        this.#plan()
        if (!this.#failing) this.#log.warn({ err: error }, 'deviations were not stored yet')
        this.#failing = true
        break
      }
    }
    if (this.#dropped > 0) {
      this.#log.warn({ deviations: this.#dropped }, 'deviations were not counted: more wait than are kept')
      this.#dropped = 0
    }
  }
}

function sum(a: ClientDeviationRecord, b: ClientDeviationRecord): ClientDeviationRecord {
  return {
    ...a,
    count: a.count + b.count,
    firstUsedAt: Math.min(a.firstUsedAt, b.firstUsedAt),
    lastUsedAt: Math.max(a.lastUsedAt, b.lastUsedAt),
  }
}
