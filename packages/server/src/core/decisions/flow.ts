import type { ErrorDetail } from '../../protocol/oauth-error.ts'
import { newId } from '../handles.ts'
import type { Random } from '../ports.ts'
import type { Reason } from './reasons.ts'
import { redactDetail } from './redact.ts'
import { Refusal } from './refusal.ts'

/** One check: named after the refusal it can cause. */
export interface Decision {
  readonly rule: Reason
  readonly outcome: 'passed' | 'refused' | 'noted'
  readonly param?: string | undefined
  readonly received?: string | undefined
  readonly expected?: string | undefined
  readonly fix?: string | undefined
}

/**
 * The decision log of one exchange. `check` costs next to nothing while all is well; the first refusal throws, and the
 * OAuth error, the log line, the stored event and the page all read the same record.
 */
export class Flow {
  /** The history this exchange belongs to. An exchange that finds its code or session later moves there. */
  id: string
  clientId: string | null = null
  readonly kind: string
  readonly decisions: Decision[] = []

  constructor(kind: string, random: Random) {
    this.kind = kind
    this.id = newId(random, 'flow')
  }

  /** @throws {Refusal} where `ok` is false. */
  check(rule: Reason, ok: boolean, detail?: () => ErrorDetail): void {
    if (!ok) this.refuse(rule, detail?.())
    this.decisions.push({ rule, outcome: 'passed' })
  }

  /** @throws {Refusal} always */
  refuse(rule: Reason, detail: ErrorDetail = {}, cause?: unknown): never {
    const refusal = new Refusal(rule, detail, cause)
    this.decisions.push({ rule, outcome: 'refused', ...refusal.detail })
    throw refusal
  }

  /** Something the owner should know, though the request went on. */
  note(rule: Reason, detail: ErrorDetail = {}): void {
    this.decisions.push({ rule, outcome: 'noted', ...redactDetail(detail) })
  }
}
