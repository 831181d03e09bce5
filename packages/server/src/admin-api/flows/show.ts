import { z } from 'zod'
import { AdminError } from '../admin-error.ts'
import { type AdminDeps, defineOperation } from '../operation.ts'
import { type ExchangeView, exchangeView } from './exchange-view.ts'

/** `flow_…` for a whole flow, `evt_…` for one exchange. */
export const flowId = z
  .string()
  .trim()
  .regex(/^(?:flow|evt)_[A-Za-z0-9]{1,60}$/, 'expected a flow_… or evt_… id, as errors and logs show it')

export interface FlowView {
  readonly id: string
  readonly flow: string
  readonly exchanges: readonly ExchangeView[]
}

export const showFlow = defineOperation({
  name: 'flow.show',
  summary: 'Shows every exchange of a flow with its decisions, oldest first.',
  writes: false,
  input: z.strictObject({ id: flowId }),

  async run(deps, { id }): Promise<FlowView> {
    return getFlow(deps, id)
  },
})

/** @throws {AdminError} `flow_unknown` */
export async function getFlow(deps: AdminDeps, id: string): Promise<FlowView> {
  await deps.flowEvents?.flush()
  const events = await deps.store.flowEvents.findByFlow(id)
  const [first] = events
  if (first) return { id, flow: first.flowId, exchanges: events.map(exchangeView) }
  throw new AdminError('flow_unknown', 'Nothing is known of this id.', {
    received: id,
    fix: 'Refusals are kept for 7 days, successes in development only. See the last ones: pixy flow list',
  })
}
