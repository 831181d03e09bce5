import { grantTypes } from '../../protocol/client-metadata.ts'
import type { Authorization, ClientRecord } from '../../store/records.ts'
import type { IssuedRecords } from '../../store/store.ts'
import type { Exchange } from '../exchange.ts'
import { newRefreshToken } from '../tokens/refresh-token.ts'
import type { IssuedToken } from './grant-type.ts'
import { idleEnd, refreshPolicy } from './refresh-lifetimes.ts'

/** A grant outlives its last token by this much, so that a late replay still finds what to revoke. */
const AFTERLIFE = 86_400

/** What was agreed to, and the id that its grant gets. */
export interface Agreed {
  readonly grantId: string
  readonly authorization: Authorization
}

/** The rows of a grant that begins, with its refresh token where it gets one. */
export function newGrant(
  exchange: Exchange,
  client: ClientRecord,
  agreed: Agreed,
  issued: IssuedToken,
): { readonly records: IssuedRecords; readonly refreshToken: string | undefined } {
  const { deps, workspace } = exchange
  const now = deps.clock.now()
  const refresh = wantsRefreshToken(client, agreed) ? newFamily(exchange, client, agreed) : undefined
  const lastEnd = Math.max(issued.expiresAt, refresh?.family.idleExpiresAt ?? 0)
  const grant = {
    workspaceId: workspace.id,
    grantId: agreed.grantId,
    authorization: agreed.authorization,
    createdAt: now,
    expiresAt: lastEnd + AFTERLIFE,
    revokedAt: null,
    revokedReason: null,
  }
  return {
    records: { grant, refreshFamily: refresh?.family, accessToken: issued.record },
    refreshToken: refresh?.token,
  }
}

function wantsRefreshToken({ metadata }: ClientRecord, { authorization }: Agreed): boolean {
  if (!grantTypes(metadata).includes('refresh_token')) return false
  return metadata.offline_access === 'always' || authorization.scope.includes('offline_access')
}

function newFamily({ deps, workspace }: Exchange, client: ClientRecord, { grantId }: Agreed) {
  const now = deps.clock.now()
  const { idle, absolute } = refreshPolicy(deps, client)
  const { token, familyHash, tokenHash } = newRefreshToken(deps.random, workspace.secrets.tagKey)
  const absoluteExpiresAt = absolute === 0 ? 0 : now + absolute
  const family = {
    workspaceId: workspace.id,
    familyHash,
    grantId,
    clientId: client.clientId,
    generation: 1,
    currentHash: tokenHash,
    previousHash: null,
    rotatedAt: null,
    successorSealed: null,
    createdAt: now,
    idleExpiresAt: idleEnd(now, idle, absoluteExpiresAt),
    absoluteExpiresAt,
    revokedAt: null,
  }
  return { token, family }
}
