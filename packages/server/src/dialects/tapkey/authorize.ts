import { authorizeWith } from '../../core/authorization/authorize.ts'
import { findTarget } from '../../core/authorization/redirect-target.ts'
import type { ResponseExtra } from '../../core/authorization/request.ts'
import { authorizationError } from '../../core/authorization/response.ts'
import { Refusal } from '../../core/decisions/refusal.ts'
import type { Exchange } from '../../core/exchange.ts'
import { readQuery } from '../../core/form.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { deviates, dialectClient } from '../speaks.ts'

export const CONNECT_AUTHORIZE = 'tapkey_connect_authorize'

/** The redirect tells beside the issuer what the user granted. */
const TELLS: readonly ResponseExtra[] = ['iss', 'scope']

/**
 * `GET /connect/authorize`: the authorization endpoint, with `redirect_uri` and `scope` required. As there, what goes wrong
 * before the redirect target is proven stays on our own page (RFC 6749 §4.1.2.1).
 */
export async function connectAuthorize(exchange: Exchange): Promise<OAuthReply> {
  const { flow, workspace } = exchange
  const parameters = readQuery(exchange)
  const clientId = parameters.get('client_id')
  if (clientId === undefined) return flow.refuse('client_id_missing')
  const client = await dialectClient(exchange, clientId, 'tapkey', {
    received: 'GET /connect/authorize',
    expected: `GET ${workspace.issuer}/oauth2/authorize`,
    fix: `Send the same parameters to ${workspace.issuer}/oauth2/authorize; the token response tells the granted scope.`,
  })
  flow.check('redirect_uri_missing', parameters.has('redirect_uri'), () => ({
    expected: (client.metadata.redirect_uris ?? []).slice(0, 5).join(' or '),
  }))
  deviates(exchange, client, CONNECT_AUTHORIZE)
  const isRepeated = parameters.duplicates.length > 0
  if (parameters.has('scope') || isRepeated) return authorizeWith(exchange, parameters, TELLS)

  const target = findTarget(exchange, client, parameters, TELLS)
  const fix = `Name the scopes that the application needs, separated by spaces: ${workspace.issuer}/scopes lists them.`
  try {
    return flow.refuse('scope_missing', { received: 'no scope', fix })
  } catch (error) {
    if (error instanceof Refusal) return authorizationError(exchange, client, target, error)
    throw error
  }
}
