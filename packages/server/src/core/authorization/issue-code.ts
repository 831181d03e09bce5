import type { Authorization, AuthorizationCodeRecord, SessionRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { hashHandle, newHandle, newId } from '../handles.ts'
import { allowedClaims } from './claims-consent.ts'
import type { AuthorizationRequest } from './request.ts'

/** Who agreed, and how they proved who they are; `sid` null where no browser session was begun. */
export type Authentication = Pick<SessionRecord, 'userId' | 'authTime' | 'acr' | 'amr'> & {
  readonly sid: string | null
}

export interface IssuedCode {
  readonly code: string
  /** To be stored before the code leaves. */
  readonly record: AuthorizationCodeRecord
}

/**
 * Makes the authorization code (RFC 6749 §4.1.2): random, without prefix, bound to all that was agreed. `allowed` is what
 * the user allowed of `scopeToConsent`.
 */
export function makeCode(
  { deps, workspace, flow }: Exchange,
  request: AuthorizationRequest,
  by: Authentication,
  allowed: readonly string[],
): IssuedCode {
  const now = deps.clock.now()
  const code = newHandle(deps.random)
  return {
    code,
    record: {
      workspaceId: workspace.id,
      codeHash: hashHandle(code),
      grantId: newId(deps.random, 'grant'),
      redirectUri: request.redirectUri,
      redirectUriSent: request.redirectUriSent,
      codeChallenge: request.codeChallenge,
      authorization: agreed(request, by, allowed, flow.id),
      issuedAt: now,
      expiresAt: now + workspace.settings.lifetimes.authorization_code,
      consumedAt: null,
    },
  }
}

/** What of the request was allowed, and by whom. */
export function agreed(
  request: AuthorizationRequest,
  by: Authentication,
  allowed: readonly string[],
  flowId: string,
): Authorization {
  return {
    clientId: request.clientId,
    userId: by.userId,
    sid: by.sid,
    scope: request.scope.filter((scope) => allowed.includes(scope)),
    resources: request.resources,
    claims: allowedClaims(request.claims, allowed),
    nonce: request.nonce,
    authTime: by.authTime,
    acr: by.acr,
    amr: by.amr,
    flowId,
  }
}
