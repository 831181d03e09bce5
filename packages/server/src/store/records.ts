/**
 * What is kept, as plain values. A record's members are named as in the standards, in camelCase; settings and client
 * metadata keep the snake_case of the wire, because they *are* wire objects (RFC 7591).
 *
 * Times are `EpochSeconds` (seconds since 1970, integers). A `…Hash` is the SHA-256 of a handle, base64url, 43
 * characters: the handle itself is never stored. A `…Sealed` value is encrypted under the master key.
 */
import type { ClaimsRequest } from '../protocol/claims-request.ts'
import type { ClientMetadata } from '../protocol/client-metadata.ts'
import type { EpochSeconds, Seconds } from '../protocol/types.ts'

/** `file`: created by the configuration file, which owns it. `local`: made by CLI, API or console. `dynamic`: RFC 7591. */
export type Owner = 'file' | 'local' | 'dynamic'

export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA'

export interface TenantRecord {
  readonly tenantId: string
  readonly name: string
  /** The tenant's own origin, without trailing slash, or null where it lives under the product's. */
  readonly url: string | null
  /** Further host names (`host` or `host:port`) that answer for this tenant. */
  readonly hosts: readonly string[]
  readonly owner: Owner
}

export interface ScopeSetting {
  readonly name: string
  readonly description?: string | undefined
  /** Ticked and fixed on the consent page. */
  readonly required?: boolean | undefined
  /** Not ticked on the consent page. */
  readonly sensitive?: boolean | undefined
}

export interface ResourceSetting {
  /** The value of `resource` (RFC 8707) and of `aud`. */
  readonly identifier: string
  readonly name?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly access_token_format?: AccessTokenFormat | undefined
  readonly introspection_clients?: readonly string[] | undefined
}

export type AccessTokenFormat = 'jwt' | 'opaque'

export interface IdentitySourceSetting {
  readonly id: string
  readonly type: 'pool' | 'sandbox' | 'oidc'
  readonly name?: string | undefined
  /** Of an `oidc` source: the provider's issuer, and ourselves as its client. */
  readonly issuer?: string | undefined
  readonly client_id?: string | undefined
  readonly client_secret_sealed?: string | undefined
  readonly scope?: string | undefined
}

export interface Branding {
  /** Shown instead of the workspace's name. */
  readonly name?: string | undefined
  readonly logo_uri?: string | undefined
  /** A colour, `#rrggbb`. */
  readonly accent?: string | undefined
  readonly policy_uri?: string | undefined
  readonly tos_uri?: string | undefined
  /** Where `error pages` point people who need help. */
  readonly support_uri?: string | undefined
}

export interface WorkspaceSettings {
  /** The first is the default of clients that name none. */
  readonly signing_algs: readonly SigningAlgorithm[]
  readonly lifetimes: {
    readonly authorization_code: Seconds
    readonly access_token: Seconds
    readonly id_token: Seconds
    readonly session: Seconds
  }
  readonly scopes: readonly ScopeSetting[]
  /** Space-separated; used where a request names no scope. */
  readonly default_scope: string
  readonly access_token_format: AccessTokenFormat
  readonly registration: 'off' | 'token' | 'open'
  readonly client_id_metadata_documents: boolean
  readonly resources: readonly ResourceSetting[]
  /** Development: any `http://localhost|127.0.0.1|[::1]` URI is a known resource. */
  readonly loopback_resources: boolean
  readonly identity_sources: readonly IdentitySourceSetting[]
  readonly sign_up: 'closed' | 'open'
  readonly branding: Branding
}

/** One issuer: own keys, clients, scopes, users, branding. */
export interface WorkspaceRecord {
  /** `tenant:workspace`; leads every primary key. */
  readonly workspaceId: string
  readonly tenantId: string
  /** The id within the tenant. */
  readonly id: string
  readonly name: string
  /** The issuer's path, without trailing slash: `''` or `/acme/main`. */
  readonly path: string
  readonly settings: WorkspaceSettings
  /** Sealed JSON: what the workspace derives from (pairwise subjects, token tags). Never changes. */
  readonly secretsSealed: string
  readonly owner: Owner
}

export interface ClientRecord {
  readonly workspaceId: string
  readonly clientId: string
  /** Without any secret: those are `ClientSecretRecord`s. */
  readonly metadata: ClientMetadata
  readonly secrets: readonly ClientSecretRecord[]
  readonly owner: Owner
  readonly createdAt: EpochSeconds
  readonly updatedAt: EpochSeconds
  readonly disabled: boolean
}

