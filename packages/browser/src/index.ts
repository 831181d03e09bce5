export type {
  AuthClient,
  CallbackResult,
  GetAccessTokenOptions,
  LoginOptions,
  LogoutOptions,
} from './client.ts'
export { createAuthClient } from './client.ts'
export type { ServerMetadata } from './discovery.ts'
export type { AuthErrorCode, AuthErrorDetails } from './errors.ts'
export { AuthError } from './errors.ts'
export type { IdTokenClaims } from './id-token.ts'
export type { AuthClientOptions, TokenStorage } from './options.ts'
export type { Channel, Locks, Platform, WebStorage } from './platform.ts'
export type { AuthSnapshot, AuthStatus } from './snapshot.ts'
export type { TraceDetail, TraceEvent, TraceListener } from './trace.ts'
export type { EpochSeconds, Seconds } from './units.ts'
