import { parseFormBody, parseParameters } from '../../protocol/parameters.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { isProblem } from '../../protocol/types.ts'
import type { FlowEventRecord } from '../../store/records.ts'
import { type Exchange, header } from '../exchange.ts'
import { newId } from '../handles.ts'
import type { Decision } from './flow.ts'
import { withoutSecrets } from './redact.ts'

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

/** Values that open nothing and name nobody. Of all others, misspelt ones too, the length is shown instead. */
const HARMLESS = new Set([
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce', 'resource'],
  ...['prompt', 'max_age', 'display', 'ui_locales', 'claims_locales', 'acr_values', 'claims'],
  ...['code_challenge', 'code_challenge_method', 'grant_type', 'client_assertion_type', 'token_type_hint'],
  ...['post_logout_redirect_uri', 'flow', 'action', 'remember'],
])
const LONGEST_PATH = 300

/** The record of an exchange that has been answered. */
export function flowEvent(exchange: Exchange, reply: OAuthReply): FlowEventRecord {
  const { deps, workspace, flow, request } = exchange
  const now = deps.clock.now()
  const refused = flow.decisions.findLast((decision) => decision.outcome === 'refused')
  const detail: FlowEventDetail = {
    method: request.method,
    path: withoutSecrets(request.path.slice(0, LONGEST_PATH)),
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
  const { body, query } = request
  // A body that is no form is not taken apart: its secrets would pass for names.
  const inBody = body !== undefined && body.length > 0 && body.length <= 16_384
  const parsed = inBody ? parseFormBody(body, header(request, 'content-type')) : parseParameters(query)
  if (isProblem(parsed)) return {}
  const redacted: Record<string, string> = {}
  for (const name of parsed.names().slice(0, 50)) {
    const value = parsed.getAll(name).join(' ')
    const isHarmless = HARMLESS.has(name)
    redacted[withoutSecrets(name).slice(0, 64)] = isHarmless
      ? withoutSecrets(value).slice(0, 300)
      : `(${value.length} characters)`
  }
  return redacted
}
