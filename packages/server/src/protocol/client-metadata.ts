import { isLoopbackRedirect } from './redirect-uri.ts'
import type { EpochSeconds, Seconds } from './types.ts'
import { originOf, splitUri } from './uri.ts'

/** RFC 7591 §2, OIDC Core §9, RFC 8705 §2. */
export type TokenEndpointAuthMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'

export type ApplicationType = 'web' | 'native'

/** Members that people read may carry a language tag (RFC 7591 §2.2), such as `client_name#de`. */
type Localized = 'client_name' | 'client_uri' | 'logo_uri' | 'tos_uri' | 'policy_uri'

/** A client's public keys (RFC 7517 §5). */
export interface ClientJwks {
  readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/**
 * What a client may tell about itself: RFC 7591 §2 and the extensions of OIDC, logout, DPoP, PAR and
 * RFC 8705.
 */
export interface RegistrationMetadata {
  readonly redirect_uris?: readonly string[]
  readonly response_types?: readonly string[]
  readonly grant_types?: readonly string[]
  readonly application_type?: ApplicationType
  readonly contacts?: readonly string[]
  readonly client_name?: string
  readonly client_uri?: string
  readonly logo_uri?: string
  readonly tos_uri?: string
  readonly policy_uri?: string
  readonly [localized: `${Localized}#${string}`]: string
  readonly scope?: string
  readonly jwks?: ClientJwks
  readonly jwks_uri?: string
  readonly software_id?: string
  readonly software_version?: string
  readonly software_statement?: string
  readonly token_endpoint_auth_method?: TokenEndpointAuthMethod
  readonly token_endpoint_auth_signing_alg?: string

  // OIDC Dynamic Client Registration 1.0 §2
  readonly sector_identifier_uri?: string
  readonly subject_type?: 'public' | 'pairwise'
  readonly id_token_signed_response_alg?: string
  readonly userinfo_signed_response_alg?: string
  readonly request_object_signing_alg?: string
  readonly default_max_age?: Seconds
  readonly require_auth_time?: boolean
  readonly default_acr_values?: readonly string[]
  readonly initiate_login_uri?: string
  readonly request_uris?: readonly string[]

  // OIDC RP-Initiated Logout 1.0 §3.1, Back-Channel Logout 1.0 §2.2, Front-Channel Logout 1.0 §2
  readonly post_logout_redirect_uris?: readonly string[]
  readonly backchannel_logout_uri?: string
  readonly backchannel_logout_session_required?: boolean
  readonly frontchannel_logout_uri?: string
  readonly frontchannel_logout_session_required?: boolean

