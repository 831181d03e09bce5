import { isPublicClient } from '../../protocol/client-metadata.ts'
import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Deps } from '../ports.ts'

export interface RefreshPolicy {
  readonly policy: 'rotate' | 'reuse'
  readonly idle: Seconds
  /** 0: no cap. */
  readonly absolute: Seconds
  readonly retryWindow: Seconds
}

const DEFAULTS = { idle: 2_592_000, absolute: 7_776_000, retryWindow: 30 } as const

/**
 * How the client's refresh tokens live. Of a public client that may not reuse them they rotate, whatever was stored for it:
 * settings outlive what once allowed them.
 */
export function refreshPolicy(
  { mayReuseRefreshTokens }: Pick<Deps, 'mayReuseRefreshTokens'>,
  client: ClientRecord,
): RefreshPolicy {
  const { metadata } = client
  const own = metadata.refresh_token
  const reuses = own?.policy === 'reuse' && (!isPublicClient(metadata) || mayReuseRefreshTokens(client))
  return {
    policy: reuses ? 'reuse' : 'rotate',
    idle: own?.idle_lifetime ?? DEFAULTS.idle,
    absolute: own?.absolute_lifetime ?? DEFAULTS.absolute,
    retryWindow: own?.retry_window ?? DEFAULTS.retryWindow,
  }
}

/** Each use moves the idle end; nothing moves the absolute one (RFC 9700 §4.14.2). */
export function idleEnd(now: EpochSeconds, idle: Seconds, absoluteEnd: EpochSeconds): EpochSeconds {
  return absoluteEnd === 0 ? now + idle : Math.min(now + idle, absoluteEnd)
}
