import { sanitizeDescription } from './oauth-error.ts'

/** The attributes of a challenge in the order they are written. `undefined` ones are left out. */
export interface BearerChallenge {
  readonly realm?: string | undefined
  readonly scope?: string | undefined
  readonly error?: string | undefined
  readonly error_description?: string | undefined
  readonly error_uri?: string | undefined
  /** RFC 9728 §5.1: where the protected resource's metadata is. */
  readonly resource_metadata?: string | undefined
  /** RFC 9470 §3 */
  readonly acr_values?: string | undefined
  readonly max_age?: number | undefined
}

export interface DpopChallenge extends BearerChallenge {
  /** RFC 9449 §7.1: the signature algorithms that proofs may use, separated by spaces. */
  readonly algs?: string | undefined
}

/**
 * `WWW-Authenticate: Bearer …` (RFC 6750 §3). A request without credentials gets no `error` (§3.1).
 * Security: every value is quoted and cleaned, so none can start a second challenge or header.
 */
export function bearerChallenge(attributes: BearerChallenge = {}): string {
  return challenge('Bearer', attributes)
}

/** `WWW-Authenticate: DPoP …` (RFC 9449 §7.1). */
export function dpopChallenge(attributes: DpopChallenge = {}): string {
  return challenge('DPoP', attributes)
}

/** `WWW-Authenticate: Basic …` (RFC 7617 §2, §2.1), the answer to `invalid_client` (RFC 6749 §5.2). */
export function basicChallenge(realm: string): string {
  return `Basic realm=${quote(realm)}, charset="UTF-8"`
}

function challenge(scheme: string, attributes: DpopChallenge): string {
  const parameters: string[] = []
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue
    parameters.push(
      `${name}=${name === 'error_description' ? quote(sanitizeDescription(value)) : quote(`${value}`)}`,
    )
  }
  return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(', ')}`
}

/** A quoted-string (RFC 9110 §5.6.4) of printable ASCII; any other character becomes `?`. */
function quote(value: string): string {
  const printable = value.replace(/[^ -~]/gu, '?')
  return `"${printable.replace(/["\\]/g, '\\$&')}"`
}