  // RFC 9126 §6, RFC 9449 §5.2, RFC 8705 §2.1.2 and §3.4
  readonly require_pushed_authorization_requests?: boolean
  readonly dpop_bound_access_tokens?: boolean
  readonly tls_client_certificate_bound_access_tokens?: boolean
  readonly tls_client_auth_subject_dn?: string
  readonly tls_client_auth_san_dns?: string
  readonly tls_client_auth_san_uri?: string
  readonly tls_client_auth_san_ip?: string
  readonly tls_client_auth_san_email?: string
}

/**
 * One of a client's secrets; any number may be alive at once. `expires_at` 0 means never (RFC 7591 §3.2.1).
 */
export interface ClientSecret {
  readonly value: string
  readonly expires_at?: EpochSeconds
}

export interface RefreshTokenSettings {
  /** `rotate`: a new token at each use. `reuse`: the same one, whose idle lifetime slides. */
  readonly policy?: 'rotate' | 'reuse'
  readonly idle_lifetime?: Seconds
  /** 0: no cap. */
  readonly absolute_lifetime?: Seconds
  /** How long the direct predecessor still gets the same successor. */
  readonly retry_window?: Seconds
}

/** What a confidential client may exchange beside narrowing its own tokens (RFC 8693). */
export interface TokenExchangeSettings {
  /** Clients whose users' access tokens it may exchange. */
  readonly subject_clients?: readonly string[]
  /** APIs that it serves: it may exchange access tokens for them. */
  readonly subject_resources?: readonly string[]
  /** APIs that new tokens may be for, beside the one that the presented token is for. */
  readonly target_resources?: readonly string[]
  /** Clients whose access tokens it may present as `actor_token`, beside its own. */
  readonly actor_clients?: readonly string[]
  /** New tokens do not name it as the one who acts. */
  readonly impersonation?: boolean
}

export type Dialect = 'atm' | 'toki' | 'tapkey' | 'cloudentity' | 'auth0'

/**
 * What the server's owner decides about a client: members of our own, never taken from dynamic registration.
 */
export interface ClientSettings {
  readonly client_secret?: string
  readonly client_secrets?: readonly ClientSecret[]
  /** Default true; cannot be false for a public client. */
  readonly require_pkce?: boolean
  readonly code_challenge_methods?: readonly string[]
  /** `implied`: the user is not asked. */
  readonly consent?: 'ask' | 'implied'
  /** `scope`: a refresh token where `offline_access` was granted. */
  readonly offline_access?: 'scope' | 'always'
  readonly refresh_token?: RefreshTokenSettings
  readonly access_token_lifetime?: Seconds
  readonly id_token_lifetime?: Seconds
  readonly access_token_format?: 'jwt' | 'opaque'
  /** Ids of identity sources; default the workspace's first. */
  readonly identity_sources?: readonly string[]
  readonly user_access?: 'everyone' | 'assigned'
  /** Origins for CORS; empty or absent means those of `redirect_uris`. */
  readonly web_origins?: readonly string[]
  readonly dialects?: readonly Dialect[]
  /** Identifiers of the resources the client may ask for; absent means every one. */
  readonly resources?: readonly string[]
  readonly token_exchange?: TokenExchangeSettings
  readonly first_party?: boolean
  /** Response types beyond `code`, for conformance only. */
  readonly oidc_legacy?: boolean
  readonly enabled?: boolean
}

/** A client as the configuration file, the admin API and the store know it. */
export interface ClientMetadata extends RegistrationMetadata, ClientSettings {
  readonly client_id: string
}

/** The authentication method, `client_secret_basic` where none is given (RFC 7591 §2). */
export function tokenEndpointAuthMethod(client: RegistrationMetadata): TokenEndpointAuthMethod {
  return client.token_endpoint_auth_method ?? 'client_secret_basic'
}

/** The grant types, `authorization_code` where none is given (RFC 7591 §2). */
export function grantTypes(client: RegistrationMetadata): readonly string[] {
  return client.grant_types ?? ['authorization_code']
}

/** The response types, `code` where none is given (RFC 7591 §2). */
export function responseTypes(client: RegistrationMetadata): readonly string[] {
  return client.response_types ?? ['code']
}

/** Whether the client cannot keep a secret (RFC 6749 §2.1): it authenticates with `none`. */
export function isPublicClient(client: RegistrationMetadata): boolean {
  return tokenEndpointAuthMethod(client) === 'none'
}

/**
 * Whether this is a program on the user's machine. Where `application_type` is absent, a loopback or
 * private-use redirect URI says so: many native clients register without it, against OIDC Registration §2
 * (default `web`).
 */
export function isNative(client: RegistrationMetadata): boolean {
  if (client.application_type !== undefined) return client.application_type === 'native'
  return client.redirect_uris?.some((uri) => isLoopbackRedirect(uri) || isPrivateUse(uri)) ?? false
}

/**
 * The origins that may call the token endpoint from a browser, in the form of the `Origin` header, each once.
 */
export function webOrigins(client: ClientMetadata): readonly string[] {
  if (client.web_origins !== undefined && client.web_origins.length > 0) return client.web_origins
  const origins = new Set<string>()
  for (const uri of client.redirect_uris ?? []) {
    const origin = originOf(uri)
    if (origin !== undefined) origins.add(origin)
  }
  return [...origins]
}

function isPrivateUse(uri: string): boolean {
  const scheme = splitUri(uri)?.scheme.toLowerCase()
  return scheme !== undefined && scheme !== 'https' && scheme !== 'http' && scheme.includes('.')
}
