import { hash } from 'node:crypto'
import type { OAuthReply } from '../../protocol/types.ts'
import { type Exchange, header } from '../exchange.ts'
import { JWKS_MAX_AGE } from '../keys/rotation.ts'

/** The public keys (RFC 7517 §5), with an ETag; verifiers may keep them for five minutes. */
export async function jwks({ workspace, request }: Exchange): Promise<OAuthReply> {
  const keys = workspace.keys
    .published()
    .map(({ kid, alg, publicJwk }) => ({ ...publicJwk, kid, alg, use: 'sig' }))
  return cacheable(request, JSON.stringify({ keys }), 'application/json', JWKS_MAX_AGE)
}

/** A public document that caches may keep, answered 304 to who has it already (RFC 9110 §13.1.2). */
export function cacheable(
  request: Exchange['request'],
  body: string,
  contentType: string,
  maxAge: number,
): OAuthReply {
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 22)}"`
  const headers = { 'cache-control': `public, max-age=${maxAge}`, etag }
  const known = header(request, 'if-none-match')
    ?.split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  if (known) return { status: 304, headers, body: '' }
  return { status: 200, headers: { ...headers, 'content-type': contentType }, body }
}
