import type { ServerMetadata } from './discovery.ts'
import type { KeySet } from './jwks.ts'
import type { AuthClientOptions } from './options.ts'
import type { PendingLogins } from './pending-logins.ts'
import type { Platform } from './platform.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { Trace } from './trace.ts'

/** What the verbs share; wired once, in `client.ts`. */
export interface Context {
  readonly options: AuthClientOptions
  /** `audience`, or `resource`, whichever was given. */
  readonly audience: string | undefined
  readonly platform: Platform
  readonly trace: Trace
  readonly metadata: () => Promise<ServerMetadata>
  readonly keys: KeySet
  readonly logins: PendingLogins
  readonly sessions: SessionKeeper
  /** One refresh at a time, across tabs. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
}
