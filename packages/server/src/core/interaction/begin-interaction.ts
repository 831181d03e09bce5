import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import { NO_PROGRESS } from '../authorization/progress.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { Exchange } from '../exchange.ts'
import { redirectReply } from '../replies.ts'
import { browserTransaction } from './forms.ts'
import { NO_BROWSER_YET } from './load-interaction.ts'
import { type PagePath, pageUrl } from './page-url.ts'

const INTERACTION_LIFE = 3600

/** Stores the request, and sends the browser on by GET: `/sign-in?flow=…` or wherever it stands. */
export async function beginInteraction(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  page: PagePath,
): Promise<OAuthReply> {
  const transaction = browserTransaction(exchange, exchange.flow.id)
  await insertInteraction(exchange, client, request, transaction.hash)
  return redirectReply(pageUrl(exchange, page, exchange.flow.id), transaction.cookies)
}

/**
 * Stores a request that was posted from the client's page. Such a post carries no SameSite=Lax cookie, so it cannot
 * tell which browser it is from (a cookie set now would replace the one that other tabs depend on): our own GET does
 * (`security.md` §4.5).
 */
export async function beginPostedInteraction(
  exchange: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
): Promise<OAuthReply> {
  await insertInteraction(exchange, client, request, NO_BROWSER_YET)
  return redirectReply(pageUrl(exchange, 'continue', exchange.flow.id))
}

async function insertInteraction(
  { deps, workspace, flow }: Exchange,
  client: ClientRecord,
  request: AuthorizationRequest,
  browserHash: string,
): Promise<void> {
  const now = deps.clock.now()
  await deps.store.interactions.insert({
    workspaceId: workspace.id,
    flowId: flow.id,
    browserHash,
    clientId: client.clientId,
    request: JSON.stringify(request),
    progress: JSON.stringify(NO_PROGRESS),
    createdAt: now,
    expiresAt: now + INTERACTION_LIFE,
    finishedAt: null,
  })
}
