import { hash } from 'node:crypto'
import type { Seconds } from '../../protocol/types.ts'
import type { Authorization, ClientRecord, SigningAlgorithm, UserRecord } from '../../store/records.ts'
import { selectRequestedClaims } from '../accounts/claims.ts'
import type { Deps } from '../ports.ts'
import type { Workspace } from '../workspaces/workspace.ts'
import { signJwt } from './sign-jwt.ts'

export interface IdTokenOrder {
  readonly client: ClientRecord
  readonly user: UserRecord
  readonly subject: string
  readonly authorization: Authorization
  readonly scope: readonly string[]
  readonly accessToken: string
  /** Kept across a refresh (OIDC Core §12.2 leaves the nonce out of refreshed ID tokens). */
  readonly nonce: string | null
  /** Claims beyond the standard's. */
  readonly further?: Readonly<Record<string, unknown>> | undefined
}

/** Mints an ID token (OIDC Core §2). Claims of the user are in it only where the `claims` parameter asked so (§5.5). */
export async function mintIdToken(
  { clock }: Pick<Deps, 'clock'>,
  workspace: Workspace,
  order: IdTokenOrder,
): Promise<string> {
  const now = clock.now()
  const { authorization, client } = order
  const alg = idTokenAlgorithm(workspace, client)
  const requested = authorization.claims
    ? selectRequestedClaims(order.user, authorization.claims.id_token)
    : undefined
  const claims = {
    ...requested,
    ...order.further,
    iss: workspace.issuer,
    sub: order.subject,
    aud: client.clientId,
    exp: now + idTokenLifetime(workspace, client),
    iat: now,
    ...(authorization.authTime === null ? {} : { auth_time: authorization.authTime }),
    ...(order.nonce === null ? {} : { nonce: order.nonce }),
    ...(authorization.acr === null ? {} : { acr: authorization.acr }),
    ...(authorization.amr.length > 0 ? { amr: authorization.amr } : {}),
    ...(authorization.sid === null ? {} : { sid: authorization.sid }),
    at_hash: leftHalfHash(order.accessToken, alg),
  }
  return signJwt(workspace.keys.signer(alg), 'JWT', claims)
}

/** `id_token_signed_response_alg` of the client, else the workspace's first. */
export function idTokenAlgorithm(workspace: Workspace, client: ClientRecord): SigningAlgorithm {
  const wanted = client.metadata.id_token_signed_response_alg
  const algs = workspace.settings.signing_algs
  return algs.find((alg) => alg === wanted) ?? algs[0] ?? 'RS256'
}

export function idTokenLifetime(workspace: Workspace, client: ClientRecord): Seconds {
  return client.metadata.id_token_lifetime ?? workspace.settings.lifetimes.id_token
}

/** `at_hash` (OIDC Core §3.1.3.6): the left half of the hash that belongs to the algorithm; SHA-512 for Ed25519. */
function leftHalfHash(token: string, alg: SigningAlgorithm): string {
  const digest = hash(alg === 'EdDSA' ? 'sha512' : 'sha256', token, 'buffer')
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
