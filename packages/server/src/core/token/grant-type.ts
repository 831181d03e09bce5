import type { Parameters } from '../../protocol/parameters.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type {
  AccessTokenRecord,
  Actor,
  Authorization,
  ClientRecord,
  UserRecord,
} from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'

/** The code that serves one `grant_type`. It fills in phase 4 of the token endpoint, and cannot skip the others. */
export interface GrantType {
  readonly name: string
  /** Checks everything and promises what to issue; nothing is spent until `commit`. @throws {Refusal} */
  redeem(exchange: Exchange, client: ClientRecord, form: Parameters): Promise<Redemption>
}

export interface Redemption {
  readonly authorization: Authorization
  /** Null where nothing is kept (client_credentials). */
  readonly grantId: string | null
  readonly user: UserRecord | null
  /** Of this access token: what was granted, or less. */
  readonly scope: readonly string[]
  readonly audience: string
  /** In the ID token (the first only, OIDC Core §12.2). */
  readonly nonce: string | null
  /** Of a token exchange only. */
  readonly exchanged?: Exchanged | undefined
  /**
   * Spends what was presented and stores what is issued, in one transaction. Resolves with the refresh token to send.
   *
   * @throws {Refusal} where another request was first
   */
  commit(issued: IssuedToken): Promise<{ readonly refreshToken: string | undefined }>
}

/** What a token exchange adds. Its answer is one token: no ID token, no refresh token (RFC 8693 §2.2.1). */
export interface Exchanged {
  readonly issuedTokenType: string
  /** The end of what was presented. */
  readonly notAfter: EpochSeconds
  readonly actor: Actor | undefined
}

export interface IssuedToken {
  readonly expiresAt: EpochSeconds
  /** Of an opaque access token. */
  readonly record: AccessTokenRecord | undefined
}
