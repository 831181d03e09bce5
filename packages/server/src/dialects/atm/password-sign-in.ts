import { isAssigned } from '../../core/accounts/assignment.ts'
import { verifyPassword } from '../../core/accounts/verify-password.ts'
import { PASSWORD_ACR } from '../../core/authorization/acr.ts'
import { makeCode } from '../../core/authorization/issue-code.ts'
import { parseAuthorizationRequest } from '../../core/authorization/parse-request.ts'
import { findTarget } from '../../core/authorization/redirect-target.ts'
import type { AuthorizationRequest } from '../../core/authorization/request.ts'
import { Refusal, throttled } from '../../core/decisions/refusal.ts'
import type { Exchange } from '../../core/exchange.ts'
import { jsonReply } from '../../core/replies.ts'
import { scopeSetting } from '../../core/workspaces/scopes.ts'
import { Parameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord, UserRecord } from '../../store/records.ts'
import { deviates, dialectClient } from '../speaks.ts'
import { authorizationRequest } from './authorization-request.ts'
import { readJson } from './json-body.ts'
import { standardNames, type Translated } from './names.ts'
import { standardOfPasswordSignIn } from './standard.ts'

/** What of an authorization request makes sense where no page is shown. */
const TAKEN = ['redirect_uri', 'scope', 'nonce', 'code_challenge', 'code_challenge_method'] as const

/**
 * `POST /auth`: user name and password for a code, without a browser. For applications of the workspace's owner alone
 * (`first_party`), since whoever gets the password can do all that its owner can.
 *
 * Security: the password is tried, counted and throttled as on the sign-in page, in the same buckets. No session begins,
 * and scopes that are `sensitive` are never granted here: nobody was asked.
 */
export async function passwordSignIn(exchange: Exchange): Promise<OAuthReply> {
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  const named = standardNames(exchange, readJson(exchange))
  const clientId = named.parameters.get('client_id')
  const standard = standardOfPasswordSignIn(exchange, clientId)
  const client = await dialectClient(exchange, clientId, 'atm', standard)
  exchange.flow.check('dialect_off', client.metadata.first_party === true, () => ({
    ...standard,
    received: 'POST /auth by a client that is not first_party',
    fix: `${standard.fix} If the application is your own: pixy client update ${client.clientId} --set first_party=true`,
  }))
  const { request, deviations } = readRequest(exchange, client, named)
  const user = await signIn(exchange, client, named.parameters)
  const reply = await giveCode(exchange, client, request, user)
  for (const deviation of ['atm_password_sign_in', 'atm_json_body', ...deviations])
    deviates(exchange, client, deviation)
  return reply
}

/** The authorization request, checked by core before a password is tried. */
function readRequest(
  exchange: Exchange,
  client: ClientRecord,
  { parameters: sent, deviations: sofar }: Translated,
): { readonly request: AuthorizationRequest; readonly deviations: Translated['deviations'] } {
  const given = Parameters.from(Object.fromEntries(TAKEN.map((name) => [name, sent.get(name)])))
  const { parameters, deviations } = authorizationRequest(exchange, client, {
    parameters: given,
    deviations: sofar,
  })
  const target = findTarget(exchange, client, parameters, [])
  // RFC 9126 §5: nothing is pushed here.
  exchange.flow.check('pushed_request_required', !client.metadata.require_pushed_authorization_requests)
  return { request: parseAuthorizationRequest(exchange, client, target, parameters), deviations }
}

async function signIn(exchange: Exchange, client: ClientRecord, sent: Parameters): Promise<UserRecord> {
  const { flow } = exchange
  const username = sent.get('loginId')?.trim()
  const password = sent.get('password')
  if (!username || password === undefined) {
    const missing = username ? 'password' : 'loginId'
    return flow.refuse('credentials_missing', { param: missing })
  }
  const result = await verifyPassword(exchange, client, username, password)
  switch (result.kind) {
    case 'ok':
      return result.user
    case 'throttled':
      throw throttled('sign_in_throttled', result.retryAfter)
    case 'busy':
      throw throttled('hasher_busy', result.retryAfter)
    default:
      throw new Refusal('sign_in_failed')
  }
}

async function giveCode(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  user: UserRecord,
): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  // Security: only who knows the password learns it.
  flow.check('user_not_assigned', isAssigned(client, user))
  const allowed = request.scope.filter((scope) => scopeSetting(workspace, scope)?.sensitive !== true)
  const by = { userId: user.userId, authTime: deps.clock.now(), acr: PASSWORD_ACR, amr: ['pwd'], sid: null }
  const { code, record } = makeCode(exchange, request, by, allowed)
  await deps.store.codes.insert(record)
  return jsonReply(200, { redirectUrl: request.redirectUri, code })
}
