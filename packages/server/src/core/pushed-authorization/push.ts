import type { OAuthReply } from '../../protocol/types.ts'
import { parseAuthorizationRequest } from '../authorization/parse-request.ts'
import { findTarget } from '../authorization/redirect-target.ts'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { jsonReply } from '../replies.ts'
import { PUSHED_REQUEST_LIFE, storePushedRequest } from './pushed-request.ts'

/**
 * Pushed authorization requests (RFC 9126 §2): the client authenticates as at the token endpoint, its request is checked
 * as at the authorization endpoint, and what it learns is a reference for the browser. What is kept is the request as it
 * was understood; credentials and hints that came with it are not.
 */
export async function push(exchange: Exchange): Promise<OAuthReply> {
  const { flow, request } = exchange
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  flow.check('parameters_in_query', request.query === '')
  const client = await authenticateClient(exchange, form)
  flow.check('pushed_request_nested', !form.has('request_uri'))
  const target = findTarget(exchange, client, form)
  const understood = parseAuthorizationRequest(exchange, client, target, form)
  const requestUri = await storePushedRequest(exchange, client, understood)
  return jsonReply(201, { request_uri: requestUri, expires_in: PUSHED_REQUEST_LIFE })
}
