import type { Parameters } from '../../../../protocol/parameters.ts'
import type { Authorization, ClientRecord, UserRecord } from '../../../../store/records.ts'
import { isAssigned } from '../../../accounts/assignment.ts'
import type { Exchange } from '../../../exchange.ts'
import { shown } from '../../../form.ts'
import { looksOpaque } from '../../../tokens/access-token.ts'
import { inspectAccessToken, type LiveAccessToken } from '../../../tokens/inspect-access-token.ts'
import { type ExchangePolicy, keepsPseudonym, mayPresent } from './policy.ts'
import { JWT, TOKEN_TYPES } from './token-types.ts'
import { trustsSource } from './trusts-source.ts'

/** The token that is exchanged: a live one, of a user who agreed to something. */
export interface SubjectToken extends LiveAccessToken {
  readonly user: UserRecord
  readonly grantId: string
  readonly authorization: Authorization
}

/** `subject_token` (RFC 8693 §2.1), which this client may present. @throws {Refusal} */
export async function subjectToken(
  exchange: Exchange,
  client: ClientRecord,
  policy: ExchangePolicy,
  form: Parameters,
): Promise<SubjectToken> {
  const { deps, workspace, flow } = exchange
  const token = form.get('subject_token')
  if (token === undefined) return flow.refuse('subject_token_missing')
  const type = form.get('subject_token_type')
  if (type === undefined) return flow.refuse('subject_token_type_missing')
  flow.check('subject_token_type_unsupported', TOKEN_TYPES.includes(type), () => ({
    received: shown(type),
    expected: TOKEN_TYPES.join(' or '),
  }))
  const live =
    type === JWT && looksOpaque(token) ? 'token_invalid' : await inspectAccessToken(deps, workspace, token)
  if (typeof live === 'string') {
    return flow.refuse('subject_token_invalid', { received: live, expected: 'a live access token' })
  }
  checkPermission(exchange, client, policy, live)
  const { user, grantId, authorization } = live
  if (user === null || grantId === null || authorization === null) {
    return flow.refuse('subject_token_without_user', {
      received: `a token of ${live.client.clientId} itself`,
    })
  }
  // Security: not before, or the flow in a refusal would lead a stranger to the login that the token is from.
  flow.id = authorization.flowId
  await checkUser(exchange, client, live.client, user, authorization)
  return { ...live, user, grantId, authorization }
}

function checkPermission(
  { flow }: Exchange,
  client: ClientRecord,
  policy: ExchangePolicy,
  live: LiveAccessToken,
): void {
  const received = `a token of ${live.client.clientId} for ${live.audience}`
  flow.check('token_exchange_forbidden', mayPresent(client, policy, live), () => ({
    received,
    expected: 'a token of its own, or one that token_exchange of this client allows',
  }))
  flow.check('token_exchange_forbidden', keepsPseudonym(live.client, client), () => ({
    received: `${received}, which hides who the user is`,
    expected: 'subject_type "pairwise" for the client that exchanges it',
    fix: `The subject of ${live.client.clientId} is pairwise. Make ${client.clientId} pairwise too, or ${live.client.clientId} public.`,
  }))
}

/** Who may not sign in to a client gets no token for it by another way, nor by one that was got before. */
async function checkUser(
  exchange: Exchange,
  client: ClientRecord,
  presented: ClientRecord,
  user: UserRecord,
  authorization: Authorization,
): Promise<void> {
  const { workspace, flow } = exchange
  const origin = await workspace.client(authorization.clientId)
  if (!origin) return flow.refuse('subject_token_invalid', { received: 'token_revoked' })
  for (const one of [origin, presented, client]) {
    flow.check('token_exchange_forbidden', isAssigned(one, user), () => ({
      received: `a token of a user who is not assigned to ${one.clientId}`,
      expected: 'an assigned user',
      fix: `Assign the user to ${one.clientId}, or set its user_access to "everyone".`,
    }))
  }
  const trusts = trustsSource(exchange, client, origin, user, authorization)
  flow.check('token_exchange_forbidden', trusts, () => ({
    received: `a token of a user of ${user.sourceId}, let in by ${origin.clientId}`,
    expected: `a user whom ${client.metadata.identity_sources?.join(' or ')} vouched for`,
    fix: `Add the identity source to identity_sources of ${client.clientId}, or leave the member out.`,
  }))
}
