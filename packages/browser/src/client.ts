import { createAccessTokenSource, type GetAccessTokenOptions } from './access-token.ts'
import { authenticatedFetch } from './authenticated-fetch.ts'
import { type CallbackResult, createCallbackHandler } from './callback.ts'
import type { Context } from './context.ts'
import { createDiscovery, type ServerMetadata } from './discovery.ts'
import { createKeySet } from './jwks.ts'
import { createMutex } from './locks.ts'
import { type LoginOptions, login } from './login.ts'
import { type LogoutOptions, logout, revokeTokens } from './logout.ts'
import { type AuthClientOptions, checkOptions } from './options.ts'
import { createPendingLogins } from './pending-logins.ts'
import { withPlatform } from './platform.ts'
import { createSessionKeeper } from './session-keeper.ts'
import type { AuthSnapshot } from './snapshot.ts'
import { chooseStorage } from './storage.ts'
import type { Trace } from './trace.ts'

export type { CallbackResult, GetAccessTokenOptions, LoginOptions, LogoutOptions }

/** Signs people in and calls APIs for them. Members need no `this`: pass them around freely. */
export interface AuthClient {
  /**
   * Leaves for the server's sign-in page: authorization code with PKCE S256, a fresh `state`, `nonce` and verifier for
   * every call (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 9700 §2.1.1).
   *
   * @throws AuthError `return_to_not_allowed`, `insecure_context`, `storage_unavailable`, `network_error`
   */
  login(options?: LoginOptions): Promise<void>

  /**
   * Finishes a login on the redirect URI: checks `state` and `iss` (RFC 9207), redeems the code, verifies the ID token
   * (OIDC Core §3.1.3.7). Safe to call twice. It leaves the address bar alone: go to `returnTo` yourself.
   *
   * @param url default: the page's own
   * @throws AuthError the server's error, or `state_missing`, `state_mismatch`, `login_not_found`, `login_finished`,
   *   `iss_missing`, `iss_mismatch`, `id_token_invalid`, `network_error`
   */
  handleCallback(url?: string): Promise<CallbackResult>

  /**
   * A valid access token, renewed when less than `minTtl` is left of it. One refresh runs at a time, across tabs; the
   * new tokens are shared with tabs that hold the same session (RFC 6749 §6, RFC 9700 §4.14).
   *
   * @throws AuthError `login_required`; `invalid_grant`: the session is over; `network_error`: it is not, try later
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string>

  /**
   * `fetch` with the access token as Bearer (RFC 6750 §2.1), only to `apiOrigins`. A 401 `invalid_token` is tried
   * once more with a new token.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>

  /** Signs out here and, unless `everywhere` is false, at the server (OIDC RP-Initiated Logout §2). */
  logout(options?: LogoutOptions): Promise<void>

  /**
   * Has this session's tokens revoked (RFC 7009) and forgets them; the browser stays signed in at the server. They are
   * forgotten even where the revocation fails.
   */
  revoke(): Promise<void>

  /** The current state; the same object until something changes (fit for `useSyncExternalStore`). */
  getSnapshot(): AuthSnapshot

  /** Calls back after every change. Returns what ends it. A listener may use every verb. */
  subscribe(listener: () => void): () => void

  /** The server's metadata, fetched once (OIDC Discovery §4). */
  getMetadata(): Promise<ServerMetadata>

  /** Lets go of listeners and of the channel to other tabs. Signs nobody out. */
  dispose(): void
}

/**
 * Creates a client. No network, no navigation: both wait for the first verb. Create one per app, outside components.
 *
 * @throws AuthError `options_invalid`
 */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  checkOptions(options)
  const platform = withPlatform(options.platform)
  const name = `pixy:${options.clientId}@${options.issuer}`
  const trace: Trace = (detail) => options.onTrace?.({ ...detail, at: platform.now() })
  const metadata = createDiscovery(options.issuer, platform, trace)
  const sessions = createSessionKeeper(name, chooseStorage(options.storage, platform), platform, trace)
  const context: Context = {
    options,
    audience: options.audience ?? options.resource,
    platform,
    trace,
    metadata,
    keys: createKeySet(async () => (await metadata()).jwks_uri, platform, trace),
    logins: createPendingLogins(`${name}:logins`, platform),
    sessions,
    exclusively: createMutex(name, platform),
  }
  const accessToken = createAccessTokenSource(context)

  return {
    login: (wanted = {}) => login(context, wanted),
    handleCallback: createCallbackHandler(context),
    getAccessToken: ({ minTtl, scope, audience } = {}) => accessToken({ minTtl, scope, audience }),
    fetch: (input, init) => authenticatedFetch(context, accessToken, input, init),
    logout: (wanted = {}) => logout(context, wanted),
    async revoke() {
      await revokeTokens(context).finally(() => sessions.end(undefined))
    },
    getSnapshot: () => sessions.snapshot.get(),
    subscribe: (listener) => sessions.snapshot.subscribe(listener),
    getMetadata: metadata,
    dispose: () => sessions.dispose(),
  }
}