export interface ClientSecretRecord {
  /** Shown in lists (`sec_…`); says nothing of the secret. */
  readonly secretId: string
  readonly secretHash: string
  readonly createdAt: EpochSeconds
  /** 0: does not expire (RFC 7591 §3.2.1). */
  readonly expiresAt: EpochSeconds
}

/** How often a client went its own way, in one of the dialects. */
export interface ClientDeviationRecord {
  readonly workspaceId: string
  readonly clientId: string
  /** Stable, such as `atm_hex_challenge`. */
  readonly deviation: string
  readonly count: number
  readonly firstUsedAt: EpochSeconds
  readonly lastUsedAt: EpochSeconds
}

export type UserClaims = Readonly<Record<string, unknown>>

export interface UserRecord {
  readonly workspaceId: string
  /** `usr_…`, never used again for another person; the public `sub`. */
  readonly userId: string
  readonly sourceId: string
  /** As the person typed it when the account was made. */
  readonly username: string
  /** NFKC, lower case, trimmed: unique within (workspace, source). */
  readonly usernameKey: string
  /** PHC string, or null where the account has no password. */
  readonly passwordHash: string | null
  readonly enabled: boolean
  readonly claims: UserClaims
  /** Clients this user is assigned to (`user_access: assigned`). */
  readonly clients: readonly string[]
  readonly owner: Owner
  readonly createdAt: EpochSeconds
  readonly updatedAt: EpochSeconds
}

/** A person at another OpenID provider, and whose account here that is (OIDC Core §2: `iss` and `sub` together). */
export interface LinkedIdentityRecord {
  readonly workspaceId: string
  readonly sourceId: string
  /** The `iss` of the provider's ID tokens: where a source is moved to another provider, nobody inherits an account. */
  readonly issuer: string
  readonly subject: string
  readonly userId: string
  readonly linkedAt: EpochSeconds
}

/** One person signed in, in one browser. A browser may hold several (select account). */
export interface SessionRecord {
  readonly workspaceId: string
  /** `sid` of the ID token; public. */
  readonly sid: string
  /** Hash of the browser's session cookie; all sessions of one browser share it. */
  readonly browserHash: string
  readonly userId: string
  readonly authTime: EpochSeconds
  readonly acr: string
  readonly amr: readonly string[]
  /** The cookie outlives the browser (remember-me). */
  readonly persistent: boolean
  readonly createdAt: EpochSeconds
  readonly lastUsedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** The identity source that vouched for the person, where that is not the account's own. */
  readonly sourceId: string | null
}

/** What a client was allowed, and by whose authentication: travels from code to grant. */
export interface Authorization {
  readonly clientId: string
  /** Null for client_credentials. */
  readonly userId: string | null
  readonly sid: string | null
  /** Granted scopes, in the order asked. */
  readonly scope: readonly string[]
  /** RFC 8707 resources granted; empty: the issuer alone. */
  readonly resources: readonly string[]
  readonly claims: ClaimsRequest | null
  readonly nonce: string | null
  readonly authTime: EpochSeconds | null
  readonly acr: string | null
  readonly amr: readonly string[]
  readonly flowId: string
}

export interface AuthorizationCodeRecord {
  readonly workspaceId: string
  readonly codeHash: string
  /** The id that the grant gets when the code is redeemed. */
  readonly grantId: string
  readonly redirectUri: string
  /** Whether the authorization request named it (then the token request must, unless there is a challenge). */
  readonly redirectUriSent: boolean
  readonly codeChallenge: string | null
  readonly authorization: Authorization
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly consumedAt: EpochSeconds | null
}

/** A device that waits for somebody to allow it (RFC 8628 §3.2). */
export interface DeviceCodeRecord {
  readonly workspaceId: string
  readonly codeHash: string
  /** Keyed by the workspace: eight letters could be searched through otherwise. */
  readonly userCodeHash: string
  /** The id that the grant gets when the code is redeemed. */
  readonly grantId: string
  readonly clientId: string
  /** Asked for. */
  readonly scope: readonly string[]
  readonly resources: readonly string[]
  /** Where the request came from: an IPv4 address or the /64 of an IPv6 one. */
  readonly network: string
  /** Of the device's own requests. */
  readonly flowId: string
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** Between two polls, at least; grows with each that comes too early. */
  readonly interval: Seconds
  readonly lastPolledAt: EpochSeconds | null
  readonly answeredAt: EpochSeconds | null
  /** What was allowed, and by whom; null until it is answered, and where it was denied. */
  readonly authorization: Authorization | null
  readonly consumedAt: EpochSeconds | null
}

