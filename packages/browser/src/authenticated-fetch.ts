import type { AccessTokenSource } from './access-token.ts'
import type { Context } from './context.ts'
import { AuthError } from './errors.ts'

/** `fetch` with the access token in the Authorization header (RFC 6750 §2.1). */
export async function authenticatedFetch(
  context: Context,
  accessToken: AccessTokenSource,
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  const { platform } = context
  const request = new Request(input instanceof Request ? input : new URL(input, platform.location.href), init)
  checkOrigin(context, request.url)
  const again = request.clone() // a body can be read only once

  const token = await accessToken()
  const response = await call(context, request, token)
  if (!tokenRefused(response)) return response

  // RFC 6750 §3.1: the API no longer takes this token (ended, revoked, keys rotated). A new one may help, once.
  try {
    return await call(context, again, await accessToken({ rejected: token }))
  } catch (error) {
    if (error instanceof AuthError && error.code === 'login_required') return response
    throw error
  }
}

async function call({ platform, trace }: Context, request: Request, accessToken: string): Promise<Response> {
  request.headers.set('Authorization', `Bearer ${accessToken}`)
  const { method, url } = request
  trace({ step: 'api_request', method, url, accessToken })
  const started = platform.now()
  const response = await platform.fetch(request).catch((cause: unknown) => {
    if (request.signal.aborted) throw cause
    throw new AuthError('network_error', `No answer from ${new URL(url).origin}.`, {
      cause,
      hint: "Is it running, and does its CORS answer allow this app's origin and the Authorization header?",
    })
  })
  trace({
    step: 'api_response',
    status: response.status,
    url,
    wwwAuthenticate: response.headers.get('WWW-Authenticate') ?? undefined,
    milliseconds: platform.now() - started,
  })
  return response
}

/** A challenge that CORS hides may be one about the token; the retry costs one request. */
function tokenRefused(response: Response): boolean {
  const challenge = response.headers.get('WWW-Authenticate')
  return response.status === 401 && (challenge === null || /\binvalid_token\b/.test(challenge))
}

/** Security: a token sent to a wrong host is a token given away. */
function checkOrigin({ options, audience, platform }: Context, url: string): void {
  const { origin } = new URL(url)
  const own = new URL(platform.location.href).origin
  const allowed = options.apiOrigins ?? [
    own,
    ...(audience && URL.canParse(audience) ? [new URL(audience).origin] : []),
  ]
  if (allowed.includes(origin)) return
  throw new AuthError('origin_not_allowed', 'This origin does not get access tokens.', {
    received: origin,
    expected: allowed.join(' '),
    hint: 'Add it to apiOrigins if it is your API; else use plain fetch.',
  })
}
