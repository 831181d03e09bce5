import type { Parameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { Refusal } from '../decisions/refusal.ts'
import type { Exchange } from '../exchange.ts'
import { readForm, readQuery } from '../form.ts'
import { beginInteraction, beginPostedInteraction } from '../interaction/interaction.ts'
import { browserSessions } from '../sessions/browser-session.ts'
import { makeCode } from './issue-code.ts'
import { nextStep } from './next-step.ts'
import { parseAuthorizationRequest } from './parse-request.ts'
import { NO_PROGRESS } from './progress.ts'
import { findClient, findTarget } from './redirect-target.ts'
import type { AuthorizationRequest, ResponseExtra } from './request.ts'
import { authorizationError, codeResponse } from './response.ts'

/**
 * The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2), GET and POST. A refusal that it throws is shown in
 * place: the redirect target was not proven. All later ones go to the client (RFC 6749 §4.1.2.1).
 */
export async function authorize(exchange: Exchange): Promise<OAuthReply> {
  const posted = exchange.request.method === 'POST'
  return authorizeWith(exchange, posted ? readForm(exchange) : readQuery(exchange))
}

/**
 * The same for parameters from elsewhere: pushed before, or in an older system's words.
 *
 * @param tells what the response says beside `code` and `state`
 */
export async function authorizeWith(
  exchange: Exchange,
  parameters: Parameters,
  tells?: readonly ResponseExtra[],
): Promise<OAuthReply> {
  const posted = exchange.request.method === 'POST'
  const client = await findClient(exchange, parameters)
  const target = findTarget(exchange, client, parameters, tells)
  try {
    const request = parseAuthorizationRequest(exchange, client, target, parameters)
    if (posted) return await beginPostedInteraction(exchange, client, request)
    return await proceed(exchange, client, request)
  } catch (error) {
    if (error instanceof Refusal) return authorizationError(exchange, client, target, error)
    throw error
  }
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
