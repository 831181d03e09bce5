import type { AccessTokenProfile } from '../../core/tokens/access-token-profile.ts'
import type { UserRecord } from '../../store/records.ts'

const ISSUER = 'atm'

/**
 * ATM's access token: `iss` is the word `atm`, `aud` the client, and `scope` an object that describes the user, as far as
 * the granted scopes allow. `jti` is ours: by it userinfo and introspection see whether the grant lives.
 */
export const atmAccessToken: AccessTokenProfile = {
  issuer: ISSUER,
  algorithm: 'RS256',

  write(_workspace, { client, subject, user, scope }, { issuedAt, expiresAt, jti }) {
    const claim = (of: string, name: string) => (scope.includes(of) ? textOf(user, name) : '')
    return {
      iat: issuedAt,
      iss: ISSUER,
      exp: expiresAt,
      aud: client.clientId,
      jti,
      scope: {
        email: claim('email', 'email'),
        id: subject,
        firstName: claim('profile', 'given_name'),
        lastName: claim('profile', 'family_name'),
      },
    }
  },

  read({ aud, iat, exp, jti }) {
    if (typeof aud !== 'string' || typeof jti !== 'string') return undefined
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined
    return { clientId: aud, issuedAt: iat, expiresAt: exp, jti, scope: null, audience: null }
  },
}

function textOf(user: UserRecord | null, name: string): string {
  const value = user?.claims[name]
  return typeof value === 'string' ? value : ''
}
