import { AuthError } from './errors.ts'
import { readObject, send } from './http.ts'
import type { Platform } from './platform.ts'
import type { Trace } from './trace.ts'
import type { EpochSeconds } from './units.ts'

/** A successful answer of the token endpoint (RFC 6749 §5.1). */
export interface TokenAnswer {
  readonly accessToken: string
  readonly expiresAt: EpochSeconds
  /** Absent where the server granted exactly what was asked for. */
  readonly scopes: readonly string[] | undefined
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
}

/** Where the server does not say how long a token lives. */
const ASSUMED_LIFETIME = 300

/**
 * One request to the token endpoint as a public client (RFC 6749 §4.1.3, §6).
 *
 * @throws AuthError the server's own, or `network_error`: then nobody knows whether the server has acted
 */
export async function requestTokens(
  url: string,
  form: Readonly<Record<string, string>>,
  { platform, trace }: { readonly platform: Platform; readonly trace: Trace },
): Promise<TokenAnswer> {
  trace({ step: 'token_request', url, form })
  const started = platform.now()
  const response = await send(platform, url, {
    method: 'POST',
    body: new URLSearchParams(form),
    cache: 'no-store',
  })
  const traced = response.clone()
  const milliseconds = platform.now() - started
  try {
    return parseAnswer(await readObject(response, url), Math.floor(started / 1000))
  } finally {
    const body: unknown = await traced.json().catch(() => undefined)
    trace({ step: 'token_response', status: response.status, body, milliseconds })
  }
}

/** Lifetimes count from before the request, so that a slow answer never makes a token look fresher than it is. */
function parseAnswer(body: Record<string, unknown>, now: EpochSeconds): TokenAnswer {
  const {
    access_token: accessToken,
    token_type: type,
    refresh_token: refreshToken,
    id_token: idToken,
    scope,
  } = body
  if (typeof accessToken !== 'string' || String(type).toLowerCase() !== 'bearer') {
    throw new AuthError('response_invalid', 'The token endpoint answered without a Bearer access token.')
  }
  const lifetime = Number(body.expires_in ?? ASSUMED_LIFETIME)
  return {
    accessToken,
    expiresAt: now + (Number.isFinite(lifetime) ? lifetime : ASSUMED_LIFETIME),
    scopes: typeof scope === 'string' ? splitScope(scope) : undefined,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    idToken: typeof idToken === 'string' ? idToken : undefined,
  }
}

export function splitScope(scope: string): string[] {
  return scope.split(' ').filter(Boolean)
}
