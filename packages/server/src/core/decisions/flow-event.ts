import { parseParameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { isProblem } from '../../protocol/types.ts'
import type { FlowEventRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { newId } from '../handles.ts'
import type { Decision } from './flow.ts'

const WEEK = 7 * 86_400

/** What `pixy explain` and the inspector read: how one exchange went. */
export interface FlowEventDetail {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly decisions: readonly Decision[]
  /** What was sent, with secrets left out; development only. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

/** Values that open something, or name a person: their length is shown instead. */
const SECRET = new Set([
  'code',
  'code_verifier',
  'client_secret',
  'password',
  'password_confirm',
  'refresh_token',
  'access_token',
  'token',
  'client_assertion',
  'id_token_hint',
  'csrf',
  'username',
  'name',
  'subject_token',
  'actor_token',
  'login_hint',
])

/** The record of an exchange that has been answered. */
export function flowEvent(exchange: Exchange, reply: OAuthReply): FlowEventRecord {
  const { deps, workspace, flow, request } = exchange
  const now = deps.clock.now()
  const refused = flow.decisions.findLast((decision) => decision.outcome === 'refused')
  const detail: FlowEventDetail = {
    method: request.method,
    path: request.path,
    status: reply.status,
    decisions: flow.decisions,
    ...(deps.development ? { parameters: redactedParameters(exchange) } : {}),
  }
  return {
    workspaceId: workspace.id,
    eventId: newId(deps.random, 'evt'),
    flowId: flow.id,
    at: now,
    kind: flow.kind,
    clientId: flow.clientId,
    reason: refused?.rule ?? null,
    detail: JSON.stringify(detail),
    expiresAt: now + WEEK,
  }
}

function redactedParameters({ request }: Exchange): Record<string, string> {
  const raw =
    request.body && request.body.length <= 16_384 ? new TextDecoder().decode(request.body) : request.query
  const parsed = parseParameters(raw)
  if (isProblem(parsed)) return {}
  const redacted: Record<string, string> = {}
  for (const name of parsed.names().slice(0, 50)) {
    const value = parsed.getAll(name).join(' ')
    redacted[name.slice(0, 64)] = SECRET.has(name) ? `(${value.length} characters)` : value.slice(0, 300)
  }
  return redacted
}
