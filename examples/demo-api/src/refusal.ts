import type { Reply } from './reply.ts'

export interface RefusalDetails {
  /** Stable id of the rule, as in Pixy's own errors. */
  readonly reason: string
  readonly description: string
  readonly received?: string
  readonly expected?: string
  readonly fix?: string
  /** The scope that would do (RFC 6750 §3). */
  readonly scope?: string
}

/** A request that is turned down: RFC 6750 §3.1's code, or null where no token came at all. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 413 | 415 | 503
  readonly code: string | null
  readonly details: RefusalDetails

  constructor(status: Refusal['status'], code: string | null, details: RefusalDetails) {
    super(details.description)
    this.status = status
    this.code = code
    this.details = details
  }
}

/** The refusal as status, `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1) and a JSON body that says the same. */
export function refusalReply(
  { status, code, details }: Refusal,
  { metadataUrl, development }: { readonly metadataUrl: string; readonly development: boolean },
): Reply {
  const { reason, description, received, expected, fix, scope } = details
  const body = {
    error: code ?? 'token_missing',
    error_description: description,
    reason,
    ...(development ? { received, expected, fix } : {}),
  }
  if (status !== 401 && status !== 403) return { status, body }
  const parameters = [
    ['resource_metadata', metadataUrl],
    // RFC 6750 §3.1: a request without a token gets no error code.
    ...(code === null
      ? []
      : [
          ['error', code],
          ['error_description', description],
        ]),
    ...(scope === undefined ? [] : [['scope', scope]]),
  ]
  const challenge = parameters.map(([name, value]) => `${name}="${quotable(value ?? '')}"`).join(', ')
  return { status, body, headers: { 'WWW-Authenticate': `Bearer ${challenge}` } }
}

/** RFC 6750 §3: printable ASCII without quote and backslash. */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")
}
