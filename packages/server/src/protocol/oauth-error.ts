/** The status of each error code where the RFC that defines it leaves no choice or names a default. */
const STATUS = {
  // RFC 6749 §4.1.2.1, §5.2
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  invalid_scope: 400,
  access_denied: 400,
  server_error: 500,
  temporarily_unavailable: 503,
  // RFC 6750 §3.1
  invalid_token: 401,
  insufficient_scope: 403,
  // RFC 7009 §2.2.1
  unsupported_token_type: 400,
  // RFC 7591 §3.2.2
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  // RFC 8628 §3.5
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  // RFC 8707 §2
  invalid_target: 400,
  // RFC 9449 §5, §8
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  // RFC 9470 §3
  insufficient_user_authentication: 401,
  // OIDC Core §3.1.2.6
  interaction_required: 400,
  login_required: 400,
  account_selection_required: 400,
  consent_required: 400,
  invalid_request_uri: 400,
  invalid_request_object: 400,
  request_not_supported: 400,
  request_uri_not_supported: 400,
  registration_not_supported: 400,
  // OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2
  unmet_authentication_requirements: 400,
} as const

/** An `error` value that a client may receive. */
export type OAuthErrorCode = keyof typeof STATUS

/**
 * What the client's owner is told and the public never is. No member may hold a token, code, secret or
 * password.
 */
export interface ErrorDetail {
  readonly param?: string
  readonly received?: string
  readonly expected?: string
  readonly fix?: string
}

export interface OAuthErrorOptions {
  /** For us: what made this happen. */
  readonly cause?: unknown
  readonly detail?: ErrorDetail | undefined
  /** Replaces the code's own status, such as 429 for a throttled client. */
  readonly status?: number
}

/**
 * A refusal with three readers: `code` and `description` go to the client, `reason` to the operator's log,
 * metric and help page (`noun_what`, stable), `cause` to us.
 */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly reason: string
  readonly description: string
  readonly status: number
  readonly detail: ErrorDetail | undefined

  constructor(code: OAuthErrorCode, reason: string, description: string, options: OAuthErrorOptions = {}) {
    super(`${code} (${reason}): ${description}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'OAuthError'
    this.code = code
    this.reason = reason
    this.description = sanitizeDescription(description)
    this.status = options.status ?? STATUS[code]
    this.detail = options.detail
  }
}

/** The HTTP status an error code is answered with where it is not sent in a redirect. */
export function statusOf(code: OAuthErrorCode): number {
  return STATUS[code]
}

/** Whether a text is an error code we know, such as one that an upstream provider sent. */
export function isOAuthErrorCode(text: string): text is OAuthErrorCode {
  return Object.hasOwn(STATUS, text)
}

const MAX_DESCRIPTION = 512

/**
 * Brings a text into the character set of `error_description` (RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E).
 * Quotes become apostrophes, backslashes slashes, white space and control characters one space, the rest `?`.
 */
export function sanitizeDescription(text: string): string {
  const short = text.length > MAX_DESCRIPTION ? text.slice(0, MAX_DESCRIPTION) : text
  if (/^[ !#-[\]-~]*$/.test(short)) return short
  return short
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[^ -~]/gu, '?')
}
