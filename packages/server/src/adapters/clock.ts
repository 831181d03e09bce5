import type { Clock } from '../core/ports.ts'
import type { Seconds } from '../protocol/types.ts'

/** The time of day. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

/** A clock that runs at wall speed plus an offset that tests move. */
export class MovableClock implements Clock {
  #offset: Seconds = 0
  #stoppedAt: number | undefined

  now(): number {
    return (this.#stoppedAt ?? wallTime()) + this.#offset
  }

  /** From now on only tests move it, for limits that are exact to the second. `reset` lets it run again. */
  stop(): void {
    this.#stoppedAt = wallTime()
  }

  /** May be negative. */
  advance(seconds: Seconds): void {
    this.#offset += seconds
  }

  set(epochSeconds: number): void {
    this.#offset = epochSeconds - (this.#stoppedAt ?? wallTime())
  }

  reset(): void {
    this.#offset = 0
    this.#stoppedAt = undefined
  }
}

const wallTime = (): number => Math.floor(Date.now() / 1000)
