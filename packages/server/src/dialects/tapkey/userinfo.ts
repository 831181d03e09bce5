import type { Exchange } from '../../core/exchange.ts'
import { subjectFor } from '../../core/tokens/subject.ts'
import { liveAccessToken, resourceReply } from '../../core/userinfo/userinfo.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { deviates, refuseDialect, speaks } from '../speaks.ts'

export const USERINFO = 'tapkey_userinfo'

/**
 * `GET /api/v1/auth/auth/userinfo`: not OpenID's, so it needs no `openid`. `ipId` names the identity source that the user
 * comes from; the owner accounts are claims of the user's record.
 */
export async function vendorUserinfo(exchange: Exchange): Promise<OAuthReply> {
  return resourceReply(exchange, async () => {
    const { workspace, flow } = exchange
    const { client, user } = await liveAccessToken(exchange)
    if (!speaks(client, 'tapkey')) {
      return refuseDialect(exchange, 'tapkey', {
        received: 'GET /api/v1/auth/auth/userinfo',
        expected: `GET ${workspace.issuer}/userinfo`,
        fix: `Ask for the scope openid and call ${workspace.issuer}/userinfo; id is called sub there.`,
      })
    }
    if (user === null) return flow.refuse('token_user_missing')
    deviates(exchange, client, USERINFO)
    const { ownerAccounts = [], ownerAccountPermissions = [] } = user.claims
    return {
      ownerAccounts,
      ownerAccountPermissions,
      id: subjectFor(workspace, client.metadata, user.userId),
      ipId: user.sourceId,
    }
  })
}
