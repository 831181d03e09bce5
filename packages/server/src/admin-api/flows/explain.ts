import { z } from 'zod'
import { isReason, reasonEntry } from '../../core/decisions/reasons.ts'
import { docUrl } from '../../core/error-reply.ts'
import { defineOperation } from '../operation.ts'
import type { ExchangeView } from './exchange-view.ts'
import { flowId, getFlow } from './show.ts'

/** The error object that every surface shows, as its owner may see it. */
export interface Explanation {
  readonly id: string
  readonly flow: string
  readonly exchanges: number
  /** Absent where nothing was refused. */
  readonly refusal?: {
    readonly event: string
    readonly at: number
    readonly workspace: string
    readonly client_id: string | null
    readonly request: string
    readonly status: number
    readonly error: string | undefined
    readonly error_description: string | undefined
    readonly error_uri: string
    readonly reason: string
    readonly section?: string | undefined
    readonly param?: string | undefined
    readonly received?: string | undefined
    readonly expected?: string | undefined
    readonly fix?: string | undefined
  }
}

export const explain = defineOperation({
  name: 'explain',
  summary: 'Says why a request was refused, by the flow_… or evt_… id that the error named.',
  writes: false,
  input: z.strictObject({ id: flowId }),

  async run(deps, { id }): Promise<Explanation> {
    const { flow, exchanges } = await getFlow(deps, id)
    const refused = exchanges.findLast(({ reason }) => reason !== null)
    return {
      id,
      flow,
      exchanges: exchanges.length,
      ...(refused ? { refusal: describe(refused, deps.workspaces.url) } : {}),
    }
  },
})

function describe(exchange: ExchangeView, productUrl: string): NonNullable<Explanation['refusal']> {
  const reason = exchange.reason ?? ''
  const decision = exchange.decisions.findLast(({ outcome }) => outcome === 'refused')
  return {
    event: exchange.event,
    at: exchange.at,
    workspace: exchange.workspace,
    client_id: exchange.client_id,
    request: `${exchange.method} ${exchange.path}`,
    status: exchange.status,
    error: isReason(reason) ? reasonEntry(reason).error : undefined,
    error_description: decision?.description,
    error_uri: docUrl(productUrl, reason),
    reason,
    section: decision?.section,
    param: decision?.param,
    received: decision?.received,
    expected: decision?.expected,
    fix: decision?.fix,
  }
}
