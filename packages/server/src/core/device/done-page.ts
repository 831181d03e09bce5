import type { OAuthReply } from '../../protocol/types.ts'
import type { Exchange } from '../exchange.ts'
import { loadFinishedInteraction } from '../interaction/load-interaction.ts'
import { clientDisplay, pageReply } from '../interaction/page-reply.ts'

/** GET: how it ended, for the browser in which that was decided. */
export async function showDeviceDone(exchange: Exchange): Promise<OAuthReply> {
  const { deps, workspace, flow } = exchange
  const { client, request, record } = await loadFinishedInteraction(exchange)
  const device = request.device && (await deps.store.deviceCodes.find(workspace.id, request.device.codeHash))
  // Other interactions with the same code are over without an answer of theirs.
  if (!device || device.answeredAt === null || device.answeredAt !== record.finishedAt) {
    return flow.refuse('interaction_finished')
  }
  const connected = device.authorization?.flowId === record.flowId
  return pageReply(
    exchange,
    'device-done',
    { client: clientDisplay(client), connected },
    { flowId: record.flowId },
  )
}
