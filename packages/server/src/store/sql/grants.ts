import type { Authorization, GrantRecord, RefreshFamilyRecord } from '../records.ts'
import type { GrantStore } from '../store.ts'
import { revokeAuthorizations } from './end-authorizations.ts'
import type { SqlEngine } from './engine.ts'
import type { GrantRow } from './schema.ts'
import { fromJson, toJson } from './values.ts'

export const grantStore = (engine: SqlEngine): GrantStore => ({
  async find(workspaceId, grantId) {
    const row = await engine.db
      .selectFrom('grants')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('grant_id', '=', grantId)
      .executeTakeFirst()
    return row && toGrant(row)
  },

  async revoke(workspaceId, grantId, at, reason) {
    await engine.atomically(revokeAuthorizations(engine, { workspaceId, grantId }, at, reason))
  },

  async revokeByUser(workspaceId, userId, clientId, at, reason) {
    const whose = clientId === null ? { workspaceId, userId } : { workspaceId, userId, clientId }
    await engine.atomically(revokeAuthorizations(engine, whose, at, reason))
  },

  async revokeBySession(workspaceId, sid, at, reason) {
    await engine.atomically(revokeAuthorizations(engine, { workspaceId, sid }, at, reason))
  },
})

/** The session that this ends with; none where `offline_access` was granted (OIDC Core §11). */
export function endsWithSid({ scope, sid }: Authorization): string | null {
  return scope.includes('offline_access') ? null : sid
}

/** The columns that a record is made of; the others are there to end grants by. */
type RecordColumns = Omit<GrantRow, 'client_id' | 'user_id' | 'ends_with_sid' | 'family_hash'>

export function toGrant(row: RecordColumns): GrantRecord {
  return {
    workspaceId: row.workspace_id,
    grantId: row.grant_id,
    authorization: fromJson(row.authorization),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    revokedReason: row.revoked_reason,
  }
}

export function fromGrant(grant: GrantRecord, family: RefreshFamilyRecord | undefined): GrantRow {
  const { authorization } = grant
  return {
    workspace_id: grant.workspaceId,
    grant_id: grant.grantId,
    authorization: toJson(authorization),
    created_at: grant.createdAt,
    expires_at: grant.expiresAt,
    revoked_at: grant.revokedAt,
    revoked_reason: grant.revokedReason,
    client_id: authorization.clientId,
    user_id: authorization.userId,
    ends_with_sid: endsWithSid(authorization),
    family_hash: family?.familyHash ?? null,
  }
}
