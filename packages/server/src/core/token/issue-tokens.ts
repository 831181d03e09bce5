import { formatScope } from '../../protocol/scope.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { jsonReply } from '../replies.ts'
import { type AccessToken, mintAccessToken } from '../tokens/access-token.ts'
import type { AccessTokenProfile } from '../tokens/access-token-profile.ts'
import { mintIdToken } from '../tokens/id-token.ts'
import { subjectFor } from '../tokens/subject.ts'
import type { Redemption } from './grant-type.ts'

/** What the token endpoint gives out, before it becomes an answer. */
export interface IssuedTokens {
  readonly client: ClientRecord
  readonly redemption: Redemption
  /** The user as this client sees them; the client id where there is none. */
  readonly subject: string
  readonly access: AccessToken
  readonly idToken: string | undefined
  readonly refreshToken: string | undefined
}

/** How tokens are written where that is not the standard's way. */
export interface TokenForm {
  /** Default: RFC 9068, or an opaque token where the settings say so. */
  readonly accessToken?: AccessTokenProfile | undefined
  /** Further claims of the ID token. */
  readonly idTokenClaims?: ((redemption: Redemption) => Readonly<Record<string, unknown>>) | undefined
}

/**
 * Mints what was redeemed, and commits. Signed before it is spent: a failure to sign burns nobody's code. To be sent only
 * after it is stored.
 */
export async function issueTokens(
  exchange: Exchange,
  client: ClientRecord,
  redemption: Redemption,
  form: TokenForm = {},
): Promise<IssuedTokens> {
  const { deps, workspace } = exchange
  const { authorization, user, scope, exchanged } = redemption
  const subject = user ? subjectFor(workspace, client.metadata, user.userId) : client.clientId
  const access = await mintAccessToken(
    deps,
    workspace,
    {
      client,
      subject,
      user,
      grantId: redemption.grantId,
      scope,
      audience: redemption.audience,
      authTime: authorization.authTime,
      acr: authorization.acr,
      amr: authorization.amr,
      sid: authorization.sid,
      actor: exchanged?.actor,
      notAfter: exchanged?.notAfter,
    },
    // Another profile could not say who acts.
    exchanged ? undefined : form.accessToken,
  )
  const idToken =
    user && scope.includes('openid') && !exchanged
      ? await mintIdToken(deps, workspace, {
          client,
          user,
          subject,
          authorization,
          scope,
          accessToken: access.token,
          nonce: redemption.nonce,
          further: form.idTokenClaims?.(redemption),
        })
      : undefined
  const { refreshToken } = await redemption.commit({ expiresAt: access.expiresAt, record: access.record })
  return { client, redemption, subject, access, idToken, refreshToken }
}

/** The successful answer (RFC 6749 §5.1, OIDC Core §3.1.3.3). */
export function tokenReply({ access, idToken, refreshToken, redemption }: IssuedTokens): OAuthReply {
  const { scope, exchanged } = redemption
  return jsonReply(200, {
    access_token: access.token,
    ...(exchanged ? { issued_token_type: exchanged.issuedTokenType } : {}),
    token_type: 'Bearer',
    expires_in: access.expiresIn,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    // A scope has at least one token (RFC 6749 App. A.4): an empty one is left out.
    ...(scope.length === 0 ? {} : { scope: formatScope(scope) }),
  })
}
