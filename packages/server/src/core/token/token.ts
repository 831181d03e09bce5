import { grantTypes } from '../../protocol/client-metadata.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { formatScope } from '../../protocol/scope.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { authenticateClient } from '../client-authentication/authenticate-client.ts'
import type { Exchange } from '../exchange.ts'
import { checkNotRepeated, readForm, shown } from '../form.ts'
import { jsonReply } from '../replies.ts'
import { mintAccessToken } from '../tokens/access-token.ts'
import { mintIdToken } from '../tokens/id-token.ts'
import { subjectFor } from '../tokens/subject.ts'
import type { GrantType, Redemption } from './grant-type.ts'
import { authorizationCode } from './grant-types/authorization-code.ts'
import { clientCredentials } from './grant-types/client-credentials.ts'
import { refreshToken } from './grant-types/refresh-token.ts'

const registry: ReadonlyMap<string, GrantType> = new Map(
  [authorizationCode, refreshToken, clientCredentials].map((grantType) => [grantType.name, grantType]),
)

export const supportedGrantTypes: readonly string[] = [...registry.keys()]

/** The token endpoint (RFC 6749 §3.2), in five phases. A grant type fills in the fourth only. */
export async function token(exchange: Exchange): Promise<OAuthReply> {
  // 1. the form
  const form = readForm(exchange)
  checkNotRepeated(exchange, form)
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  // 2. the client
  const client = await authenticateClient(exchange, form)
  // 3. its grant type
  const grantType = findGrantType(exchange, client, form)
  // 4. what is presented
  const redemption = await grantType.redeem(exchange, client, form)
  // 5. the tokens
  return issue(exchange, client, redemption)
}

function findGrantType({ flow }: Exchange, client: ClientRecord, form: Parameters): GrantType {
  const name = form.get('grant_type')
  if (name === undefined) {
    const old = ['grant_types', 'grantType'].find((spelling) => form.has(spelling))
    return flow.refuse('grant_type_missing', old ? { received: old, expected: 'grant_type' } : {})
  }
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

async function issue(exchange: Exchange, client: ClientRecord, redemption: Redemption): Promise<OAuthReply> {
  const { deps, workspace } = exchange
  const { authorization, user, scope } = redemption
  const subject = user ? subjectFor(workspace, client.metadata, user.userId) : client.clientId
  const access = await mintAccessToken(deps, workspace, {
    client,
    subject,
    userId: user?.userId ?? null,
    grantId: redemption.grantId,
    scope,
    audience: redemption.audience,
    authTime: authorization.authTime,
    acr: authorization.acr,
    amr: authorization.amr,
    sid: authorization.sid,
  })
  const idToken =
    user && scope.includes('openid')
      ? await mintIdToken(deps, workspace, {
          client,
          user,
          subject,
          authorization,
          scope,
          accessToken: access.token,
          nonce: redemption.nonce,
        })
      : undefined
  // Signed before it is spent: a failure to sign burns nobody's code. Sent only after it is stored.
  const { refreshToken: refresh } = await redemption.commit({
    expiresAt: access.expiresAt,
    record: access.record,
  })
  return jsonReply(200, {
    access_token: access.token,
    token_type: 'Bearer',
    expires_in: access.expiresIn,
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    // A scope has at least one token (RFC 6749 App. A.4): an empty one is left out.
    ...(scope.length === 0 ? {} : { scope: formatScope(scope) }),
  })
}
