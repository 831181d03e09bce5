import { authenticateClient } from '../../core/client-authentication/authenticate-client.ts'
import type { Exchange } from '../../core/exchange.ts'
import { shown } from '../../core/form.ts'
import { jsonReply } from '../../core/replies.ts'
import type { IssuedTokens } from '../../core/token/issue-tokens.ts'
import { redeem } from '../../core/token/token.ts'
import { Parameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { deviates, dialectClient } from '../speaks.ts'
import { atmAccessToken } from './access-token.ts'
import { coreVerifier } from './challenge.ts'
import type { AtmDeviation } from './deviations.ts'
import { readJson } from './json-body.ts'
import { standardNames } from './names.ts'
import { checkIdToken, idTokenClaims, isRefreshWithoutSecret } from './refresh-proof.ts'
import { standardOfToken } from './standard.ts'

/**
 * What core is told. Neither `scope` nor `resource`: this dialect's access tokens have no place for them, and a narrower
 * token that is not narrower would be worse than none.
 */
const TAKEN = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'redirect_uri',
  'refresh_token',
] as const

/** `POST /auth/token`: the token endpoint in JSON, with names, verifier and answer of ATM's. */
export async function token(exchange: Exchange): Promise<OAuthReply> {
  exchange.flow.check('parameters_in_query', exchange.request.query === '')
  const { parameters: sent, deviations } = standardNames(exchange, readJson(exchange))
  const clientId = sent.get('client_id')
  const standard = standardOfToken(exchange, clientId, sent.get('grant_type'))
  const client = await dialectClient(exchange, clientId, 'atm', standard)
  const own = await authenticate(exchange, client, sent)
  checkGrantType(exchange, sent.get('grant_type'))
  checkAlgorithm(exchange)
  const verifier = await coreVerifier(exchange, client, sent)
  const taken = Object.fromEntries(TAKEN.map((name) => [name, sent.get(name)]))
  const form = Parameters.from({ ...taken, code_verifier: verifier?.value })
  const issued = await redeem(exchange, client, form, {
    accessToken: atmAccessToken,
    idTokenClaims: idTokenClaims(exchange),
  })
  const all = [...ALWAYS, ...deviations, ...own, ...(verifier?.deviations ?? [])]
  for (const deviation of all) deviates(exchange, client, deviation)
  return tokenReply(issued)
}

const ALWAYS: readonly AtmDeviation[] = ['atm_json_body', 'atm_token_response', 'atm_access_token']

/** As at the token endpoint, the body counting as `client_secret_post`; a refresh may prove itself by the ID token. */
async function authenticate(
  exchange: Exchange,
  client: ClientRecord,
  sent: Parameters,
): Promise<readonly AtmDeviation[]> {
  if (isRefreshWithoutSecret(exchange, client, sent)) {
    await checkIdToken(exchange, client, sent)
    return ['atm_refresh_by_id_token']
  }
  const authenticated = await authenticateClient(exchange, sent)
  // Security: a Basic header has two readings, of which one may name somebody else.
  exchange.flow.check('client_authentication_mixed', authenticated.clientId === client.clientId)
  return []
}

/** Security: access tokens of this dialect name a user, whose place a client's own would take (RFC 9700 §4.15). */
function checkGrantType({ workspace, flow }: Exchange, grantType: string | undefined): void {
  const ok = grantType === undefined || GRANT_TYPES.includes(grantType)
  flow.check('grant_type_unsupported', ok, () => ({
    received: shown(grantType),
    expected: GRANT_TYPES.join(' or '),
    fix: `Send other grant types to ${workspace.issuer}/oauth2/token.`,
  }))
}

const GRANT_TYPES: readonly string[] = ['authorization_code', 'refresh_token']

/** The workspace may have lost the algorithm since the client was made: the configuration checks only its own clients. */
function checkAlgorithm({ workspace, flow }: Exchange): void {
  const { signing_algs } = workspace.settings
  const { algorithm } = atmAccessToken
  if (algorithm === undefined || signing_algs.includes(algorithm)) return
  flow.refuse('server_failed', {
    received: `signing_algs: ${signing_algs.join(', ')}`,
    expected: `${algorithm} among them, by which access tokens of atm are signed`,
    fix: `Add "${algorithm}" to signing_algs, or take the dialect from the client.`,
  })
}

/** The answer, member by member as ATM's page shows it. */
function tokenReply({ access, idToken, refreshToken }: IssuedTokens): OAuthReply {
  return jsonReply(200, {
    ...(idToken === undefined ? {} : { id_token: idToken }),
    access_token: access.token,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    exp_access_token: access.expiresIn,
  })
}
