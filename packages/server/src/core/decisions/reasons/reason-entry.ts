import type { OAuthErrorCode } from '../../../protocol/oauth-error.ts'

/** What can be refused, and what each reader is told. Every entry has a page in `docs/errors/`. */
export interface ReasonEntry {
  readonly error: OAuthErrorCode
  /** The section that is obeyed. */
  readonly rule: string
  /** For the client: short, and without anything it sent. */
  readonly description: string
  /** For the client's owner: what to do. */
  readonly fix: string
  readonly param?: string
  /** Replaces the code's own HTTP status. */
  readonly status?: number
  /** In production the public learns this reason instead, where the true one would tell too much apart. */
  readonly public?: string
  /** In production the public does not learn which client it was: that there is one would tell too much. */
  readonly anonymous?: true
  /** Who can mend it; the client where absent. */
  readonly blame?: 'client' | 'user' | 'server'
  /** Part of how things go, however often it comes: neither logged nor stored. */
  readonly expected?: true
}
