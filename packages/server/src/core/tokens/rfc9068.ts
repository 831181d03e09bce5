import type { Actor } from '../../store/records.ts'
import type { AccessTokenProfile } from './access-token-profile.ts'

/** The JWT profile of access tokens (RFC 9068 §2.2). */
export const rfc9068: AccessTokenProfile = {
  write(workspace, order, { issuedAt, expiresAt, jti }) {
    return {
      iss: workspace.issuer,
      sub: order.subject,
      aud: order.audience,
      client_id: order.client.clientId,
      exp: expiresAt,
      iat: issuedAt,
      jti,
      ...(order.scope.length > 0 ? { scope: order.scope.join(' ') } : {}),
      ...(order.authTime === null ? {} : { auth_time: order.authTime }),
      ...(order.acr === null ? {} : { acr: order.acr }),
      ...(order.amr.length > 0 ? { amr: order.amr } : {}),
      ...(order.sid === null ? {} : { sid: order.sid }),
      ...(order.actor === undefined ? {} : { act: order.actor }),
    }
  },

  read({ client_id, aud, iat, exp, jti, scope, act }) {
    if (typeof client_id !== 'string' || typeof aud !== 'string' || typeof jti !== 'string') return undefined
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined
    return {
      clientId: client_id,
      audience: aud,
      issuedAt: iat,
      expiresAt: exp,
      jti,
      scope: typeof scope === 'string' ? scope.split(' ') : [],
      // Signed by us, so it has the shape we gave it.
      actor: (act as Actor | undefined) ?? null,
    }
  },
}
