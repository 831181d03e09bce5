import type { Context } from './context.ts'
import { randomString } from './encoding.ts'
import { AuthError } from './errors.ts'
import { createVerifier, deriveChallenge } from './pkce.ts'
import type { Seconds } from './units.ts'

export interface LoginOptions {
  /** Where in this app to go on afterwards: a path, or a URL of this origin. Default: the current page. */
  readonly returnTo?: string | undefined
  /** `none`, `login`, `consent`, `select_account` (OIDC Core §3.1.2.1), or `create`. */
  readonly prompt?: string | undefined
  readonly loginHint?: string | undefined
  /** Other scopes than the client's usual ones. */
  readonly scope?: string | undefined
  readonly acrValues?: string | undefined
  readonly uiLocales?: string | undefined
  /** At most so many seconds since the user last typed a password; checked against `auth_time`. */
  readonly maxAge?: Seconds | undefined
}

/** Builds the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OIDC Core §3.1.2.1) and leaves for the server. */
export async function login(context: Context, options: LoginOptions): Promise<void> {
  const { platform, logins, trace, audience } = context
  const { clientId, redirectUri } = context.options
  const scope = options.scope ?? context.options.scope
  const returnTo = checkReturnTo(options.returnTo, redirectUri, platform.location.href)
  const { authorization_endpoint } = await context.metadata()

  const verifier = createVerifier(platform.crypto)
  trace({ step: 'verifier_created', verifier })
  const challenge = await deriveChallenge(platform.crypto, verifier)
  trace({ step: 'challenge_derived', verifier, challenge })
  const state = randomString(platform.crypto)
  const nonce = randomString(platform.crypto)
  const { maxAge } = options
  logins.add(state, {
    kind: 'pending',
    verifier,
    nonce,
    redirectUri,
    returnTo,
    scope,
    maxAge,
    at: platform.now(),
  })

  const url = new URL(authorization_endpoint)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    resource: audience,
    state,
    nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    prompt: options.prompt,
    login_hint: options.loginHint,
    acr_values: options.acrValues,
    ui_locales: options.uiLocales,
    max_age: maxAge?.toString(),
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  trace({ step: 'authorization_request', url: url.href })
  platform.location.assign(url.href)
}

/** Security: apps navigate to `returnTo`, so a value from a link must not lead to another site (open redirect). */
function checkReturnTo(wanted: string | undefined, redirectUri: string, here: string): string {
  const page = new URL(here)
  const callback = new URL(redirectUri)
  const onCallback = page.origin === callback.origin && page.pathname === callback.pathname
  const target = URL.parse(wanted ?? (onCallback ? '/' : here), here)
  if (target?.origin === page.origin) return target.pathname + target.search + target.hash
  throw new AuthError('return_to_not_allowed', 'returnTo leads away from this app.', {
    received: wanted,
    expected: `a path, or a URL of ${page.origin}`,
  })
}
