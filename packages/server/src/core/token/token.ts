import { grantTypes } from '../../protocol/client-metadata.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm, shown } from '../form.ts'
import type { GrantType } from './grant-type.ts'
import { authorizationCode } from './grant-types/authorization-code.ts'
import { clientCredentials } from './grant-types/client-credentials.ts'
import { deviceCode } from './grant-types/device-code.ts'
import { refreshToken } from './grant-types/refresh-token.ts'
import { tokenExchange } from './grant-types/token-exchange.ts'
import { type IssuedTokens, issueTokens, type TokenForm, tokenReply } from './issue-tokens.ts'

/** Words of older systems for `grant_type`: whoever uses them is told so before anything else. */
const FOREIGN = ['grant_types', 'grantType', 'authorization_code']

/** May be repeated (RFC 8707 §2, RFC 8693 §2.1); `audience` is of token exchange. */
const TARGETS = ['resource', 'audience']

const registry: ReadonlyMap<string, GrantType> = new Map(
  [authorizationCode, refreshToken, clientCredentials, deviceCode, tokenExchange].map((grantType) => [
    grantType.name,
    grantType,
  ]),
)

export const supportedGrantTypes: readonly string[] = [...registry.keys()]

/** The token endpoint (RFC 6749 §3.2), in five phases. A grant type fills in the fourth only. */
export async function token(exchange: Exchange): Promise<OAuthReply> {
  // 1. the form
  const form = readForm(exchange)
  checkNotRepeated(exchange, form, TARGETS)
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  if (!form.has('grant_type') && FOREIGN.some((name) => form.has(name)))
    refuseWithoutGrantType(exchange, form)
  // 2. the client
  const client = await authenticateClient(exchange, form)
  return tokenReply(await redeem(exchange, client, form))
}

/** Phases 3 to 5, for a client that is known. */
export async function redeem(
  exchange: Exchange,
  client: ClientRecord,
  form: Parameters,
  tokenForm?: TokenForm,
): Promise<IssuedTokens> {
  // 3. its grant type
  const grantType = findGrantType(exchange, client, form)
  // 4. what is presented
  const redemption = await grantType.redeem(exchange, client, form)
  // 5. the tokens
  return issueTokens(exchange, client, redemption, tokenForm)
}

function findGrantType({ flow }: Exchange, client: ClientRecord, form: Parameters): GrantType {
  const name = form.get('grant_type') ?? refuseWithoutGrantType({ flow }, form)
  const grantType = registry.get(name)
  if (!grantType) {
    return flow.refuse('grant_type_unsupported', {
      received: shown(name),
      expected: supportedGrantTypes.join(', '),
    })
  }
  flow.check('grant_type_not_allowed', grantTypes(client.metadata).includes(name), () => ({
    received: name,
    expected: grantTypes(client.metadata).join(', '),
  }))
  return grantType
}

/** Says which of the words that older systems use for it was sent instead. */
function refuseWithoutGrantType({ flow }: Pick<Exchange, 'flow'>, form: Parameters): never {
  const foreign = FOREIGN.find((name) => form.has(name))
  if (foreign !== 'authorization_code') {
    return flow.refuse('grant_type_missing', foreign ? { received: foreign, expected: 'grant_type' } : {})
  }
  return flow.refuse('grant_type_missing', {
    received: 'authorization_code',
    expected: 'grant_type=authorization_code&code=…',
    fix: 'Use code: send grant_type=authorization_code, client_id, code and code_verifier. authorization_code is a value of grant_type, not a parameter.',
  })
}
