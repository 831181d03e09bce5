import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type {
  AccessTokenFormat,
  AccessTokenRecord,
  Actor,
  ClientRecord,
  UserRecord,
} from '../../store/records.ts'
import { hashHandle, newHandle } from '../handles.ts'
import type { Deps } from '../ports.ts'
import { findResource, type Workspace } from '../workspaces/workspace.ts'
import type { AccessTokenProfile } from './access-token-profile.ts'
import { rfc9068 } from './rfc9068.ts'
import { signJwt } from './sign-jwt.ts'

const OPAQUE_PREFIX = 'pixy_at_'

export interface AccessTokenOrder {
  readonly client: ClientRecord
  /** `sub`: the subject as this client sees it, or the client id where no user is involved (RFC 9068 §2.2). */
  readonly subject: string
  /** Null where the client acts for itself. */
  readonly user: UserRecord | null
  readonly grantId: string | null
  readonly scope: readonly string[]
  /** One audience: a resource, or the issuer. */
  readonly audience: string
  readonly authTime: EpochSeconds | null
  readonly acr: string | null
  readonly amr: readonly string[]
  readonly sid: string | null
  /** Who acts for the user (RFC 8693 §4.1). */
  readonly actor?: Actor | undefined
  /** It must not outlive what it came from. */
  readonly notAfter?: EpochSeconds | undefined
}

export interface AccessToken {
  readonly token: string
  readonly expiresIn: Seconds
  readonly expiresAt: EpochSeconds
  /** To be stored in the transaction that gives the token out; absent for a JWT. */
  readonly record: AccessTokenRecord | undefined
}

/** Mints an access token: a JWT (RFC 9068, or of the profile that is asked for), or an opaque handle with a row. */
export async function mintAccessToken(
  { clock, random }: Pick<Deps, 'clock' | 'random'>,
  workspace: Workspace,
  order: AccessTokenOrder,
  profile?: AccessTokenProfile,
): Promise<AccessToken> {
  const issuedAt = clock.now()
  const longest = issuedAt + accessTokenLifetime(workspace, order.client)
  const expiresAt = Math.min(longest, order.notAfter ?? longest)
  const expiresIn = expiresAt - issuedAt
  if (!profile && accessTokenFormat(workspace, order.client, order.audience) === 'opaque') {
    const token = OPAQUE_PREFIX + newHandle(random)
    const record: AccessTokenRecord = {
      workspaceId: workspace.id,
      tokenHash: hashHandle(token),
      grantId: order.grantId,
      clientId: order.client.clientId,
      userId: order.user?.userId ?? null,
      scope: order.scope,
      audience: order.audience,
      actor: order.actor ?? null,
      issuedAt,
      expiresAt,
    }
    return { token, expiresIn, expiresAt, record }
  }
  const { write, algorithm } = profile ?? rfc9068
  const claims = write(workspace, order, {
    issuedAt,
    expiresAt,
    jti: `${order.grantId ?? 'none'}.${random.alphanumeric(16)}`,
  })
  const signer = workspace.keys.signer(algorithm ?? accessTokenAlgorithm(workspace))
  const token = await signJwt(signer, 'at+jwt', claims)
  return { token, expiresIn, expiresAt, record: undefined }
}

export function accessTokenLifetime(workspace: Workspace, client: ClientRecord): Seconds {
  return client.metadata.access_token_lifetime ?? workspace.settings.lifetimes.access_token
}

/** Resource, then client, then workspace wins. */
export function accessTokenFormat(
  workspace: Workspace,
  client: ClientRecord,
  audience: string,
): AccessTokenFormat {
  return (
    findResource(workspace, audience)?.access_token_format ??
    client.metadata.access_token_format ??
    workspace.settings.access_token_format
  )
}

/** An API knows the issuer, not the client: so the workspace's first algorithm, whatever the client's ID tokens use. */
function accessTokenAlgorithm(workspace: Workspace) {
  return workspace.settings.signing_algs[0] ?? 'RS256'
}

export function looksOpaque(token: string): boolean {
  return token.startsWith(OPAQUE_PREFIX)
}
