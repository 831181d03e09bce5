import type { Exchange } from '../../core/exchange.ts'
import { subjectFor } from '../../core/tokens/subject.ts'
import { liveAccessToken, resourceReply } from '../../core/userinfo/userinfo.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { deviates, refuseDialect, speaks } from '../speaks.ts'

export const USERINFO = 'tapkey_userinfo'

/** Tapkey's own scope for them. */
const ACCOUNTS_SCOPE = 'read:owneraccounts'

/**
 * `GET /api/v1/auth/auth/userinfo`: not OpenID's, so it needs no `openid`. `ipId` names the identity source that the user
 * comes from; the owner accounts are claims of the user's record.
 *
 * Security: the lists are empty without the scope that people consent to. Else whoever holds a token for anything else,
 * such as an API that was sent one, could read them.
 */
export async function vendorUserinfo(exchange: Exchange): Promise<OAuthReply> {
  return resourceReply(exchange, async () => {
    const { workspace, flow } = exchange
    const { client, user, scope } = await liveAccessToken(exchange)
    if (!speaks(client, 'tapkey')) {
      return refuseDialect(exchange, 'tapkey', {
        received: 'GET /api/v1/auth/auth/userinfo',
        expected: `GET ${workspace.issuer}/userinfo`,
        fix: `Ask for the scope openid and call ${workspace.issuer}/userinfo; id is called sub there.`,
      })
    }
    if (user === null) return flow.refuse('token_user_missing')
    deviates(exchange, client, USERINFO)
    const { ownerAccounts, ownerAccountPermissions } = scope.includes(ACCOUNTS_SCOPE) ? user.claims : {}
    return {
      ownerAccounts: Array.isArray(ownerAccounts) ? ownerAccounts : [],
      ownerAccountPermissions: Array.isArray(ownerAccountPermissions) ? ownerAccountPermissions : [],
      id: subjectFor(workspace, client.metadata, user.userId),
      ipId: user.sourceId,
    }
  })
}
