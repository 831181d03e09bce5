import type { ScopePattern } from '../../protocol/dynamic-scope.ts'
import { sameResource } from '../../protocol/resource.ts'
import type {
  ClientRecord,
  ResourceSetting,
  ScopeSetting,
  WorkspaceRecord,
  WorkspaceSettings,
} from '../../store/records.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { matchesLoopbackResource } from './loopback-resource.ts'

/** A workspace as requests see it: one issuer, with what is looked up on every request at hand. */
export interface Workspace {
  /** `tenant:workspace`, the first part of every key in the store. */
  readonly id: string
  readonly record: WorkspaceRecord
  readonly settings: WorkspaceSettings
  /** Without trailing slash; the `iss` of every token and response. */
  readonly issuer: string
  /** The scheme and authority of the issuer. */
  readonly origin: string
  /** Session and transaction cookies carry `Secure` and the `__Host-` prefix. */
  readonly secure: boolean
  /** Sets this workspace's cookies apart from those of its neighbours on the same host. */
  readonly cookieSuffix: string
  /** By their exact names, standard ones included; looked up through `scopes.ts`. */
  readonly scopes: ReadonlyMap<string, ScopeSetting>
  /** Dynamic scopes, in the order of their declaration. */
  readonly scopePatterns: readonly DynamicScope[]
  /** Every scope a client may be granted, standard ones and patterns included. */
  readonly scopeNames: readonly string[]
  readonly secrets: WorkspaceSecrets
  readonly keys: KeyRing
  /** From a cache that sees changes within a second. */
  client(clientId: string): Promise<ClientRecord | undefined>
  /** The origins of all clients, for preflights, which name none. */
  webOrigins(): Promise<ReadonlySet<string>>
}

/** A scope that is declared once and asked for with a value. */
export interface DynamicScope {
  readonly setting: ScopeSetting
  readonly pattern: ScopePattern
}

/** What a workspace derives from; sealed in the store, never changed. */
export interface WorkspaceSecrets {
  /** OIDC Core §8.1 */
  readonly pairwiseSalt: string
  /** Keys the tag in refresh tokens and known-device cookies. */
  readonly tagKey: string
}

/** Scopes that need no setting (OIDC Core §5.4, §11). */
export const STANDARD_SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const

/**
 * A registered resource, or a loopback one where the workspace takes any. `https://api.example` and
 * `https://api.example/` are one (RFC 3986 §6.2.3); the audience is the identifier as it is registered.
 */
export function findResource(workspace: Workspace, identifier: string): ResourceSetting | undefined {
  const known = workspace.settings.resources.find((resource) => sameResource(resource.identifier, identifier))
  if (known) return known
  if (workspace.settings.loopback_resources && matchesLoopbackResource(identifier)) return { identifier }
  return undefined
}
