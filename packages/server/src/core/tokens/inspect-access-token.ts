import type { ClaimsRequest } from '../../protocol/claims-request.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientRecord, UserRecord } from '../../store/records.ts'
import { hashHandle } from '../handles.ts'
import type { Deps } from '../ports.ts'
import type { Workspace } from '../workspaces/workspace.ts'
import { looksOpaque } from './access-token.ts'
import { verifyOwnJwt } from './verify-jwt.ts'

/** An access token that was issued here and lives. */
export interface LiveAccessToken {
  readonly client: ClientRecord
  /** Null for client_credentials. */
  readonly user: UserRecord | null
  readonly grantId: string | null
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
type FoundToken = Omit<LiveAccessToken, 'client' | 'user'> & { readonly clientId: string }

export type DeadAccessToken = 'token_invalid' | 'token_expired' | 'token_revoked'

/**
 * Looks an access token up, JWT or opaque, and then its grant, client and user: a signature alone proves nothing here,
 * since the token may have been revoked since.
 */
export async function inspectAccessToken(
  deps: Pick<Deps, 'clock' | 'store'>,
  workspace: Workspace,
  token: string,
): Promise<LiveAccessToken | DeadAccessToken> {
  const found = looksOpaque(token)
    ? await findOpaque(deps, workspace, token)
    : await findJwt(deps, workspace, token)
  if (typeof found === 'string') return found
  const { clientId, ...live } = found
  if (found.expiresAt <= deps.clock.now()) return 'token_expired'

  const client = await workspace.client(clientId)
  if (!client || client.disabled) return 'token_revoked'
  if (found.grantId === null) return { ...live, client, user: null }
  const grant = await deps.store.grants.find(workspace.id, found.grantId)
  if (!grant || grant.revokedAt !== null) return 'token_revoked'
  const { authorization } = grant
  const user =
    authorization.userId === null ? null : await deps.store.users.find(workspace.id, authorization.userId)
  if (user === undefined || user?.enabled === false) return 'token_revoked'
  return {
    ...live,
    client,
    user,
    flowId: authorization.flowId,
    claims: authorization.claims,
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
  const { clientId, grantId, scope, audience, issuedAt, expiresAt } = record
  return { ...NOTHING_MORE, clientId, grantId, scope, audience, issuedAt, expiresAt }
}

async function findJwt(
  { store }: Pick<Deps, 'store'>,
  workspace: Workspace,
  token: string,
): Promise<FoundToken | DeadAccessToken> {
  const verified = verifyOwnJwt(workspace, token)
  // Security: an ID token is signed by the same key; its typ tells it apart (RFC 9068 §4).
  if (verified?.typ !== 'at+jwt') return 'token_invalid'
  const { client_id, aud, iat, exp, jti, scope } = verified.claims
  if (typeof client_id !== 'string' || typeof aud !== 'string' || typeof jti !== 'string')
    return 'token_invalid'
  if (typeof iat !== 'number' || typeof exp !== 'number') return 'token_invalid'
  if (await store.onceOnly.has(workspace.id, revokedJtiName(jti))) return 'token_revoked'
  const grantId = jti.slice(0, jti.indexOf('.'))
  return {
    ...NOTHING_MORE,
    clientId: client_id,
    grantId: grantId === 'none' ? null : grantId,
    scope: typeof scope === 'string' ? scope.split(' ') : [],
    audience: aud,
    issuedAt: iat,
    expiresAt: exp,
    jti,
  }
}

/** What a grant adds, for tokens without one. */
const NOTHING_MORE = { jti: null, flowId: null, claims: null, authTime: null, acr: null } as const

/** The name under which a JWT access token is remembered as revoked until it expires. */
export function revokedJtiName(jti: string): string {
  return `revoked-jti ${jti}`
}
