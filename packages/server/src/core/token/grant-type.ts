import type { Parameters } from '../../protocol/parameters.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { AccessTokenRecord, Authorization, ClientRecord, UserRecord } from '../../store/records.ts'
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
  /**
   * Spends what was presented and stores what is issued, in one transaction. Resolves with the refresh token to send.
   *
   * @throws {Refusal} where another request was first
   */
  commit(issued: IssuedToken): Promise<{ readonly refreshToken: string | undefined }>
}

export interface IssuedToken {
  readonly expiresAt: EpochSeconds
  /** Of an opaque access token. */
  readonly record: AccessTokenRecord | undefined
}
