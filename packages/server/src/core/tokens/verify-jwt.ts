import { verify } from 'node:crypto'
import { decodeJwtUnverified } from '../../protocol/jwt.ts'
import { isProblem } from '../../protocol/types.ts'
import type { Workspace } from '../workspaces/workspace.ts'
import { cryptoOptions, digestOf } from './sign-jwt.ts'

export interface VerifiedJwt {
  readonly typ: string
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * The claims of a JWT that this workspace signed, or nothing. Says nothing of its life or purpose: callers check `exp`,
 * `typ` and `aud`. The key decides the algorithm, never the header (RFC 8725 §3.1).
 *
 * @param options.issuers values of `iss` that are taken beside the workspace's own
 */
export function verifyOwnJwt(
  workspace: Workspace,
  token: string,
  options: { readonly withdrawnKeys?: boolean; readonly issuers?: readonly string[] } = {},
): VerifiedJwt | undefined {
  const decoded = decodeJwtUnverified(token)
  if (isProblem(decoded)) return undefined
  const { header, claims, signature } = decoded
  if (typeof header.kid !== 'string' || 'crit' in header) return undefined
  const found = workspace.keys.verifier(header.kid, options.withdrawnKeys)
  if (!found || header.alg !== found.alg) return undefined
  const input = Buffer.from(decoded.signingInput)
  if (!verify(digestOf(found.alg), input, cryptoOptions(found.alg, found.key), signature)) return undefined
  if (claims.iss !== workspace.issuer && !options.issuers?.some((issuer) => issuer === claims.iss))
    return undefined
  return { typ: typeof header.typ === 'string' ? header.typ : '', claims }
}
