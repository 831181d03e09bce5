import type { AccessTokenRow, AuthorizationCodeRow, GrantRow, RefreshFamilyRow } from '../../sql/schema.ts'
import type { Columns } from './insert.ts'

export const CODE: Columns<AuthorizationCodeRow> = {
  workspace_id: 'text',
  code_hash: 'text',
  grant_id: 'text',
  redirect_uri: 'text',
  redirect_uri_sent: 'integer',
  code_challenge: 'text',
  authorization: 'text',
  issued_at: 'bigint',
  expires_at: 'bigint',
  consumed_at: 'bigint',
  client_id: 'text',
  user_id: 'text',
  ends_with_sid: 'text',
}

export const GRANT: Columns<GrantRow> = {
  workspace_id: 'text',
  grant_id: 'text',
  authorization: 'text',
  created_at: 'bigint',
  expires_at: 'bigint',
  revoked_at: 'bigint',
  revoked_reason: 'text',
  client_id: 'text',
  user_id: 'text',
  ends_with_sid: 'text',
  family_hash: 'text',
}

export const FAMILY: Columns<RefreshFamilyRow> = {
  workspace_id: 'text',
  family_hash: 'text',
  grant_id: 'text',
  client_id: 'text',
  generation: 'integer',
  current_hash: 'text',
  previous_hash: 'text',
  rotated_at: 'bigint',
  successor_sealed: 'text',
  created_at: 'bigint',
  idle_expires_at: 'bigint',
  absolute_expires_at: 'bigint',
  revoked_at: 'bigint',
}

export const TOKEN: Columns<AccessTokenRow> = {
  workspace_id: 'text',
  token_hash: 'text',
  grant_id: 'text',
  client_id: 'text',
  user_id: 'text',
  scope: 'text',
  audience: 'text',
  issued_at: 'bigint',
  expires_at: 'bigint',
  actor: 'text',
}
