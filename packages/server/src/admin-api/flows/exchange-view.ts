import { z } from 'zod'
import { isReason, reasonEntry } from '../../core/decisions/reasons.ts'
import type { EpochSeconds } from '../../protocol/types.ts'
import type { FlowEventRecord } from '../../store/records.ts'

/** One check of an exchange, with what the catalogue knows of it. */
export interface DecisionView {
  readonly reason: string
  readonly outcome: 'passed' | 'refused' | 'noted'
  /** The section that was applied. */
  readonly section?: string | undefined
  readonly description?: string | undefined
  readonly param?: string | undefined
  readonly received?: string | undefined
  readonly expected?: string | undefined
  readonly fix?: string | undefined
}

/** One request of a flow and how it was answered. */
export interface ExchangeView {
  readonly event: string
  readonly flow: string
  readonly at: EpochSeconds
  readonly workspace: string
  readonly client_id: string | null
  /** `authorize`, `token`, `sign_in` … */
  readonly kind: string
  readonly method: string
  readonly path: string
  readonly status: number
  /** Why it was refused, or null. */
  readonly reason: string | null
  readonly decisions: readonly DecisionView[]
  /** What was sent, without secrets; in development only. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

const text = z.string().optional()
const storedDetail = z.object({
  method: z.string().catch(''),
  path: z.string().catch(''),
  status: z.number().catch(0),
  decisions: z
    .array(
      z.object({
        rule: z.string(),
        outcome: z.enum(['passed', 'refused', 'noted']),
        param: text,
        received: text,
        expected: text,
        fix: text,
      }),
    )
    .catch([]),
  parameters: z.record(z.string(), z.string()).optional().catch(undefined),
})

export function exchangeView(event: FlowEventRecord): ExchangeView {
  const { decisions, parameters, ...request } = storedDetail.parse(parse(event.detail))
  return {
    event: event.eventId,
    flow: event.flowId,
    at: event.at,
    workspace: event.workspaceId,
    client_id: event.clientId,
    kind: event.kind,
    ...request,
    reason: event.reason,
    decisions: decisions.map(({ rule, outcome, ...seen }) => ({
      reason: rule,
      outcome,
      ...catalogue(rule, outcome),
      ...seen,
    })),
    ...(parameters ? { parameters } : {}),
  }
}

/** Texts for what went wrong; for what passed the section is enough. */
function catalogue(rule: string, outcome: DecisionView['outcome']): Partial<DecisionView> {
  if (!isReason(rule)) return {}
  const { rule: section, description, fix } = reasonEntry(rule)
  return outcome === 'passed' ? { section } : { section, description, fix }
}

/** A row of an older release may be shaped differently: then it is shown as far as it can be. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return {}
  }
}
