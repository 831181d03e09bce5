import type { Exchange } from '../../core/exchange.ts'
import { subjectFor } from '../../core/tokens/subject.ts'
import { describeUser, liveAccessToken, resourceReply } from '../../core/userinfo/userinfo.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { deviates, refuseDialect, speaks } from '../speaks.ts'

export const USERINFO_PATH = 'toki_userinfo_path'

/**
 * `GET /userinfo/{user_id}`: the claims of `/userinfo`, where the id is the token's own subject.
 *
 * Security: the token alone decides whose claims are told. Any other id gets one answer, whether it exists or not.
 */
export async function userinfoOf(exchange: Exchange): Promise<OAuthReply> {
  return resourceReply(exchange, async () => {
    const { workspace, flow, request } = exchange
    const live = await liveAccessToken(exchange)
    const { client, user } = live
    if (!speaks(client, 'toki')) {
      return refuseDialect(exchange, 'toki', {
        received: 'GET /userinfo/{user_id}',
        expected: `GET ${workspace.issuer}/userinfo`,
        fix: `Call ${workspace.issuer}/userinfo without an id: the access token says whose claims are meant.`,
      })
    }
    if (user === null) return flow.refuse('token_user_missing')
    const subject = subjectFor(workspace, client.metadata, user.userId)
    flow.check('userinfo_subject_mismatch', idIn(request.path) === subject, () => ({
      received: 'an id that is not the sub of the access token',
      expected: `GET ${workspace.issuer}/userinfo/${subject}, or ${workspace.issuer}/userinfo`,
    }))
    const claims = describeUser(exchange, live)
    deviates(exchange, client, USERINFO_PATH)
    return claims
  })
}

/** The last segment of a path, as it was meant. */
function idIn(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
  } catch {
    return undefined
  }
}
