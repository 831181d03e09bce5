import type { Parameters } from '../../../../protocol/parameters.ts'
import type { Actor, ClientRecord } from '../../../../store/records.ts'
import { isAssigned } from '../../../accounts/assignment.ts'
import type { Exchange } from '../../../exchange.ts'
import { shown } from '../../../form.ts'
import { looksOpaque } from '../../../tokens/access-token.ts'
import { inspectAccessToken } from '../../../tokens/inspect-access-token.ts'
import { subjectFor } from '../../../tokens/subject.ts'
import { type ExchangePolicy, keepsPseudonym } from './policy.ts'
import type { SubjectToken } from './subject-token.ts'
import { JWT, TOKEN_TYPES } from './token-types.ts'

/** A chain grows with every service that hands a request on; an endless one is a loop between two of them. */
const MAX_ACTORS = 5

/**
 * Who acts for the user with the new token (RFC 8693 §4.1): whom `actor_token` names, else the client, and inside them
 * whoever acted before. A client that narrows its own token acts as before; one that may impersonate is not named.
 */
export async function actorOf(
  exchange: Exchange,
  client: ClientRecord,
  policy: ExchangePolicy,
  subject: SubjectToken,
  form: Parameters,
): Promise<Actor | undefined> {
  const before = subject.actor ?? undefined
  const named = await presentedActor(exchange, client, policy, form)
  const isOwn = subject.client.clientId === client.clientId
  if (named === undefined && (isOwn || policy.impersonation)) return before
  const actor = { ...(named ?? { sub: client.clientId }), ...(before === undefined ? {} : { act: before }) }
  const length = chainLength(actor)
  exchange.flow.check('actor_chain_too_long', length <= MAX_ACTORS, () => ({
    received: `${length} actors`,
    expected: `at most ${MAX_ACTORS}`,
  }))
  return actor
}

/** `actor_token` with its type, both or none (RFC 8693 §2.1). @throws {Refusal} */
async function presentedActor(
  exchange: Exchange,
  client: ClientRecord,
  policy: ExchangePolicy,
  form: Parameters,
): Promise<Actor | undefined> {
  const { deps, workspace, flow } = exchange
  const token = form.get('actor_token')
  const type = form.get('actor_token_type')
  if (token === undefined) {
    flow.check('actor_token_missing', type === undefined)
    return undefined
  }
  if (type === undefined) return flow.refuse('actor_token_type_missing')
  flow.check('actor_token_type_unsupported', TOKEN_TYPES.includes(type), () => ({
    received: shown(type),
    expected: TOKEN_TYPES.join(' or '),
  }))
  const live =
    type === JWT && looksOpaque(token) ? 'token_invalid' : await inspectAccessToken(deps, workspace, token)
  if (typeof live === 'string') {
    return flow.refuse('actor_token_invalid', { received: live, expected: 'a live access token' })
  }
  flow.check('actor_token_invalid', live.actor === null, () => ({
    received: 'a token with which somebody acts for another',
    expected: 'a token of the actor itself',
  }))
  const { clientId } = live.client
  const allowed = policy.beyondOwn && (clientId === client.clientId || policy.actorClients.includes(clientId))
  flow.check('token_exchange_forbidden', allowed && keepsPseudonym(live.client, client), () => ({
    param: 'actor_token',
    received: `an actor token of ${clientId}`,
    expected: ['its own', ...policy.actorClients].join(' or '),
    fix: 'Name the client in actor_clients of token_exchange.',
  }))
  const { user } = live
  if (user === null) return { sub: clientId }
  flow.check('token_exchange_forbidden', isAssigned(live.client, user), () => ({
    param: 'actor_token',
    received: `a token of a user who is not assigned to ${clientId}`,
    expected: 'an assigned user',
    fix: `Assign the user to ${clientId}, or set its user_access to "everyone".`,
  }))
  return { sub: subjectFor(workspace, client.metadata, user.userId), client_id: clientId }
}

function chainLength(actor: Actor): number {
  return 1 + (actor.act === undefined ? 0 : chainLength(actor.act))
}
