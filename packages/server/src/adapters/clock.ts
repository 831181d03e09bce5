import type { Clock } from '../core/ports.ts'
import type { Seconds } from '../protocol/types.ts'

/** The time of day. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

/** A clock that runs at wall speed plus an offset that tests move. */
export class MovableClock implements Clock {
  #offset: Seconds = 0

  now(): number {
    return Math.floor(Date.now() / 1000) + this.#offset
  }

  /** May be negative. */
  advance(seconds: Seconds): void {
    this.#offset += seconds
  }

  set(epochSeconds: number): void {
    this.#offset = epochSeconds - Math.floor(Date.now() / 1000)
  }

  reset(): void {
    this.#offset = 0
  }
}
