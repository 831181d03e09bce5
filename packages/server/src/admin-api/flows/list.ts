import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { shortText } from '../text.ts'
import { getWorkspace, workspaceName } from '../workspaces.ts'
import { type ExchangeView, exchangeView } from './exchange-view.ts'

/** Read at most, however many are filtered out. */
const WINDOW = 2000

export const listFlows = defineOperation({
  name: 'flow.list',
  summary: 'Lists the last exchanges, newest first.',
  writes: false,
  input: z.strictObject({
    workspace: workspaceName,
    client_id: shortText.optional(),
    /** Only exchanges refused for this reason. */
    reason: shortText.optional(),
    refused: z.boolean().default(false),
    limit: z.int().min(1).max(1000).default(20),
  }),

  async run(deps, input): Promise<{ readonly exchanges: readonly ExchangeView[] }> {
    await deps.flowEvents?.flush()
    const workspace = input.workspace === undefined ? null : getWorkspace(deps, input.workspace).id
    const isFiltered = input.refused || input.client_id !== undefined || input.reason !== undefined
    const events = await deps.store.flowEvents.list(workspace, isFiltered ? WINDOW : input.limit)
    const chosen = events.filter(
      ({ clientId, reason }) =>
        (input.client_id === undefined || clientId === input.client_id) &&
        (input.reason === undefined || reason === input.reason) &&
        (!input.refused || reason !== null),
    )
    return { exchanges: chosen.slice(0, input.limit).map(exchangeView) }
  },
})
