import type { OAuthReply } from '../protocol/types.ts'

const JSON_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
} as const

/** JSON that nobody may keep (RFC 6749 §5.1). */
export function jsonReply(
  status: number,
  body: unknown,
  headers: Record<string, string | string[]> = {},
): OAuthReply {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }
}

/**
 * 303, so that the browser goes on by GET whatever it did before: a 307 would hand a password on (RFC 9700 §4.12).
 */
export function redirectReply(location: string, cookies: readonly string[] = []): OAuthReply {
  return {
    status: 303,
    headers: {
      location,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      ...(cookies.length > 0 ? { 'set-cookie': [...cookies] } : {}),
    },
    body: '',
  }
}

export function emptyReply(status: number, headers: Record<string, string | string[]> = {}): OAuthReply {
  return { status, headers: { 'cache-control': 'no-store', ...headers }, body: '' }
}
