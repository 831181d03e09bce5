import type { Workspace } from '../../core/workspaces/workspace.ts'
import type { ClientMetadata } from '../../protocol/client-metadata.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { ClientRecord, Owner } from '../../store/records.ts'

/** A client as operators see it; no secret is in it. */
export interface ClientView {
  readonly workspace: string
  readonly issuer: string
  readonly client_id: string
  readonly client_name: string
  readonly owner: Owner
  readonly enabled: boolean
  readonly created_at: EpochSeconds
  readonly updated_at: EpochSeconds
  readonly secrets: ReadonlyArray<{
    readonly secret_id: string
    readonly created_at: EpochSeconds
    readonly expires_at: EpochSeconds
  }>
  /** The same object that the configuration file holds. */
  readonly metadata: ClientMetadata
}

export function clientView(workspace: Workspace, record: ClientRecord): ClientView {
  return {
    workspace: workspace.id,
    issuer: workspace.issuer,
    client_id: record.clientId,
    client_name: record.metadata.client_name ?? record.clientId,
    owner: record.owner,
    enabled: !record.disabled,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    secrets: record.secrets.map(({ secretId, createdAt, expiresAt }) => ({
      secret_id: secretId,
      created_at: createdAt,
      expires_at: expiresAt,
    })),
    metadata: record.metadata,
  }
}
