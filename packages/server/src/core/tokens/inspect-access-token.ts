import type { ClaimsRequest } from '../../protocol/claims-request.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { Actor, Authorization, ClientRecord, UserRecord } from '../../store/records.ts'
import { hashHandle } from '../handles.ts'
import type { Deps } from '../ports.ts'
import type { Workspace } from '../workspaces/workspace.ts'
import { looksOpaque } from './access-token.ts'
import { rfc9068 } from './rfc9068.ts'
import { verifyOwnJwt } from './verify-jwt.ts'

/** An access token that was issued here and lives. */
export interface LiveAccessToken {
  readonly client: ClientRecord
  /** Null for client_credentials. */
  readonly user: UserRecord | null
  readonly grantId: string | null
  /** What the user agreed to, where there is a grant. */
  readonly authorization: Authorization | null
  /** Who acts for the user (RFC 8693 §4.1). */
  readonly actor: Actor | null
  readonly scope: readonly string[]
  readonly audience: string
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly jti: string | null
  readonly flowId: string | null
  readonly claims: ClaimsRequest | null
  readonly authTime: EpochSeconds | null
  readonly acr: string | null
}

/** What the token or its row says, before client, grant and user are looked up. */
type FoundToken = Omit<LiveAccessToken, 'client' | 'user' | 'scope'> & {
  readonly clientId: string
  /** Null: the grant's. */
  readonly scope: readonly string[] | null
}

export type DeadAccessToken = 'token_invalid' | 'token_expired' | 'token_revoked'

/**
 * Looks an access token up, JWT or opaque, and then its grant, client and user: a signature alone proves nothing here,
 * since the token may have been revoked since.
 */
export async function inspectAccessToken(
  deps: Pick<Deps, 'clock' | 'store' | 'accessTokenProfiles'>,
  workspace: Workspace,
  token: string,
): Promise<LiveAccessToken | DeadAccessToken> {
  const found = looksOpaque(token)
    ? await findOpaque(deps, workspace, token)
    : await findJwt(deps, workspace, token)
  if (typeof found === 'string') return found
  const { clientId, scope, ...live } = found
  if (found.expiresAt <= deps.clock.now()) return 'token_expired'

  const client = await workspace.client(clientId)
  if (!client || client.disabled) return 'token_revoked'
  if (found.grantId === null) return { ...live, client, user: null, scope: scope ?? [] }
  const grant = await deps.store.grants.find(workspace.id, found.grantId)
  if (!grant || grant.revokedAt !== null) return 'token_revoked'
  const { authorization } = grant
  // A token exchange gave it to another client than the grant's: it ends with either.
  if (authorization.clientId !== clientId) {
    const origin = await workspace.client(authorization.clientId)
    if (!origin || origin.disabled) return 'token_revoked'
  }
  const user =
    authorization.userId === null ? null : await deps.store.users.find(workspace.id, authorization.userId)
  if (user === undefined || user?.enabled === false) return 'token_revoked'
  return {
    ...live,
    client,
    user,
    scope: scope ?? authorization.scope,
    authorization,
    flowId: authorization.flowId,
    // Single claims were agreed with the client that asked for them.
    claims: authorization.clientId === clientId ? authorization.claims : null,
    authTime: authorization.authTime,
    acr: authorization.acr,
  }
}

async function findOpaque(
  { store }: Pick<Deps, 'store'>,
  workspace: Workspace,
  token: string,
): Promise<FoundToken | DeadAccessToken> {
  const record = await store.accessTokens.find(workspace.id, hashHandle(token))
  if (!record) return 'token_invalid'
  const { clientId, grantId, scope, audience, actor, issuedAt, expiresAt } = record
  return { ...NOTHING_MORE, clientId, grantId, scope, audience, actor, issuedAt, expiresAt }
}

async function findJwt(
  { store, accessTokenProfiles }: Pick<Deps, 'store' | 'accessTokenProfiles'>,
  workspace: Workspace,
  token: string,
): Promise<FoundToken | DeadAccessToken> {
  const issuers = accessTokenProfiles.flatMap(({ issuer }) => issuer ?? [])
  const verified = verifyOwnJwt(workspace, token, { issuers })
  // Security: an ID token is signed by the same key; its typ tells it apart (RFC 9068 §4).
  if (verified?.typ !== 'at+jwt') return 'token_invalid'
  const { iss } = verified.claims
  const profile = accessTokenProfiles.find(({ issuer }) => issuer === iss) ?? rfc9068
  const read = profile.read(verified.claims)
  if (!read) return 'token_invalid'
  if (await store.onceOnly.has(workspace.id, revokedJtiName(read.jti))) return 'token_revoked'
  const grantId = read.jti.slice(0, read.jti.indexOf('.'))
  return {
    ...NOTHING_MORE,
    ...read,
    grantId: grantId === 'none' ? null : grantId,
    audience: read.audience ?? workspace.issuer,
  }
}

/** What a grant adds, for tokens without one. */
const NOTHING_MORE = {
  jti: null,
  authorization: null,
  actor: null,
  flowId: null,
  claims: null,
  authTime: null,
  acr: null,
} as const

/** The name under which a JWT access token is remembered as revoked until it expires. */
export function revokedJtiName(jti: string): string {
  return `revoked-jti ${jti}`
}
