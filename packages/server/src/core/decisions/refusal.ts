import { type ErrorDetail, OAuthError } from '../../protocol/oauth-error.ts'
import { type Reason, reasons } from './reasons.ts'
import { redactDetail } from './redact.ts'

/** An `OAuthError` whose code, description and help come from the catalogue of reasons. */
export class Refusal extends OAuthError {
  override readonly reason: Reason
  override readonly detail: ErrorDetail
  /** Seconds for `Retry-After`. */
  retryAfter: number | undefined

  constructor(reason: Reason, detail: ErrorDetail = {}, cause?: unknown) {
    const entry = reasons[reason]
    const complete: ErrorDetail = {
      ...('param' in entry ? { param: entry.param } : {}),
      fix: entry.fix,
      ...redactDetail(detail),
    }
    super(entry.error, reason, entry.description, {
      detail: complete,
      ...('status' in entry ? { status: entry.status } : {}),
      ...(cause === undefined ? {} : { cause }),
    })
    this.name = 'Refusal'
    this.reason = reason
    this.detail = complete
  }

  /** The reason that the public may learn in production: several that would tell too much apart share one. */
  get publicReason(): Reason {
    const entry = reasons[this.reason]
    return 'public' in entry ? (entry.public as Reason) : this.reason
  }
}

/** A refusal that says when to come back. */
export function throttled(reason: Reason, retryAfter: number, detail: ErrorDetail = {}): Refusal {
  const refusal = new Refusal(reason, detail)
  refusal.retryAfter = retryAfter
  return refusal
}
