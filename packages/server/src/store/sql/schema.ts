/**
 * The tables, as Kysely sees them. One schema for every engine: text, integers, and JSON kept as text; times
 * are integers. `scope` columns hold the scope as on the wire (RFC 6749 §3.3), booleans are 0 and 1.
 */
import type { EpochSeconds, Seconds } from '../../protocol/types.ts'
import type { Owner, SigningAlgorithm, SigningKeyState } from '../records.ts'

/** A JSON document. */
export type Json = string
export type Flag = 0 | 1

export interface Schema {
  tenants: TenantRow
  workspaces: WorkspaceRow
  clients: ClientRow
  client_secrets: ClientSecretRow
  users: UserRow
  linked_identities: LinkedIdentityRow
  sessions: SessionRow
  interactions: InteractionRow
  pushed_requests: PushedRequestRow
  consents: ConsentRow
  authorization_codes: AuthorizationCodeRow
  device_codes: DeviceCodeRow
  grants: GrantRow
  refresh_families: RefreshFamilyRow
  access_tokens: AccessTokenRow
  once_only: OnceOnlyRow
  signing_keys: SigningKeyRow
  throttles: ThrottleRow
  flow_events: FlowEventRow
  client_deviations: ClientDeviationRow
  configuration_version: ConfigurationVersionRow
}

export interface TenantRow {
  tenant_id: string
  name: string
  url: string | null
  hosts: Json
  owner: Owner
}

export interface WorkspaceRow {
  workspace_id: string
  tenant_id: string
  id: string
  name: string
  path: string
  settings: Json
  secrets_sealed: string
  owner: Owner
}

export interface ClientRow {
  workspace_id: string
  client_id: string
  metadata: Json
  owner: Owner
  created_at: EpochSeconds
  updated_at: EpochSeconds
  disabled: Flag
}

export interface ClientSecretRow {
  workspace_id: string
  client_id: string
  secret_id: string
  secret_hash: string
  created_at: EpochSeconds
  expires_at: EpochSeconds
}

export interface UserRow {
  workspace_id: string
  user_id: string
  source_id: string
  username: string
  username_key: string
  password_hash: string | null
  enabled: Flag
  claims: Json
  clients: Json
  owner: Owner
  created_at: EpochSeconds
  updated_at: EpochSeconds
}

export interface LinkedIdentityRow {
  workspace_id: string
  source_id: string
  issuer: string
  subject: string
  user_id: string
  linked_at: EpochSeconds
}

export interface SessionRow {
  workspace_id: string
  sid: string
  browser_hash: string
  user_id: string
  auth_time: EpochSeconds
  acr: string
  amr: Json
  persistent: Flag
  created_at: EpochSeconds
  last_used_at: EpochSeconds
  expires_at: EpochSeconds
  source_id: string | null
}

export interface InteractionRow {
  workspace_id: string
  flow_id: string
  browser_hash: string
  client_id: string | null
  request: string
  progress: string
  created_at: EpochSeconds
  expires_at: EpochSeconds
  finished_at: EpochSeconds | null
}

export interface PushedRequestRow {
  workspace_id: string
  request_hash: string
  client_id: string
  flow_id: string
  request: string
  created_at: EpochSeconds
  expires_at: EpochSeconds
  consumed_at: EpochSeconds | null
}

export interface ConsentRow {
  workspace_id: string
  user_id: string
  client_id: string
  scope: string
  declined: string
  granted_at: EpochSeconds
  expires_at: EpochSeconds
}

export interface AuthorizationCodeRow {
  workspace_id: string
  code_hash: string
  grant_id: string
  redirect_uri: string
  redirect_uri_sent: Flag
  code_challenge: string | null
  authorization: Json
  issued_at: EpochSeconds
  expires_at: EpochSeconds
  consumed_at: EpochSeconds | null
  /** Of `authorization`, to end codes by. */
  client_id: string
  user_id: string | null
  ends_with_sid: string | null
}

export interface DeviceCodeRow {
  workspace_id: string
  code_hash: string
  user_code_hash: string
  grant_id: string
  client_id: string
  scope: string
  resources: Json
  network: string
  flow_id: string
  issued_at: EpochSeconds
  expires_at: EpochSeconds
  poll_interval: Seconds
  last_polled_at: EpochSeconds | null
  answered_at: EpochSeconds | null
  authorization: Json | null
  /** Of `authorization`, to end codes by. */
  user_id: string | null
  ends_with_sid: string | null
  consumed_at: EpochSeconds | null
}

export interface GrantRow {
  workspace_id: string
  grant_id: string
  authorization: Json
  created_at: EpochSeconds
  expires_at: EpochSeconds
  revoked_at: EpochSeconds | null
  revoked_reason: string | null
  /** Of `authorization`, to end grants by. */
  client_id: string
  user_id: string | null
  /** Null where the grant outlives its session: `offline_access` was granted (OIDC Core §11). */
  ends_with_sid: string | null
  /** Its refresh tokens; saves an index of the families by grant. */
  family_hash: string | null
}

export interface RefreshFamilyRow {
  workspace_id: string
  family_hash: string
  grant_id: string
  client_id: string
  generation: number
  current_hash: string
  previous_hash: string | null
  rotated_at: EpochSeconds | null
  successor_sealed: string | null
  created_at: EpochSeconds
  idle_expires_at: EpochSeconds
  absolute_expires_at: EpochSeconds
  revoked_at: EpochSeconds | null
}

export interface AccessTokenRow {
  workspace_id: string
  token_hash: string
  grant_id: string | null
  client_id: string
  user_id: string | null
  scope: string
  audience: string
  issued_at: EpochSeconds
  expires_at: EpochSeconds
  actor: Json | null
}

export interface OnceOnlyRow {
  workspace_id: string
  name: string
  expires_at: EpochSeconds
}

export interface SigningKeyRow {
  workspace_id: string
  kid: string
  alg: SigningAlgorithm
  state: SigningKeyState
  public_jwk: Json
  private_sealed: string
  created_at: EpochSeconds
  activate_at: EpochSeconds
  withdraw_at: EpochSeconds | null
  delete_at: EpochSeconds | null
}

export interface ThrottleRow {
  workspace_id: string
  throttle_key: string
  failures: number
  last_failure_at: EpochSeconds
  blocked_until: EpochSeconds
  /** When the failures have faded and nothing is blocked any more. */
  expires_at: EpochSeconds
}

export interface FlowEventRow {
  workspace_id: string
  event_id: string
  flow_id: string
  /** Counts within the flow: seconds alone do not order what happened. */
  ordinal: number
  at: EpochSeconds
  kind: string
  client_id: string | null
  reason: string | null
  detail: Json
  expires_at: EpochSeconds
}

export interface ClientDeviationRow {
  workspace_id: string
  client_id: string
  deviation: string
  count: number
  first_used_at: EpochSeconds
  last_used_at: EpochSeconds
}

/** One row. Its number grows with every change of tenants, workspaces, clients, secrets and keys. */
export interface ConfigurationVersionRow {
  id: number
  version: number
}
