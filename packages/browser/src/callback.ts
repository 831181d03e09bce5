import type { Context } from './context.ts'
import { base64url, digest, randomString } from './encoding.ts'
import { AuthError, serverError } from './errors.ts'
import { verifyIdToken } from './id-token.ts'
import type { PendingLogin } from './pending-logins.ts'
import { requestTokens, splitScope, type TokenAnswer } from './token-endpoint.ts'

export interface CallbackResult {
  /** Path, query and fragment in this app, as given to `login()`. */
  readonly returnTo: string
}

/**
 * Takes the authorization response (RFC 6749 §4.1.2) from the URL, checks it and redeems its code (§4.1.3).
 * One redemption a code, however often it is called: React's StrictMode, reload, Back.
 */
export function createCallbackHandler(context: Context): (url?: string) => Promise<CallbackResult> {
  const calls = new Map<string, Promise<CallbackResult>>()
  return (url = context.platform.location.href) => {
    const { searchParams } = new URL(url, context.platform.location.href)
    const key = `${searchParams.get('state')} ${searchParams.get('code')}`
    const call = calls.get(key) ?? handle(context, url, searchParams)
    calls.set(key, call)
    // Only an answer settles a login: after a lost one the same URL may be tried again.
    call.catch((error: unknown) => {
      if (error instanceof AuthError && error.code === 'network_error') calls.delete(key)
    })
    return call
  }
}

async function handle(context: Context, url: string, parameters: URLSearchParams): Promise<CallbackResult> {
  const { sessions, trace } = context
  sessions.beginLogin()
  let failure: AuthError | undefined
  try {
    await sessions.ready
    trace({ step: 'authorization_response', url })
    return await redeem(context, parameters)
  } catch (error) {
    failure = error instanceof AuthError ? error : undefined
    throw error
  } finally {
    sessions.settle(failure)
  }
}

async function redeem(context: Context, parameters: URLSearchParams): Promise<CallbackResult> {
  const { logins, platform } = context
  const state = checkState(context, parameters)
  const login = logins.find(state)
  if (!login) throw new AuthError('login_not_found', 'This login is not known in this tab.')

  const code = parameters.get('code')
  if (login.kind === 'finished') {
    const same = code !== null && (await hash(context, code)) === login.codeHash
    if (same && context.sessions.current()) return { returnTo: login.returnTo }
    throw new AuthError('login_finished', 'This login was used already.', {
      hint: 'Start a new one with login().',
    })
  }

  await checkIssuer(context, parameters)
  if (parameters.has('error')) {
    logins.remove(state)
    throw serverError((name) => parameters.get(name) ?? undefined)
  }
  if (!code) throw new AuthError('callback_invalid', 'The callback has neither a code nor an error.')

  const finish = async (): Promise<void> => {
    const codeHash = await hash(context, code)
    logins.finish(state, { kind: 'finished', codeHash, returnTo: login.returnTo, at: platform.now() })
  }
  const answer = await exchange(context, code, login).catch(async (error: unknown) => {
    // Lost on the way: a reload may redeem it still. Any answer means that the code is spent or worthless.
    if (!(error instanceof AuthError && error.code === 'network_error')) await finish()
    throw error
  })
  await finish()
  await accept(context, login, answer)
  return { returnTo: login.returnTo }
}

/** The answer must belong to a login of this tab (RFC 6749 §10.12, RFC 9700 §4.7). Missing and foreign are told apart. */
function checkState({ logins, trace }: Context, parameters: URLSearchParams): string {
  for (const name of parameters.keys()) {
    // RFC 6749 §3.1: no parameter twice; else two readers of one URL may see two different answers.
    if (parameters.getAll(name).length > 1)
      throw new AuthError('callback_invalid', `The callback has two ${name}.`)
  }
  const state = parameters.get('state')
  const login = state === null ? undefined : logins.find(state)
  trace({ step: 'check', name: 'state', received: state, expected: 'a login of this tab', passed: !!login })
  if (state === null) {
    throw new AuthError('state_missing', 'The callback has no state.', {
      hint: 'Call handleCallback() only on the redirect URI, with the query it was opened with.',
    })
  }
  if (login) return state
  if (logins.anyPending()) {
    throw new AuthError('state_mismatch', 'The state in the callback is not that of a login of this tab.', {
      hint: 'Security: the link may come from somebody else. Start a new login with login().',
    })
  }
  throw new AuthError('login_not_found', 'No login is waiting in this tab.', {
    hint: 'The tab or its storage was closed or cleared, or the link was opened elsewhere. Start again with login().',
  })
}

/** RFC 9207 §2.4: an answer of another server than the one asked is a mix-up attack. */
async function checkIssuer(
  { options, metadata, trace }: Context,
  parameters: URLSearchParams,
): Promise<void> {
  const promised = (await metadata()).authorization_response_iss_parameter_supported === true
  const received = parameters.get('iss')
  const passed = received === null ? !promised : received === options.issuer
  trace({ step: 'check', name: 'iss', received, expected: options.issuer, passed })
  if (passed) return
  if (received === null)
    throw new AuthError('iss_missing', 'The callback does not say which server it comes from.')
  throw new AuthError('iss_mismatch', 'The callback comes from another server than the one that was asked.', {
    hint: 'Security: another server may try to get a code of yours. Start again with login(); if it stays, compare the issuer with the one in the metadata.',
    received,
    expected: options.issuer,
  })
}

/** RFC 6749 §4.1.3, RFC 7636 §4.5. */
async function exchange(context: Context, code: string, login: PendingLogin): Promise<TokenAnswer> {
  const { options, audience } = context
  const { token_endpoint } = await context.metadata()
  const form = {
    grant_type: 'authorization_code',
    client_id: options.clientId,
    code,
    redirect_uri: login.redirectUri,
    code_verifier: login.verifier,
    ...(audience === undefined ? {} : { resource: audience }),
  }
  return requestTokens(token_endpoint, form, context)
}

/** Signs in with what the server answered, once its ID token has proved to be about this login. */
async function accept(context: Context, login: PendingLogin, answer: TokenAnswer): Promise<void> {
  const { options, platform, sessions, trace } = context
  const scopes = answer.scopes ?? splitScope(login.scope)
  if (!answer.idToken && scopes.includes('openid')) {
    throw new AuthError('id_token_missing', 'The server granted openid and sent no ID token.')
  }
  const expected = {
    issuer: options.issuer,
    clientId: options.clientId,
    accessToken: answer.accessToken,
    nonce: login.nonce,
    maxAge: login.maxAge,
    algs: (await context.metadata()).id_token_signing_alg_values_supported,
  }
  const user =
    answer.idToken === undefined ? undefined : await verifyIdToken(answer.idToken, expected, context)
  await sessions.keep({
    id: randomString(platform.crypto),
    generation: 0,
    user,
    nonce: login.nonce,
    idToken: answer.idToken,
    refreshToken: answer.refreshToken,
    scopes,
    tokens: { '': { token: answer.accessToken, expiresAt: answer.expiresAt } },
  })
  trace({ step: 'signed_in', user, scopes })
}

async function hash({ platform }: Context, code: string): Promise<string> {
  return base64url(await digest(platform.crypto, 'SHA-256', code))
}
