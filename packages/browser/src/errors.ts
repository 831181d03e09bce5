/**
 * What went wrong: an OAuth error code from the server (RFC 6749 §4.1.2.1, §5.2; OIDC Core §3.1.2.6), or one of this
 * client's own.
 */
export type AuthErrorCode =
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  /** The callback has no `state`. */
  | 'state_missing'
  /** This tab waits for other logins, but not for this one: somebody else's answer, or a mixed-up tab. */
  | 'state_mismatch'
  /** This tab waits for no login at all: its storage was cleared, or the link was opened in another tab. */
  | 'login_not_found'
  /** The login was redeemed, and the session it gave has ended since. */
  | 'login_finished'
  /** The server promises `iss` in its answers and this one has none (RFC 9207 §2.4). */
  | 'iss_missing'
  /** The answer comes from another server than the question went to: a mix-up attack (RFC 9207). */
  | 'iss_mismatch'
  | 'callback_invalid'
  | 'id_token_missing'
  /** See `reason` for the check that failed. */
  | 'id_token_invalid'
  /** No session, or nothing to renew its access token with: call `login()`. */
  | 'login_required'
  | 'network_error'
  | 'response_invalid'
  | 'discovery_failed'
  | 'issuer_mismatch'
  | 'not_supported'
  | 'origin_not_allowed'
  | 'return_to_not_allowed'
  | 'insecure_context'
  | 'storage_unavailable'
  | (string & {})

export interface AuthErrorDetails {
  readonly hint?: string | undefined
  readonly docUrl?: string | undefined
  readonly flowId?: string | undefined
  readonly reason?: string | undefined
  readonly received?: string | undefined
  readonly expected?: string | undefined
  readonly status?: number | undefined
  readonly cause?: unknown
}

/** Every failure of this package is one of these. Messages hold no tokens, codes or verifiers. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode
  /** What to do about it. From a Pixy server in development: its exact fix. */
  readonly hint: string | undefined
  /** A page about this error (`error_uri`). */
  readonly docUrl: string | undefined
  /** Pixy's id of the whole flow: `pixy explain flow_…` tells its story. */
  readonly flowId: string | undefined
  /** The rule that was broken, e.g. `code_verifier_mismatch`. */
  readonly reason: string | undefined
  readonly received: string | undefined
  readonly expected: string | undefined
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined

  constructor(code: AuthErrorCode, message: string, details: AuthErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.docUrl = details.docUrl
    this.flowId = details.flowId
    this.reason = details.reason
    this.received = details.received
    this.expected = details.expected
    this.status = details.status
  }
}

/**
 * Reads an error answer of the server: RFC 6749's three members, and what Pixy adds while developing (`reason`,
 * `received`, `expected`, `fix`, `flow`). An answer by redirect has the three alone; Pixy's `error_uri` then holds
 * reason and flow.
 */
export function serverError(read: (name: string) => unknown, status?: number): AuthError {
  const text = (name: string): string | undefined => {
    const value = read(name)
    return typeof value === 'string' ? value : value == null ? undefined : JSON.stringify(value)
  }
  const code = text('error') ?? 'response_invalid'
  const docUrl = webUrl(text('error_uri'))
  const page = docUrl === undefined ? null : URL.parse(docUrl)
  return new AuthError(code, text('error_description') ?? `The server answered ${code}.`, {
    hint: text('fix'),
    docUrl,
    flowId: text('flow') ?? page?.searchParams.get('flow') ?? undefined,
    reason: text('reason') ?? page?.pathname.match(/\/docs\/errors\/([a-z_]+)$/)?.[1],
    received: text('received'),
    expected: text('expected'),
    status,
  })
}

/** Security: apps put this into a link, so `javascript:` and its kin must not pass. */
function webUrl(text: string | undefined): string | undefined {
  return text && /^https?:\/\//i.test(text) ? text : undefined
}
