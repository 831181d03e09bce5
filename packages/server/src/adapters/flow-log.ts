import type { FlowLog } from '../core/decisions/flow-log.ts'
import type { Logger } from '../core/ports.ts'
import type { FlowEventRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'

const FLUSH_MS = 250
const MAX_BATCH = 500
/** Past this, new events are dropped and counted: the log never slows or fails a request. */
const MAX_PENDING = 10_000

/** Collects flow events and stores them in batches. */
export class BatchedFlowLog implements FlowLog {
  readonly #store: Store
  readonly #log: Logger
  #pending: FlowEventRecord[] = []
  #timer: NodeJS.Timeout | undefined
  #dropped = 0
  #flushed: Promise<void> = Promise.resolve()

  constructor(store: Store, log: Logger) {
    this.#store = store
    this.#log = log
  }

  record(event: FlowEventRecord): void {
    if (this.#pending.length >= MAX_PENDING) {
      this.#dropped += 1
      return
    }
    this.#pending.push(event)
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref()
  }

  /** Stores what is pending, and waits for what is on its way. Also called at the end, and before somebody asks. */
  flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#storePending())
    return this.#flushed
  }

  async #storePending(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, MAX_BATCH)
      try {
        await this.#store.flowEvents.insertMany(batch)
      } catch (error) {
        this.#log.warn({ err: error, events: batch.length }, 'flow events were not stored')
      }
    }
    if (this.#dropped > 0) {
      this.#log.warn({ events: this.#dropped }, 'flow events were dropped: more came than could be stored')
      this.#dropped = 0
    }
  }
}
