import type { Context } from './context.ts'
import { AuthError } from './errors.ts'
import { send } from './http.ts'

export interface LogoutOptions {
  /** A registered post-logout redirect URI; a path is one of this origin. Default: `postLogoutRedirectUri`. */
  readonly returnTo?: string | undefined
  /**
   * `true` (default): the browser's session at the server ends too, by redirect. `false`: only this app forgets its
   * tokens and has them revoked; the next `login()` may need no password.
   */
  readonly everywhere?: boolean | undefined
}

/** How long signing out waits for the revocation to be answered. */
const PATIENCE_MS = 2_000

/** RP-initiated logout (OIDC RP-Initiated Logout §2) with the ID token as the hint, so that nobody is asked. */
export async function logout(context: Context, options: LogoutOptions): Promise<void> {
  const { sessions, platform, trace } = context
  const everywhere = options.everywhere ?? true
  await sessions.ready
  const idToken = sessions.current()?.idToken
  const { end_session_endpoint } = await context.metadata()
  if (everywhere && !end_session_endpoint) {
    throw new AuthError('not_supported', 'The server has no end_session_endpoint.', {
      hint: 'logout({ everywhere: false })',
    })
  }

  const revoked = revokeTokens(context).catch(() => undefined) // tokens that stay behind still end by themselves
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  await sessions.end(undefined, everywhere)
  if (!everywhere || !end_session_endpoint) return

  const url = new URL(end_session_endpoint)
  url.searchParams.set('client_id', context.options.clientId)
  if (idToken) url.searchParams.set('id_token_hint', idToken)
  const target = options.returnTo ?? context.options.postLogoutRedirectUri
  if (target) url.searchParams.set('post_logout_redirect_uri', new URL(target, platform.location.href).href)
  trace({ step: 'logout_request', url: url.href })
  platform.location.assign(url.href)
}

/** Has the refresh token revoked, and with it the grant (RFC 7009 §2.1); where there is none, the access token. */
export async function revokeTokens(context: Context): Promise<void> {
  const { sessions, platform, trace, options } = context
  await sessions.ready
  const session = sessions.current()
  const { revocation_endpoint: url } = await context.metadata()
  const tokenTypeHint = session?.refreshToken ? 'refresh_token' : 'access_token'
  const token = session?.refreshToken ?? session?.tokens['']?.token
  if (!token || !url) return

  const body = new URLSearchParams({ token, token_type_hint: tokenTypeHint, client_id: options.clientId })
  const { status } = await send(platform, url, { method: 'POST', body, keepalive: true })
  trace({ step: 'revocation', url, tokenTypeHint, status })
  if (status !== 200) throw new AuthError('revocation_failed', `The server answered ${status}.`, { status })
}
