import { parseBearer } from '../../protocol/client-authentication.ts'
import { selectClaims } from '../../protocol/scope-claims.ts'
import { isProblem, type OAuthReply } from '../../protocol/types.ts'
import { claimsOf } from '../accounts/claims.ts'
import { Refusal } from '../decisions/refusal.ts'
import { bearerErrorReply } from '../error-reply.ts'
import { type Exchange, header } from '../exchange.ts'
import { checkNotRepeated, readForm } from '../form.ts'
import { jsonReply } from '../replies.ts'
import { inspectAccessToken, type LiveAccessToken } from '../tokens/inspect-access-token.ts'
import { subjectFor } from '../tokens/subject.ts'

/** Userinfo (OIDC Core §5.3), GET and POST, for any live access token of this issuer with `openid`. */
export async function userinfo(exchange: Exchange): Promise<OAuthReply> {
  return resourceReply(exchange, async () => describeUser(exchange, await liveAccessToken(exchange)))
}

/** Answers as a protected resource does: JSON, or a refusal as a challenge (RFC 6750 §3). */
export async function resourceReply(
  exchange: Exchange,
  describe: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<OAuthReply> {
  try {
    return jsonReply(200, await describe())
  } catch (error) {
    if (error instanceof Refusal) return bearerErrorReply(exchange, error)
    throw error
  }
}

/** The access token of the request, looked up. @throws {Refusal} `token_*` */
export async function liveAccessToken(exchange: Exchange): Promise<LiveAccessToken> {
  const { deps, workspace, flow } = exchange
  const live = await inspectAccessToken(deps, workspace, readAccessToken(exchange))
  if (typeof live === 'string') return flow.refuse(live)
  flow.clientId = live.client.clientId
  if (live.flowId !== null) flow.id = live.flowId
  return live
}

/** The claims that the token opens. @throws {Refusal} `token_scope_insufficient` */
export function describeUser(
  { workspace, flow }: Exchange,
  live: LiveAccessToken,
): Readonly<Record<string, unknown>> {
  const { client, user } = live
  if (user === null || !live.scope.includes('openid')) {
    return flow.refuse('token_scope_insufficient', {
      received: live.scope.join(' ') || 'no scope',
      expected: 'openid',
    })
  }
  const claims = selectClaims(claimsOf(user), live.scope, live.claims?.userinfo ?? {})
  return { ...claims, sub: subjectFor(workspace, client.metadata, user.userId) }
}

/** From the Authorization header (RFC 6750 §2.1), or from a form body (§2.2); never from the URL, never from two. */
export function readAccessToken(exchange: Exchange): string {
  const { flow, request } = exchange
  const inBody = isForm(exchange) ? readForm(exchange) : undefined
  if (inBody) checkNotRepeated(exchange, inBody)
  const posted = inBody?.get('access_token')
  const bearer = parseBearer(request.headers.authorization)
  if (!isProblem(bearer)) {
    flow.check('token_in_two_places', posted === undefined)
    return bearer.token
  }
  if (bearer.problem === 'malformed') return flow.refuse('token_malformed')
  return posted ?? flow.refuse('token_missing', { received: bearer.problem })
}

function isForm({ request }: Exchange): boolean {
  const type = header(request, 'content-type')
  return (
    request.method === 'POST' &&
    type !== undefined &&
    type.toLowerCase().startsWith('application/x-www-form-urlencoded')
  )
}
