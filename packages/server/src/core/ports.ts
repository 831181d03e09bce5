/** What core needs from outside. `compose.ts` hands in the real things; tests hand in a clock that they move. */
import type { EpochSeconds } from '../protocol/types.ts'
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
  readonly log: Logger
  readonly flowLog: FlowLog
  readonly deviations: DeviationLog
  /** Access tokens of other shapes than RFC 9068 that are still taken. */
  readonly accessTokenProfiles: readonly AccessTokenProfile[]
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

export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Counts what clients do in the way of an older system, so that their owner sees when they can be switched to strict. */
export interface DeviationLog {
  /** `deviation` is stable, such as `atm_hex_challenge`. Never waits for the database. */
  record(workspaceId: string, clientId: string, deviation: string, at: EpochSeconds): void
}
