import { authorizeWith } from '../../core/authorization/authorize.ts'
import type { Exchange } from '../../core/exchange.ts'
import { checkNotRepeated, readQuery } from '../../core/form.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { deviates, dialectClient } from '../speaks.ts'
import { authorizationRequest } from './authorization-request.ts'
import { standardNames } from './names.ts'
import { standardOfLogin } from './standard.ts'

/**
 * `GET /login?clientId&code_challenge&code_challenge_method`: the authorization endpoint under another name. The answer is
 * `code` alone (and `state`, where it was sent); it has no `iss`, which ATM's clients do not know.
 */
export async function login(exchange: Exchange): Promise<OAuthReply> {
  const sent = readQuery(exchange)
  checkNotRepeated(exchange, sent)
  const named = standardNames(exchange, sent)
  const clientId = named.parameters.get('client_id')
  const client = await dialectClient(exchange, clientId, 'atm', standardOfLogin(exchange, clientId))
  const { parameters, deviations } = authorizationRequest(exchange, client, named)
  const reply = await authorizeWith(exchange, parameters, [])
  // Not before: whoever sends a redirect_uri that is not the client's must not make it look worse than it is.
  for (const deviation of ['atm_login_path', ...deviations]) deviates(exchange, client, deviation)
  return reply
}
