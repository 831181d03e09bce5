import { appendQuery } from '../../protocol/parameters.ts'
import { redirectOrigin } from '../../protocol/redirect-uri.ts'
import { formatScope } from '../../protocol/scope.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Refusal } from '../decisions/refusal.ts'
import { describeRefusal } from '../error-reply.ts'
import type { Exchange } from '../exchange.ts'
import { clientDisplay, pageReply } from '../interaction/page-reply.ts'
import { redirectReply } from '../replies.ts'
import type { IssuedCode } from './issue-code.ts'
import type { ResponseTarget } from './request.ts'

type ResponseParameters = ReadonlyArray<readonly [string, string]>

/**
 * The authorization response (RFC 6749 §4.1.2), by query or form_post, with `state` as it came and `iss` (RFC 9207 §2).
 */
export function authorizationResponse(
  exchange: Exchange,
  client: ClientRecord,
  target: ResponseTarget,
  parameters: ResponseParameters,
  cookies: readonly string[] = [],
): OAuthReply {
  const all: ResponseParameters = [
    ...parameters,
    ...(target.state === null ? [] : ([['state', target.state]] as const)),
    ...(target.tells.includes('iss') ? ([['iss', exchange.workspace.issuer]] as const) : []),
  ]
  if (target.responseMode === 'query') return redirectReply(appendQuery(target.redirectUri, all), cookies)
  return pageReply(
    exchange,
    'form-post',
    { action: target.redirectUri, parameters: all, client: clientDisplay(client) },
    { status: 200, cookies, formAction: redirectOrigin(target.redirectUri) },
  )
}

/** The successful response. */
export function codeResponse(
  exchange: Exchange,
  client: ClientRecord,
  target: ResponseTarget,
  { code, record }: IssuedCode,
  cookies: readonly string[] = [],
): OAuthReply {
  const { scope } = record.authorization
  const granted = target.tells.includes('scope') ? ([['scope', formatScope(scope)]] as const) : []
  return authorizationResponse(exchange, client, target, [['code', code], ...granted], cookies)
}

/** The error response by redirect (RFC 6749 §4.1.2.1). */
export function authorizationError(
  exchange: Exchange,
  client: ClientRecord,
  target: ResponseTarget,
  refusal: Refusal,
  cookies: readonly string[] = [],
): OAuthReply {
  const { error, error_description, error_uri } = describeRefusal(exchange, refusal)
  const parameters: ResponseParameters = [
    ['error', error],
    ['error_description', error_description],
    // The public learns the reason's page; its owner finds the rest under the flow.
    ['error_uri', `${error_uri}?flow=${exchange.flow.id}`],
  ]
  return authorizationResponse(exchange, client, target, parameters, cookies)
}
