import { AuthError } from './errors.ts'
import type { Platform } from './platform.ts'
import type { TraceListener } from './trace.ts'

type MaybePromise<T> = T | Promise<T>

/**
 * Where the session is kept between page loads. One string per key; a store that several tabs share (localStorage,
 * IndexedDB) works too: it is read again under the lock before every refresh.
 */
export interface TokenStorage {
  get(key: string): MaybePromise<string | null | undefined>
  set(key: string, value: string): MaybePromise<void>
  remove(key: string): MaybePromise<void>
}

export interface AuthClientOptions {
  /** The server's issuer identifier, exactly as its metadata has it (RFC 8414 §2), e.g. `https://auth.example`. */
  readonly issuer: string
  readonly clientId: string
  /** One of the client's registered redirect URIs, character for character (RFC 9700 §2.1). */
  readonly redirectUri: string
  /** Where the server leads after `logout()` (OIDC RP-Initiated Logout §3). Must be registered. */
  readonly postLogoutRedirectUri?: string | undefined
  /** The API that access tokens are for, sent as `resource` (RFC 8707 §2). */
  readonly audience?: string | undefined
  /** The same under its protocol name. */
  readonly resource?: string | undefined
  /** Scopes, separated by spaces. `openid` asks for an ID token, `offline_access` for a refresh token. */
  readonly scope: string
  /**
   * `session` (default): this tab's sessionStorage, so a reload stays signed in and closing the tab ends it.
   * `memory`: nothing survives a reload. Or a store of your own. See "What storage does not stop" in the README.
   */
  readonly storage?: 'session' | 'memory' | TokenStorage | undefined
  /** Origins that `fetch()` may send tokens to. Default: the app's own, and that of `audience`. */
  readonly apiOrigins?: readonly string[] | undefined
  /**
   * Called with every step of every flow, for teaching and debugging. Security: events hold verifiers, codes and
   * tokens. Nothing is logged unless you do it.
   */
  readonly onTrace?: TraceListener | undefined
  /** Replaces parts of the browser, for tests. */
  readonly platform?: Partial<Platform> | undefined
}

/** @throws AuthError `options_invalid` where an option that is needed is missing or no URL */
export function checkOptions(options: AuthClientOptions): void {
  for (const name of ['issuer', 'redirectUri'] as const) {
    if (!URL.canParse(options[name])) throw invalid(`${name} is not an absolute URL: ${options[name]}`)
  }
  if (!options.clientId) throw invalid('clientId is missing')
  if (!options.scope) throw invalid('scope is missing; "openid" is the least that signs somebody in')
}

function invalid(message: string): AuthError {
  return new AuthError('options_invalid', `createAuthClient: ${message}`)
}
