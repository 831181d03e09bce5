/** What core needs from outside. `compose.ts` hands in the real things; tests hand in a clock that they move. */
import type { EpochSeconds, Seconds } from '../protocol/types.ts'
import type { ClientRecord } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { FlowLog } from './decisions/flow-log.ts'
import type { Pages } from './interaction/pages.ts'
import type { AccessTokenProfile } from './tokens/access-token-profile.ts'
import type { WorkspaceDirectory } from './workspaces/directory.ts'

export interface Deps {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly pages: Pages
  readonly hasher: PasswordHasher
  readonly vault: Vault
  readonly fetcher: Fetcher
  readonly providers: OpenIdProviders
  readonly log: Logger
  readonly flowLog: FlowLog
  readonly deviations: DeviationLog
  /** Access tokens of other shapes than RFC 9068 that are still taken. */
  readonly accessTokenProfiles: readonly AccessTokenProfile[]
  /** Public clients whose refresh tokens may stay the same all the same: none by the standard (RFC 9700 §4.14.2). */
  readonly mayReuseRefreshTokens: (client: ClientRecord) => boolean
  readonly workspaces: WorkspaceDirectory
  /** Shows received, expected and fix to whoever sees an error; never with `--production`. */
  readonly development: boolean
}

export interface Clock {
  now(): EpochSeconds
}

export interface Random {
  /** `length` characters of [A-Za-z0-9], 5.95 bits each; 50 of them are a handle. */
  alphanumeric(length: number): string
  bytes(length: number): Uint8Array
}

export interface PasswordHasher {
  /** argon2id, as a PHC string. @throws {HasherBusy} */
  hash(password: string): Promise<string>
  /** Takes the same time without a hash (unknown user) as with one. @throws {HasherBusy} */
  verify(hash: string | null, password: string): Promise<boolean>
}

/** More sign-ins wait than can be served soon: 503 with Retry-After. */
export class HasherBusy extends Error {
  override name = 'HasherBusy'
}

/** Seals what must be readable again, under the master key (AES-256-GCM). */
export interface Vault {
  /** `context` names table, row and column: a sealed value moved elsewhere does not open. */
  seal(plaintext: string, context: string): string
  /** @throws where the value was changed, moved, or sealed under another master key. */
  open(sealed: string, context: string): string
}

/** The one way out: https, public addresses, 3 s, 64 KiB, no redirects. */
export interface Fetcher {
  /** @throws {FetchRefused} */
  json(url: string): Promise<unknown>
}

export class FetchRefused extends Error {
  override name = 'FetchRefused'
}

/** Other OpenID providers, at which we are a client (OIDC Core §3.1, RFC 7636). Reached by the one way out alone. */
export interface OpenIdProviders {
  /** Where the browser goes to sign in. @throws {ProviderFailure} `unreachable`, `invalid` */
  authorizationUrl(client: ProviderClient, request: ProviderRequest): Promise<string>
  /** Redeems the code of an authorization response, and checks all that OIDC Core §3.1.3.7 names. @throws {ProviderFailure} */
  redeem(client: ProviderClient, response: ProviderResponse): Promise<ProviderIdentity>
}

export interface ProviderClient {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | null
  readonly redirectUri: string
}

export interface ProviderRequest {
  readonly scope: string
  readonly state: string
  readonly nonce: string
  readonly codeChallenge: string
  readonly prompt: 'login' | 'select_account' | null
  readonly maxAge: Seconds | null
  readonly loginHint: string | null
  readonly uiLocales: readonly string[]
}

export interface ProviderResponse {
  /** As it came. */
  readonly query: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

export interface ProviderIdentity {
  readonly issuer: string
  readonly subject: string
  /** Null where the provider does not tell. */
  readonly authTime: EpochSeconds | null
  /** Claims, whatever they are. */
  readonly idToken: Readonly<Record<string, unknown>>
  /** Null where the provider has no such endpoint. */
  readonly userinfo: Readonly<Record<string, unknown>> | null
}

/**
 * `unreachable`: no answer, or it says it is busy. `denied`, `refused`: it said no. `invalid`: what it said does not
 * hold. `detail` is fit for the log; there is no `cause`, which would hold tokens.
 */
export class ProviderFailure extends Error {
  override name = 'ProviderFailure'
  readonly kind: 'unreachable' | 'denied' | 'refused' | 'invalid'
  readonly detail: string

  constructor(kind: ProviderFailure['kind'], detail: string) {
    super(`the identity provider failed: ${detail}`)
    this.kind = kind
    this.detail = detail
  }
}

export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Counts what clients do in the way of an older system, so that their owner sees when they can be switched to strict. */
export interface DeviationLog {
  /** `deviation` is stable, such as `atm_hex_challenge`. Never waits for the database. */
  record(workspaceId: string, clientId: string, deviation: string, at: EpochSeconds): void
  /** Stores what is counted and not stored yet: before somebody reads it, and at the end. */
  flush(): Promise<void>
}
