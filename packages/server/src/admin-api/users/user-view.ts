import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { Owner, UserClaims, UserRecord } from '../../store/records.ts'

/** A user as operators see them; nothing of a password but whether there is one. */
export interface UserView {
  readonly workspace: string
  readonly user_id: string
  readonly source: string
  readonly username: string
  readonly enabled: boolean
  readonly has_password: boolean
  readonly owner: Owner
  readonly clients: readonly string[]
  readonly claims: UserClaims
  readonly created_at: EpochSeconds
  readonly updated_at: EpochSeconds
}

export function userView(workspace: Workspace, record: UserRecord): UserView {
  return {
    workspace: workspace.id,
    user_id: record.userId,
    source: record.sourceId,
    username: record.username,
    enabled: record.enabled,
    has_password: record.passwordHash !== null,
    owner: record.owner,
    clients: record.clients,
    claims: record.claims,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  }
}
