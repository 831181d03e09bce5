import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { UserClaims } from '../../store/records.ts'

/** What an interaction has to do with other providers; null before the browser was sent to one. Plain JSON. */
export interface FederationProgress {
  /** The one try that is under way: a later one replaces it. */
  readonly attempt: FederationAttempt | null
  /** Why the last try came to nothing; for the sign-in page. */
  readonly problem: { readonly sourceId: string; readonly kind: ProviderProblemKind } | null
  /** Somebody has proven an identity there, and is asked whether an account here is theirs too. */
  readonly pending: PendingLink | null
}

export interface FederationAttempt {
  readonly sourceId: string
  readonly issuer: string
  /** Of the random part of `state`. */
  readonly stateHash: string
  /** Sealed JSON: `nonce` and `codeVerifier`. */
  readonly secretsSealed: string
  readonly startedAt: EpochSeconds
  /** The sign-in there must be no older than this when the try begins; null: however old. */
  readonly maxAge: Seconds | null
}

/** Who came back from a provider. */
export interface UpstreamIdentity {
  readonly sourceId: string
  readonly issuer: string
  readonly subject: string
  readonly authTime: EpochSeconds
  readonly claims: UserClaims
}

export interface PendingLink {
  readonly identity: UpstreamIdentity
  /** The account here that has the same e-mail address. */
  readonly userId: string
}

export type ProviderProblemKind =
  | 'provider_denied'
  | 'provider_refused'
  | 'provider_unreachable'
  | 'provider_answer_invalid'
  | 'provider_sign_in_outdated'
  | 'provider_sign_in_too_old'
  | 'provider_account_mismatch'
  | 'provider_account_disabled'

/** Somebody was at a provider, and nothing is left of it to do. */
export const SETTLED: FederationProgress = { attempt: null, problem: null, pending: null }
