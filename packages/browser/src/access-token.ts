import type { Context } from './context.ts'
import { AuthError } from './errors.ts'
import { verifyIdToken } from './id-token.ts'
import type { AccessToken, Session } from './session.ts'
import { requestTokens, splitScope, type TokenAnswer } from './token-endpoint.ts'
import type { Seconds } from './units.ts'

export interface GetAccessTokenOptions {
  /** The token must live at least this long. Default 30 s. */
  readonly minTtl?: Seconds | undefined
  /** Fewer scopes than were granted (RFC 6749 §6), for a call that needs no more. */
  readonly scope?: string | undefined
  /** Another API than the usual one (RFC 8707 §2.2). */
  readonly audience?: string | undefined
}

interface Wanted extends GetAccessTokenOptions {
  /** A token that an API refused: do not hand it out again. */
  readonly rejected?: string | undefined
}

export type AccessTokenSource = (wanted?: Wanted) => Promise<string>

const DEFAULT_MIN_TTL: Seconds = 30

/** Hands out access tokens, renewed by refresh (RFC 6749 §6) when they are about to end; one refresh at a time. */
export function createAccessTokenSource(context: Context): AccessTokenSource {
  const running = new Map<string, Promise<string>>()

  return async (wanted = {}) => {
    const { sessions } = context
    await sessions.ready
    const session = sessions.current()
    if (!session) throw loginRequired('Nobody is signed in.')
    const key = tokenKey(wanted)
    const token = usable(context, session.tokens[key], wanted)
    if (token) return token

    const call = running.get(key) ?? refresh(context, key, wanted).finally(() => running.delete(key))
    running.set(key, call)
    return call
  }
}

async function refresh(context: Context, key: string, wanted: Wanted): Promise<string> {
  const { sessions, exclusively, trace } = context
  let failure: AuthError | undefined
  await sessions.corrected
  try {
    return await exclusively(async () => {
      await sessions.catchUp()
      const session = await sessions.reload()
      const shared = usable(context, session?.tokens[key], wanted)
      if (shared) {
        trace({ step: 'refresh_shared' })
        return shared
      }
      if (!session) throw loginRequired('The session ended in another tab.')
      return await renew(context, session, key, wanted)
    })
  } catch (error) {
    if (error instanceof AuthError && error.code === 'invalid_grant') failure = error
    throw error
  } finally {
    // The lock is free by now: a listener may ask for a token without waiting for itself.
    if (failure) await sessions.end(failure)
    else sessions.announce()
  }
}

async function renew(context: Context, session: Session, key: string, wanted: Wanted): Promise<string> {
  const { sessions, options } = context
  if (!session.refreshToken) {
    throw loginRequired(
      'The access token has ended and there is no refresh token.',
      'Ask for the scope offline_access.',
    )
  }
  const { token_endpoint } = await context.metadata()
  const resource = wanted.audience ?? context.audience
  const form = {
    grant_type: 'refresh_token',
    client_id: options.clientId,
    refresh_token: session.refreshToken,
    ...(wanted.scope === undefined ? {} : { scope: wanted.scope }),
    ...(resource === undefined ? {} : { resource }),
  }
  const answer = await requestTokens(token_endpoint, form, context).catch((error: unknown) => {
    if (!(error instanceof AuthError && error.code === 'network_error')) throw error
    // The server may have rotated the token and the answer got lost: asked again at once, it answers the same.
    context.trace({ step: 'network_retry', url: token_endpoint })
    return requestTokens(token_endpoint, form, context)
  })

  const renewed = {
    ...session,
    generation: session.generation + 1,
    refreshToken: answer.refreshToken ?? session.refreshToken,
  }
  // Stored before anything else can fail: the old one is spent.
  await sessions.keep(renewed)
  try {
    const identity = await readIdentity(context, session, answer)
    await sessions.keep({
      ...renewed,
      ...identity,
      // A token for less, or for elsewhere, says nothing about what the session may do.
      scopes: key === '' ? (answer.scopes ?? session.scopes) : session.scopes,
      tokens: { ...session.tokens, [key]: { token: answer.accessToken, expiresAt: answer.expiresAt } },
    })
  } finally {
    sessions.share()
  }
  return answer.accessToken
}

/** A refresh may bring a new ID token; it must be about the same person (OIDC Core §12.2). */
async function readIdentity(
  context: Context,
  { user, nonce }: Session,
  { idToken, accessToken }: TokenAnswer,
): Promise<Partial<Session>> {
  if (idToken === undefined || user === undefined) return {}
  const { issuer, clientId } = context.options
  const algs = (await context.metadata()).id_token_signing_alg_values_supported
  const expected = { issuer, clientId, accessToken, nonce, sub: user.sub, algs }
  return { user: await verifyIdToken(idToken, expected, context), idToken }
}

function usable(context: Context, token: AccessToken | undefined, wanted: Wanted): string | undefined {
  if (!token || token.token === wanted.rejected) return undefined
  const needed = context.platform.now() / 1000 + (wanted.minTtl ?? DEFAULT_MIN_TTL)
  return token.expiresAt > needed ? token.token : undefined
}

function tokenKey({ audience = '', scope = '' }: Wanted): string {
  return `${audience} ${splitScope(scope).toSorted().join(' ')}`.trim()
}

function loginRequired(message: string, hint?: string): AuthError {
  return new AuthError('login_required', message, { hint: hint ?? 'Call login().' })
}
