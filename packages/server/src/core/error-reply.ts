import type { OAuthReply } from '../protocol/types.ts'
import { basicChallenge, bearerChallenge } from '../protocol/www-authenticate.ts'
import { reasonEntry } from './decisions/reasons.ts'
import type { Refusal } from './decisions/refusal.ts'
import { type Exchange, header, mayExplain } from './exchange.ts'
import { jsonReply } from './replies.ts'

/** Where the page of a reason is. */
export function docUrl(productUrl: string, reason: string): string {
  return `${productUrl}/docs/errors/${reason}`
}

/** What a refusal tells whoever sees it: everything where that may be explained, else the public reason. */
export function describeRefusal(exchange: Exchange, refusal: Refusal) {
  const { workspaces } = exchange.deps
  const explained = mayExplain(exchange)
  const reason = explained ? refusal.reason : refusal.publicReason
  const entry = reasonEntry(reason)
  return {
    error: entry.error,
    error_description: entry.description,
    error_uri: docUrl(workspaces.url, reason),
    reason,
    flow: exchange.flow.id,
    ...(explained ? { rule: entry.rule, ...refusal.detail } : {}),
  }
}

/** The JSON error of RFC 6749 §5.2. */
export function errorReply(exchange: Exchange, refusal: Refusal): OAuthReply {
  const body = describeRefusal(exchange, refusal)
  const headers: Record<string, string> = {}
  if (refusal.retryAfter !== undefined) headers['retry-after'] = String(refusal.retryAfter)
  else if (refusal.status === 503) headers['retry-after'] = '2'
  if (body.error === 'invalid_client' && refusal.status === 401) {
    headers['www-authenticate'] = basicChallenge(exchange.workspace.issuer)
  }
  return jsonReply(refusal.status, body, headers)
}

/** The error of a protected resource (RFC 6750 §3): a challenge, and the same as JSON. */
export function bearerErrorReply(exchange: Exchange, refusal: Refusal): OAuthReply {
  const body = describeRefusal(exchange, refusal)
  // Without any token there is nothing to say but what is asked for (RFC 6750 §3.1).
  const anonymous =
    refusal.reason === 'token_missing' && header(exchange.request, 'authorization') === undefined
  const challenge = anonymous
    ? bearerChallenge({ realm: exchange.workspace.issuer })
    : bearerChallenge({
        realm: exchange.workspace.issuer,
        error: body.error,
        error_description: body.error_description,
        ...(refusal.reason === 'token_scope_insufficient' ? { scope: 'openid' } : {}),
      })
  return jsonReply(
    refusal.status,
    body,
    refusal.status < 500 ? { 'www-authenticate': challenge } : { 'retry-after': '2' },
  )
}
