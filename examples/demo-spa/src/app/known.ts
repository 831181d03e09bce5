import type { TraceEvent } from '@pixy/browser'

const KEY = 'pixy-demo:known'

/**
 * The last values seen on the wire, for drawing and for the experiments. A real app has no business keeping these:
 * they are here because the demo shows and replays them.
 */
export interface Known {
  readonly verifier?: string
  readonly code?: string
  readonly redirectUri?: string
  readonly accessToken?: string
  readonly idToken?: string
  readonly refreshToken?: string
  /** Seconds that the last access token lived when it was new. */
  readonly lifetime?: number
  /** The last answer of the userinfo endpoint. */
  readonly profile?: Readonly<Record<string, unknown>>
}

export function recall(): Known {
  return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Known // written by `remember` of this same page
}

export function remember(event: TraceEvent): void {
  const known = { ...recall(), ...valuesOf(event) }
  sessionStorage.setItem(KEY, JSON.stringify(event.step === 'signed_out' ? {} : known))
}

export function rememberProfile(claims: unknown): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...recall(), profile: claims }))
}

/** Claims about this person alone: another `sub` is an answer for somebody else (OIDC Core §5.3.2). */
export function profileOf(sub: string | undefined): Known['profile'] {
  const { profile } = recall()
  return profile?.sub === sub ? profile : undefined
}

function valuesOf(event: TraceEvent): Known {
  if (event.step === 'verifier_created') return { verifier: event.verifier }
  if (event.step === 'token_request' && event.form.code !== undefined) {
    return { code: event.form.code, redirectUri: event.form.redirect_uri ?? '' }
  }
  if (event.step !== 'token_response' || typeof event.body !== 'object' || !event.body) return {}
  const body = event.body as Readonly<Record<string, unknown>>
  const named = { accessToken: body.access_token, idToken: body.id_token, refreshToken: body.refresh_token }
  const strings = Object.entries(named).filter(([, value]) => typeof value === 'string')
  const lifetime = typeof body.expires_in === 'number' ? { lifetime: body.expires_in } : {}
  return { ...Object.fromEntries(strings), ...lifetime }
}
