import type { AuthorizationCodeRecord, SessionRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { hashHandle, newHandle, newId } from '../handles.ts'
import type { AuthorizationRequest } from './request.ts'

export interface IssuedCode {
  readonly code: string
  /** To be stored before the code leaves. */
  readonly record: AuthorizationCodeRecord
}

/** Makes the authorization code (RFC 6749 §4.1.2): random, without prefix, bound to all that was agreed. */
export function makeCode(
  { deps, workspace, flow }: Exchange,
  request: AuthorizationRequest,
  session: SessionRecord,
  scope: readonly string[],
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
      authorization: {
        clientId: request.clientId,
        userId: session.userId,
        sid: session.sid,
        scope,
        resources: request.resources,
        claims: request.claims,
        nonce: request.nonce,
        authTime: session.authTime,
        acr: session.acr,
        amr: session.amr,
        flowId: flow.id,
      },
      issuedAt: now,
      expiresAt: now + workspace.settings.lifetimes.authorization_code,
      consumedAt: null,
    },
  }
}
