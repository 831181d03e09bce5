import type { ClaimsRequest } from '../../protocol/claims-request.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { verifyOwnJwt } from '../tokens/verify-jwt.ts'

/**
 * Whom the client insists on: the subject of `id_token_hint` (OIDC Core §3.1.2.1) or a `sub` asked for by value
 * (§5.5.1). An expired hint counts, also one signed by a key that has left the JWKS since. The value is a `sub` as this
 * client sees it; `sameSubject` compares.
 */
export function requiredUser(
  { flow, workspace }: Exchange,
  client: ClientRecord,
  hint: string | undefined,
  claims: ClaimsRequest | null,
): string | null {
  const wanted = claims?.id_token.sub?.value ?? claims?.userinfo.sub?.value
  if (hint === undefined) return typeof wanted === 'string' ? wanted : null
  const verified = verifyOwnJwt(workspace, hint, { withdrawnKeys: true })
  const { sub, aud } = verified?.claims ?? {}
  const isOurs = verified?.typ === 'JWT' && typeof sub === 'string' && aud === client.clientId
  flow.check('id_token_hint_invalid', isOurs, () => ({
    received:
      verified === undefined
        ? 'a token that this issuer did not sign'
        : `typ ${verified.typ}, aud ${String(aud)}`,
    expected: `an ID token of ${client.clientId}`,
  }))
  flow.check('id_token_hint_invalid', typeof wanted !== 'string' || wanted === sub)
  return typeof sub === 'string' ? sub : null
}
