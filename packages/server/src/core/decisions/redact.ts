import type { ErrorDetail } from '../../protocol/oauth-error.ts'

/** Tokens by their prefix, JWTs, and by their length codes, cookies and secrets (`core/handles.ts`). */
const SECRETS = /pixy_(?:rt|at)_[A-Za-z0-9]+|eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2}|[A-Za-z0-9]{50,}/g

/**
 * A text that a stranger sent, fit to be written down: people put codes into paths and tokens into `grant_type`, and
 * what opens something must not come to rest in a log (`security.md` §4.8).
 */
export function withoutSecrets(text: string): string {
  return text.replace(SECRETS, (secret) => `(${secret.length} characters)`)
}

/** The same for each text of a detail. */
export function redactDetail(detail: ErrorDetail): ErrorDetail {
  const texts = Object.entries(detail).map(([name, text]) => [name, withoutSecrets(text)])
  return Object.fromEntries(texts) as ErrorDetail
}
