import { refuseCounted } from '../../core/client-authentication/authenticate-client.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Redemption } from '../../core/token/grant-type.ts'
import { refreshPolicy } from '../../core/token/refresh-lifetimes.ts'
import { parseRefreshToken } from '../../core/tokens/refresh-token.ts'
import { verifyOwnJwt } from '../../core/tokens/verify-jwt.ts'
import { tokenEndpointAuthMethod } from '../../protocol/client-metadata.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import type { ClientRecord } from '../../store/records.ts'

/**
 * What ID tokens of this dialect hold besides: `jti`, led by the grant as in access tokens, so that one can be told to
 * belong to a refresh token.
 */
export function idTokenClaims({ deps }: Exchange) {
  return ({ grantId }: Redemption): Readonly<Record<string, unknown>> =>
    grantId === null ? {} : { jti: `${grantId}.${deps.random.alphanumeric(16)}` }
}

/**
 * Whether a refresh comes without the secret that its client has, as ATM's page shows it.
 *
 * Security: only where refresh tokens rotate. Without its secret the client is as good as public, and one stolen pair of
 * tokens that stay the same would work for good (RFC 9700 §4.14.2).
 */
export function isRefreshWithoutSecret(
  { deps, request }: Exchange,
  client: ClientRecord,
  form: Parameters,
): boolean {
  return (
    form.get('grant_type') === 'refresh_token' &&
    !form.has('client_secret') &&
    request.headers.authorization === undefined &&
    tokenEndpointAuthMethod(client.metadata).startsWith('client_secret') &&
    refreshPolicy(deps, client).policy === 'rotate'
  )
}

/**
 * In place of the secret: the ID token that came with the refresh token, or with an earlier one of the same sign-in. It
 * may have expired, also its key may have left the JWKS; signature, client and grant must be right.
 *
 * Security: a stolen refresh token alone is not enough. Failures count as those of client authentication.
 *
 * @throws {Refusal} `client_authentication_missing`, `refresh_id_token_mismatch`, `client_throttled`
 */
export async function checkIdToken(
  exchange: Exchange,
  client: ClientRecord,
  form: Parameters,
): Promise<void> {
  const { deps, workspace, flow } = exchange
  const idToken = form.get('id_token')
  if (idToken === undefined) {
    return flow.refuse('client_authentication_missing', {
      param: 'id_token',
      received: 'neither client_secret nor id_token',
      expected: 'the client_secret, or the id_token of the same sign-in',
    })
  }
  const grantId = grantOf(exchange, client, idToken)
  const parts = parseRefreshToken(form.get('refresh_token') ?? '', workspace.secrets.tagKey)
  const found = parts && (await deps.store.refreshTokens.find(workspace.id, parts.familyHash))
  // A refresh token that nobody knows is core's to refuse.
  const belongs = grantId !== undefined && (!found || found.family.grantId === grantId)
  if (!belongs) return refuseCounted(exchange, 'refresh_id_token_mismatch', client.clientId)
  flow.check('refresh_id_token_mismatch', true)
}

/** The grant of an ID token that this workspace gave to this client. */
function grantOf({ workspace }: Exchange, client: ClientRecord, idToken: string): string | undefined {
  const verified = verifyOwnJwt(workspace, idToken, { withdrawnKeys: true })
  const { aud, jti } = verified?.claims ?? {}
  // Security: access tokens are signed by the same keys; their typ tells them apart.
  if (verified?.typ !== 'JWT' || aud !== client.clientId || typeof jti !== 'string') return undefined
  return jti.slice(0, Math.max(0, jti.indexOf('.')))
}
