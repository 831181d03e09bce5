import type { Parameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { Refusal } from '../decisions/refusal.ts'
import { type Exchange, header } from '../exchange.ts'
import { readForm, readQuery } from '../form.ts'
import { beginInteraction, beginPostedInteraction } from '../interaction/begin-interaction.ts'
import { isPushed, takePushedRequest } from '../pushed-authorization/pushed-request.ts'
import { browserSessions } from '../sessions/browser-session.ts'
import { makeCode } from './issue-code.ts'
import { nextStep } from './next-step.ts'
import { parseAuthorizationRequest } from './parse-request.ts'
import { NO_PROGRESS } from './progress.ts'
import { findClient, findTarget } from './redirect-target.ts'
import type { AuthorizationRequest, ResponseExtra, ResponseTarget } from './request.ts'
import { authorizationError, codeResponse } from './response.ts'

/**
 * The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2), GET and POST. A refusal that it throws is shown in
 * place: the redirect target was not proven. All later ones go to the client (RFC 6749 §4.1.2.1).
 */
export async function authorize(exchange: Exchange): Promise<OAuthReply> {
  const posted = exchange.request.method === 'POST'
  const parameters = posted ? readForm(exchange) : readQuery(exchange)
  const requestUri = parameters.get('request_uri')
  if (requestUri !== undefined && isPushed(requestUri))
    return authorizePushed(exchange, parameters, requestUri)
  return authorizeWith(exchange, parameters)
}

/** What was pushed counts, and whatever stands beside `client_id` and `request_uri` does not (RFC 9101 §6.3). */
async function authorizePushed(
  exchange: Exchange,
  parameters: Parameters,
  requestUri: string,
): Promise<OAuthReply> {
  exchange.flow.check('parameter_repeated', !parameters.duplicates.includes('request_uri'), () => ({
    param: 'request_uri',
  }))
  const client = await findClient(exchange, parameters)
  const request = await takePushedRequest(exchange, client, requestUri)
  return takeUp(exchange, client, request, async () => request)
}

/**
 * The same for parameters from elsewhere: in an older system's words.
 *
 * @param tells what the response says beside `code` and `state`
 */
export async function authorizeWith(
  exchange: Exchange,
  parameters: Parameters,
  tells?: readonly ResponseExtra[],
): Promise<OAuthReply> {
  const client = await findClient(exchange, parameters)
  const target = findTarget(exchange, client, parameters, tells)
  return takeUp(exchange, client, target, async () => {
    // RFC 9126 §5
    exchange.flow.check('pushed_request_required', !client.metadata.require_pushed_authorization_requests)
    return parseAuthorizationRequest(exchange, client, target, parameters)
  })
}

/** From here on errors go to the client, since `target` is proven. */
async function takeUp(
  exchange: Exchange,
  client: ClientRecord,
  target: ResponseTarget,
  read: () => Promise<AuthorizationRequest>,
): Promise<OAuthReply> {
  try {
    const request = await read()
    const withoutCookies = exchange.request.method === 'POST' || isAtFurtherHost(exchange)
    if (withoutCookies) return await beginPostedInteraction(exchange, client, request)
    return await proceed(exchange, client, request)
  } catch (error) {
    if (error instanceof Refusal) return authorizationError(exchange, client, target, error)
    throw error
  }
}

/** A tenant's `hosts` answer for it, but our pages and their cookies are at its issuer's own. */
function isAtFurtherHost({ workspace, request }: Exchange): boolean {
  const host = header(request, 'host')
  return host !== undefined && !workspace.origin.endsWith(`//${host.toLowerCase()}`)
}

async function proceed(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
): Promise<OAuthReply> {
  const sessions = await browserSessions(exchange)
  const next = await nextStep(exchange, client, request, NO_PROGRESS, sessions)
  switch (next.step) {
    case 'refuse':
      return exchange.flow.refuse(next.reason)
    case 'issue': {
      const issued = makeCode(exchange, request, next.session, next.scope)
      await exchange.deps.store.codes.insert(issued.record)
      return codeResponse(exchange, client, request, issued)
    }
    default:
      return beginInteraction(exchange, client, request, next.step)
  }
}
