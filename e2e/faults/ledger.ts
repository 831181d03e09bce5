/** One login's tokens, as far as their answers reached us. */
export interface Family {
  readonly user: string
  /** Redeemed with an answer: whoever presents it again must be refused. */
  readonly code: string
  readonly verifier: string
  accessToken: string
  refreshToken: string
  /** A refresh or revocation was sent and its answer never came. */
  pending: 'refresh' | 'revoke' | null
  /** The revocation was acknowledged. */
  revoked: boolean
}

/** A code whose redemption was sent and never answered: it may have been spent, or not. */
export interface PendingCode {
  readonly user: string
  readonly code: string
  readonly verifier: string
}

/** Facts that the server acknowledged: the last byte of the answer reached us. */
export class Ledger {
  readonly families: Family[] = []
  readonly pendingCodes: PendingCode[] = []
  /** Codes that were handed out and never sent back. */
  readonly unusedCodes: PendingCode[] = []
  readonly users: Array<{ readonly username: string; readonly password: string }> = []
  readonly counts = {
    logins: 0,
    refreshes: 0,
    revocations: 0,
    signUps: 0,
    kills: 0,
    checks: 0,
    unanswered: 0,
  }

  /** Those that must work: acknowledged, not revoked, nothing in doubt. */
  live(): Family[] {
    return this.families.filter((family) => !family.revoked && family.pending === null)
  }
}
