import type { EpochSeconds } from '../../protocol/types.ts'
import type { Actor, SigningAlgorithm } from '../../store/records.ts'
import type { Workspace } from '../workspaces/workspace.ts'
import type { AccessTokenOrder } from './access-token.ts'

/** What every JWT access token must tell, whatever its profile calls it. */
export interface AccessTokenCore {
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** `grant.random`: the grant leads the id, so that userinfo and introspection can look whether it still lives. */
  readonly jti: string
}

/** What reading it yields. `scope` and `audience` null: those of the grant, and the issuer. */
export interface ReadAccessToken extends AccessTokenCore {
  readonly clientId: string
  readonly scope: readonly string[] | null
  readonly audience: string | null
  /** Absent: nobody acts for the user. */
  readonly actor?: Actor | null
}

/**
 * How the claims of a JWT access token are written and read: RFC 9068 (`rfc9068.ts`), or as an older system has them. The
 * `iss` tells them apart; key, signature, expiry, grant, client and user are checked in one place for all of them.
 */
export interface AccessTokenProfile {
  /** The `iss` that its tokens hold; absent: the workspace's issuer. */
  readonly issuer?: string
  /** The one algorithm it signs with; absent: the workspace's first. */
  readonly algorithm?: SigningAlgorithm
  write(workspace: Workspace, order: AccessTokenOrder, core: AccessTokenCore): object
  /** `undefined`: no access token of this profile. */
  read(claims: Readonly<Record<string, unknown>>): ReadAccessToken | undefined
}
