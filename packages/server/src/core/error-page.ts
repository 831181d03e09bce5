import type { OAuthReply } from '../protocol/types.ts'
import { reasonEntry } from './decisions/reasons.ts'
import type { Refusal } from './decisions/refusal.ts'
import { docUrl } from './error-reply.ts'
import { type Exchange, mayExplain } from './exchange.ts'
import { clientDisplay, pageReply } from './interaction/page-reply.ts'

/** An error that stays with us, as a page: what happened, whose turn it is, and in development how to mend it. */
export async function errorPage(exchange: Exchange, refusal: Refusal): Promise<OAuthReply> {
  const { deps, flow, workspace } = exchange
  const explained = mayExplain(exchange)
  const reason = explained ? refusal.reason : refusal.publicReason
  const entry = reasonEntry(reason)
  const named = explained || !entry.anonymous ? flow.clientId : null
  const client = named === null ? undefined : await workspace.client(named).catch(() => undefined)
  const { param, received, expected, fix } = refusal.detail
  const blame = entry.blame ?? 'client'
  const props = {
    status: refusal.status,
    code: entry.error,
    reason,
    description: entry.description,
    blame,
    client: client ? clientDisplay(client) : null,
    reference: flow.id,
    detail: explained
      ? {
          param: param ?? null,
          received: received ?? null,
          expected: expected ?? null,
          fix: fix ?? null,
          rule: entry.rule,
          command: `pixy explain ${flow.id}`,
        }
      : null,
    docUrl: docUrl(deps.workspaces.url, reason),
    restartUrl:
      blame === 'user' && client
        ? (client.metadata.initiate_login_uri ?? client.metadata.client_uri ?? null)
        : null,
  }
  const headers: Record<string, string> = {}
  if (refusal.retryAfter !== undefined) headers['retry-after'] = String(refusal.retryAfter)
  else if (refusal.status === 503) headers['retry-after'] = '2'
  return pageReply(exchange, 'error', props, { status: refusal.status, flowId: flow.id, headers })
}
