import type { AdminErrorDetail } from '../admin-api/admin-error.ts'

/** What a server said no with, as far as it told. */
export interface FailureDetail extends AdminErrorDetail {
  /** The OAuth error code. */
  readonly error?: string | undefined
  /** `flow_…`, for `pixy explain`. */
  readonly flow?: string | undefined
  /** Where it happened: `POST /oauth2/token 400`. */
  readonly request?: string | undefined
}

/** A verb could not do what it was asked to. Told as the one error object. */
export class Failure extends Error {
  override name = 'Failure'
  readonly reason: string
  readonly detail: FailureDetail

  constructor(reason: string, message: string, detail: FailureDetail = {}, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
    this.detail = detail
  }
}
