/** What else the person who asked should know. No member may hold a secret or a password. */
export interface AdminErrorDetail {
  readonly received?: string | undefined
  readonly expected?: string | undefined
  /** What to do, a command where there is one. */
  readonly fix?: string | undefined
  /** Everything that is wrong, where it may be more than one thing: `path: what was received, what is expected`. */
  readonly problems?: readonly string[] | undefined
}

/** An operation's refusal as it goes over the wire. */
export interface AdminErrorBody extends AdminErrorDetail {
  /** `noun_what`, stable. */
  readonly reason: string
  readonly message: string
}

/** An operation refused, and says why: anything else that is thrown is a bug or the database's trouble. */
export class AdminError extends Error {
  override name = 'AdminError'
  readonly reason: string
  readonly detail: AdminErrorDetail

  constructor(reason: string, message: string, detail: AdminErrorDetail = {}) {
    super(message)
    this.reason = reason
    this.detail = detail
  }

  toJSON(): AdminErrorBody {
    return { reason: this.reason, message: this.message, ...this.detail }
  }
}
