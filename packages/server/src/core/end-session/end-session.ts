import type { Parameters } from '../../protocol/parameters.ts'
import { appendQuery } from '../../protocol/parameters.ts'
import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord, SessionRecord } from '../../store/records.ts'
import { displayName } from '../accounts/claims.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm, readQuery, shown } from '../form.ts'
import { browserTransaction, checkForm, csrfToken, knownTransaction } from '../interaction/forms.ts'
import { clientDisplay, pageReply } from '../interaction/page-reply.ts'
import { redirectReply } from '../replies.ts'
import { browserHashOf, browserSessions, enabledUser } from '../sessions/browser-session.ts'
import { writeCookie } from '../sessions/cookies.ts'
import { type VerifiedJwt, verifyOwnJwt } from '../tokens/verify-jwt.ts'
import { type LogoutTarget, logoutTarget } from './logout-target.ts'

const PAGE = 'sign-out'

/**
 * RP-Initiated Logout (OIDC RP-Initiated Logout 1.0 §2), GET and POST. A valid `id_token_hint` of a session in this
 * browser ends that session at once; without one the user is asked, since any page can send a browser here.
 */
export async function endSession(exchange: Exchange): Promise<OAuthReply> {
  const { request, workspace } = exchange
  if (request.method === 'POST') {
    // A post from the client's page carries no SameSite=Lax cookie: our own GET does.
    const form = readForm(exchange)
    checkNotRepeated(exchange, form)
    return redirectReply(appendQuery(`${workspace.issuer}/oauth2/logout`, pairsOf(form)))
  }
  const parameters = readQuery(exchange)
  checkNotRepeated(exchange, parameters)
  const hint = readHint(exchange, parameters)
  const client = await findClient(exchange, parameters, hint)
  const target = logoutTarget(exchange, client, parameters)
  const sessions = await browserSessions(exchange)
  if (sessions.length === 0) return goBack(exchange, client, target, [])
  const hinted = hint && sessions.filter((session) => session.sid === hint.claims.sid)
  if (hinted && hinted.length > 0) return signOut(exchange, client, target, hinted, sessions)
  return confirmPage(exchange, client, target, sessions)
}

/** GET `/sign-out`: the same question, asked by no client. */
export async function showSignOut(exchange: Exchange): Promise<OAuthReply> {
  const sessions = await browserSessions(exchange)
  if (sessions.length === 0) return goBack(exchange, undefined, { kind: 'none' }, [])
  return confirmPage(exchange, undefined, { kind: 'none' }, sessions)
}

/** POST `/sign-out`: yes, or not. Yes ends every session of this browser. */
export async function submitSignOut(exchange: Exchange): Promise<OAuthReply> {
  const { flow, workspace } = exchange
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  const transaction = knownTransaction(exchange)
  if (!transaction) return flow.refuse('csrf_mismatch', { received: 'no transaction cookie' })
  checkForm(exchange, form, transaction, PAGE, PAGE)
  const client = await findClient(exchange, form, undefined)
  const target = logoutTarget(exchange, client, form)
  if (form.get('action') === 'cancel') {
    return target.kind === 'uri'
      ? redirectReply(target.location)
      : redirectReply(`${workspace.issuer}/signed-out?stayed=1`)
  }
  const sessions = await browserSessions(exchange)
  return signOut(exchange, client, target, sessions, sessions)
}

/** GET `/signed-out`. */
export async function showSignedOut(exchange: Exchange): Promise<OAuthReply> {
  const parameters = readQuery(exchange)
  const client = await exchange.workspace.client(parameters.get('client_id') ?? '')
  return pageReply(exchange, 'signed-out', {
    client: client ? clientDisplay(client) : null,
    notReturned: parameters.has('not_returned'),
  })
}

/** An expired hint counts, also one signed by a key that has left the JWKS (§4 of the same). @throws {Refusal} */
function readHint({ flow, workspace }: Exchange, parameters: Parameters): VerifiedJwt | undefined {
  const text = parameters.get('id_token_hint')
  if (text === undefined) return undefined
  const hint = verifyOwnJwt(workspace, text, { withdrawnKeys: true })
  return hint?.typ === 'JWT' ? hint : flow.refuse('logout_hint_invalid')
}

async function findClient(
  { flow, workspace }: Exchange,
  parameters: Parameters,
  hint: VerifiedJwt | undefined,
): Promise<ClientRecord | undefined> {
  const named = parameters.get('client_id')
  const hinted = typeof hint?.claims.aud === 'string' ? hint.claims.aud : undefined
  const agrees = named === undefined || hinted === undefined || named === hinted
  flow.check('logout_client_mismatch', agrees, () => ({ received: shown(named), expected: hinted ?? '' }))
  const clientId = named ?? hinted
  if (clientId === undefined) return undefined
  flow.clientId = clientId
  const client = await workspace.client(clientId)
  return client ?? flow.refuse('authorization_client_unknown', { received: shown(clientId) })
}

async function confirmPage(
  exchange: Exchange,
  client: ClientRecord | undefined,
  target: LogoutTarget,
  sessions: readonly SessionRecord[],
): Promise<OAuthReply> {
  const { workspace } = exchange
  const transaction = browserTransaction(exchange)
  const first = sessions[0]
  const user = first && (await enabledUser(exchange, first.userId))
  const hidden: Array<readonly [string, string]> = []
  if (client) hidden.push(['client_id', client.clientId])
  if (target.kind === 'uri') {
    hidden.push(['post_logout_redirect_uri', target.uri])
    if (target.state !== undefined) hidden.push(['state', target.state])
  }
  const props = {
    action: `${workspace.issuer}/sign-out`,
    csrf: csrfToken(transaction, PAGE, PAGE),
    account: user ? displayName(user) : null,
    client: client ? clientDisplay(client) : null,
    hidden,
  }
  return pageReply(exchange, PAGE, props, {
    cookies: transaction.cookies,
    ...(target.kind === 'uri' ? { formAction: redirectOrigin(target.uri) } : {}),
  })
}

async function signOut(
  exchange: Exchange,
  client: ClientRecord | undefined,
  target: LogoutTarget,
  ending: readonly SessionRecord[],
  all: readonly SessionRecord[],
): Promise<OAuthReply> {
  const { deps, workspace } = exchange
  const browserHash = browserHashOf(exchange)
  const everything = ending.length === all.length
  const now = deps.clock.now()
  for (const session of ending) {
    await deps.store.grants.revokeBySession(workspace.id, session.sid, now, 'signed_out')
    if (!everything) await deps.store.sessions.delete(workspace.id, session.sid)
  }
  if (everything && browserHash !== null) await deps.store.sessions.deleteByBrowser(workspace.id, browserHash)
  const cookies = everything ? [writeCookie(workspace, 'session', '', 0)] : []
  return goBack(exchange, client, target, cookies)
}

function goBack(
  { workspace }: Exchange,
  client: ClientRecord | undefined,
  target: LogoutTarget,
  cookies: readonly string[],
): OAuthReply {
  if (target.kind === 'uri') return redirectReply(target.location, cookies)
  const pairs: Array<readonly [string, string]> = []
  if (client) pairs.push(['client_id', client.clientId])
  if (target.kind === 'refused') pairs.push(['not_returned', '1'])
  return redirectReply(appendQuery(`${workspace.issuer}/signed-out`, pairs), cookies)
}

function pairsOf(form: Parameters): ReadonlyArray<readonly [string, string]> {
  const names = [
    'id_token_hint',
    'logout_hint',
    'client_id',
    'post_logout_redirect_uri',
    'state',
    'ui_locales',
  ]
  return names.flatMap((name) => {
    const value = form.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
}
