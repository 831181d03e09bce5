import type { Parameters } from '../../../protocol/parameters.ts'
import type { Actor, ClientRecord } from '../../../store/records.ts'
import type { Exchange } from '../../exchange.ts'
import { shown } from '../../form.ts'
import { accessTokenFormat } from '../../tokens/access-token.ts'
import type { GrantType } from '../grant-type.ts'
import { actorOf } from './token-exchange/actor.ts'
import { exchangePolicy } from './token-exchange/policy.ts'
import { type SubjectToken, subjectToken } from './token-exchange/subject-token.ts'
import { targetAudience, targetScope } from './token-exchange/target.ts'
import { ACCESS_TOKEN, JWT, TOKEN_TYPES } from './token-exchange/token-types.ts'

/**
 * Token exchange (RFC 8693): an access token of this workspace against another that may do less, or that another client
 * uses in the user's name. It belongs to the grant of the token presented, and does not outlive it.
 */
export const tokenExchange: GrantType = {
  name: 'urn:ietf:params:oauth:grant-type:token-exchange',

  async redeem(exchange, client, form) {
    const policy = exchangePolicy(client)
    const subject = await subjectToken(exchange, client, policy, form)
    const audience = targetAudience(exchange, client, policy, subject, form)
    const issuedTokenType = requestedType(exchange, client, audience, form)
    const scope = targetScope(exchange, client, subject, audience, form)
    const actor = await actorOf(exchange, client, policy, subject, form)
    leaveTrace(exchange, client, subject, actor, audience)
    return {
      authorization: subject.authorization,
      grantId: subject.grantId,
      user: subject.user,
      scope,
      audience,
      nonce: null,
      exchanged: { issuedTokenType, notAfter: subject.expiresAt, actor },
      async commit({ record }) {
        if (record) await exchange.deps.store.accessTokens.insert(record)
        return { refreshToken: undefined }
      },
    }
  },
}

/** `requested_token_type` (RFC 8693 §2.1). The format is the API's choice: a JWT is given where it takes JWTs. */
function requestedType(
  { flow, workspace }: Exchange,
  client: ClientRecord,
  audience: string,
  form: Parameters,
): string {
  const type = form.get('requested_token_type') ?? ACCESS_TOKEN
  flow.check('requested_token_type_unsupported', TOKEN_TYPES.includes(type), () => ({
    received: shown(type),
    expected: TOKEN_TYPES.join(' or '),
  }))
  const format = accessTokenFormat(workspace, client, audience)
  flow.check('requested_token_type_unsupported', type !== JWT || format === 'jwt', () => ({
    received: type,
    expected: ACCESS_TOKEN,
    fix: `Access tokens for ${audience} are opaque: ask for ${ACCESS_TOKEN}, or set access_token_format to "jwt".`,
  }))
  return type
}

/** Whoever asks later how a client came to act for a user finds it in the log, also in production. */
function leaveTrace(
  { deps, flow, workspace }: Exchange,
  client: ClientRecord,
  subject: SubjectToken,
  actor: Actor | undefined,
  audience: string,
): void {
  const from = subject.client.clientId
  // A chain that came with the token says who acted before, not that somebody else acts now.
  const delegates = actor !== undefined && actor !== subject.actor
  const how = delegates ? 'delegated' : from === client.clientId ? 'narrowed' : 'impersonated'
  flow.decisions.push({
    rule: 'token_exchange_forbidden',
    outcome: 'passed',
    received: `${client.clientId} ${ACTS[how]} ${subject.user.userId}, with a token of ${from}, for ${audience}`,
  })
  deps.log.info(
    {
      flow: flow.id,
      workspace: workspace.id,
      client: client.clientId,
      subject_client: from,
      user: subject.user.userId,
      audience,
      actor: actor?.sub,
    },
    `token exchange: ${how}`,
  )
}

const ACTS = {
  delegated: 'acts for',
  narrowed: 'narrows its own token of',
  impersonated: 'impersonates',
} as const
