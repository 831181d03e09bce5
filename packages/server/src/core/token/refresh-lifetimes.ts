import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'

export interface RefreshPolicy {
  readonly policy: 'rotate' | 'reuse'
  readonly idle: Seconds
  /** 0: no cap. */
  readonly absolute: Seconds
  readonly retryWindow: Seconds
}

const DEFAULTS: RefreshPolicy = { policy: 'rotate', idle: 2_592_000, absolute: 7_776_000, retryWindow: 30 }

export function refreshPolicy({ metadata }: ClientRecord): RefreshPolicy {
  const own = metadata.refresh_token
  return {
    policy: own?.policy ?? DEFAULTS.policy,
    idle: own?.idle_lifetime ?? DEFAULTS.idle,
    absolute: own?.absolute_lifetime ?? DEFAULTS.absolute,
    retryWindow: own?.retry_window ?? DEFAULTS.retryWindow,
  }
}

/** Each use moves the idle end; nothing moves the absolute one (RFC 9700 §4.14.2). */
export function idleEnd(now: EpochSeconds, idle: Seconds, absoluteEnd: EpochSeconds): EpochSeconds {
  return absoluteEnd === 0 ? now + idle : Math.min(now + idle, absoluteEnd)
}