export interface GrantRecord {
  readonly workspaceId: string
  readonly grantId: string
  readonly authorization: Authorization
  readonly createdAt: EpochSeconds
  /** When its last token has expired: swept after that. */
  readonly expiresAt: EpochSeconds
  readonly revokedAt: EpochSeconds | null
  readonly revokedReason: string | null
}

/** All successors of one refresh token; one row however often it rotates. */
export interface RefreshFamilyRecord {
  readonly workspaceId: string
  /** Hash of the family part of the token. */
  readonly familyHash: string
  readonly grantId: string
  readonly clientId: string
  /** 1 for the first token. */
  readonly generation: number
  readonly currentHash: string
  readonly previousHash: string | null
  readonly rotatedAt: EpochSeconds | null
  /** The current token, encrypted under the previous one, for a retry inside the window. */
  readonly successorSealed: string | null
  readonly createdAt: EpochSeconds
  readonly idleExpiresAt: EpochSeconds
  /** 0: no cap. */
  readonly absoluteExpiresAt: EpochSeconds
  readonly revokedAt: EpochSeconds | null
}

/** An opaque access token. JWT access tokens have no row. */
export interface AccessTokenRecord {
  readonly workspaceId: string
  readonly tokenHash: string
  /** Null for client_credentials. */
  readonly grantId: string | null
  readonly clientId: string
  readonly userId: string | null
  readonly scope: readonly string[]
  readonly audience: string
  /** Who acts for the user with it, where it came from a token exchange that named somebody. */
  readonly actor: Actor | null
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** The `act` claim as on the wire (RFC 8693 §4.1): whoever acts now, and inside it who acted before. */
export interface Actor {
  readonly sub: string
  /** Through which client, where `sub` is a person. */
  readonly client_id?: string
  readonly act?: Actor
}

export interface ConsentRecord {
  readonly workspaceId: string
  readonly userId: string
  readonly clientId: string
  /** Scopes the user has allowed. */
  readonly scope: readonly string[]
  /** Scopes the user was asked for and left out: asked again only with `prompt=consent` or when more is asked. */
  readonly declined: readonly string[]
  readonly grantedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** A pending authorization request waiting for its user. The shapes of `request` and `progress` belong to core. */
export interface InteractionRecord {
  readonly workspaceId: string
  /** `flow_…`; in the URL of every page. */
  readonly flowId: string
  /** Hash of the browser's transaction cookie: the pages answer this browser only. */
  readonly browserHash: string
  readonly clientId: string | null
  /** JSON of core's own making. */
  readonly request: string
  readonly progress: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly finishedAt: EpochSeconds | null
}

/** An authorization request that was pushed and waits for its browser (RFC 9126). The shape of `request` belongs to core. */
export interface PushedRequestRecord {
  readonly workspaceId: string
  /** Of the part of its `request_uri` that is random. */
  readonly requestHash: string
  readonly clientId: string
  readonly flowId: string
  /** JSON of core's own making; empty once it is consumed. */
  readonly request: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly consumedAt: EpochSeconds | null
}

export type SigningKeyState = 'next' | 'active' | 'retired' | 'revoked'

export interface SigningKeyRecord {
  readonly workspaceId: string
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly state: SigningKeyState
  /** JWK without private members. */
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly privateSealed: string
  readonly createdAt: EpochSeconds
  /** When a `next` key may begin to sign. */
  readonly activateAt: EpochSeconds
  /** When a `retired` key leaves the JWKS: its last token has expired. Null before it is retired. */
  readonly withdrawAt: EpochSeconds | null
  /** When the row may go: no session can still hold an ID token of it. Null before it is retired. */
  readonly deleteAt: EpochSeconds | null
}

/** Failures counted under one key (an account, an address, a client …). */
export interface ThrottleRecord {
  readonly failures: number
  readonly blockedUntil: EpochSeconds
}

/** One exchange or decision of a flow, for `pixy explain` and the inspector. Holds no secret. */
export interface FlowEventRecord {
  readonly workspaceId: string
  /** `evt_…` */
  readonly eventId: string
  readonly flowId: string
  readonly at: EpochSeconds
  /** `authorize`, `token`, `sign_in`, … */
  readonly kind: string
  readonly clientId: string | null
  /** The refusal's reason, or null where all went well. */
  readonly reason: string | null
  /** JSON: decisions, redacted parameters, status, milliseconds. */
  readonly detail: string
  readonly expiresAt: EpochSeconds
}
