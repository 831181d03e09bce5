import { authenticateClient } from '../../core/client-authentication/authenticate-client.ts'
import type { Exchange } from '../../core/exchange.ts'
import { checkNotRepeated, readForm } from '../../core/form.ts'
import { tokenReply } from '../../core/token/issue-tokens.ts'
import { redeem } from '../../core/token/token.ts'
import { parseBasicCredentials } from '../../protocol/client-authentication.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { isProblem, type OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { deviates, dialectClient, refuseDialect, speaks } from '../speaks.ts'
import { noteReuse } from './refresh-token-reuse.ts'

export const CONNECT_TOKEN = 'tapkey_connect_token'

/**
 * `POST /connect/token`: the token endpoint, with `redirect_uri` required where a code is redeemed. What it does not need
 * it ignores, as the standard does (RFC 6749 §3.2): programs send `redirect_uri` and `code_verifier` with a refresh too.
 */
export async function connectToken(exchange: Exchange): Promise<OAuthReply> {
  const { flow, request } = exchange
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  flow.check('parameters_in_query', request.query === '')
  const client = await tapkeyClient(exchange, form)
  if (form.get('grant_type') === 'authorization_code') {
    flow.check('token_redirect_uri_missing', form.has('redirect_uri'), () => ({
      fix: 'Send the redirect_uri of the authorization request.',
    }))
  }
  const issued = await redeem(exchange, client, form)
  deviates(exchange, client, CONNECT_TOKEN)
  noteReuse(exchange, client, form.get('refresh_token'), issued.refreshToken)
  return tokenReply(issued)
}

/** The client, proven as at the standard's endpoint. Strict ones are turned away before, whatever secret they send. */
async function tapkeyClient(exchange: Exchange, form: Parameters): Promise<ClientRecord> {
  const { workspace } = exchange
  const standard = {
    received: 'POST /connect/token',
    expected: `POST ${workspace.issuer}/oauth2/token`,
    fix: `Send the same form to ${workspace.issuer}/oauth2/token.`,
  }
  const named = namedClients(exchange, form)
  const known = await Promise.all(named.map((clientId) => workspace.client(clientId)))
  if (named[0] !== undefined && !known.some((client) => speaks(client, 'tapkey'))) {
    return dialectClient(exchange, named[0], 'tapkey', standard)
  }
  const client = await authenticateClient(exchange, form)
  return speaks(client, 'tapkey') ? client : refuseDialect(exchange, 'tapkey', standard)
}

/** The client ids that a request names, unproven: in the body, or in a Basic header in either reading (RFC 6749 §2.3.1). */
function namedClients({ request }: Exchange, form: Parameters): readonly string[] {
  const inBody = form.get('client_id')
  const basic = parseBasicCredentials(request.headers.authorization)
  const inHeader = isProblem(basic) ? [] : basic.pairs.map(({ clientId }) => clientId)
  return [...(inBody === undefined ? [] : [inBody]), ...inHeader].filter((id) => id.length <= 2048)
}
