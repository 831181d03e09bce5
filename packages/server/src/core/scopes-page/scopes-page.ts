import type { OAuthReply } from '../../protocol/types.ts'
import type { Exchange } from '../exchange.ts'
import { pageReply } from '../interaction/page-reply.ts'

/** GET `/scopes`: what `scopes_supported` names (RFC 8414 §2), for people: with descriptions, and for every workspace. */
export async function showScopes(exchange: Exchange): Promise<OAuthReply> {
  const { workspace } = exchange
  const scopes = workspace.scopeNames.map((name) => {
    const setting = workspace.settings.scopes.find((scope) => scope.name === name)
    return {
      name,
      description: setting?.description ?? null,
      required: name === 'openid' || setting?.required === true,
      sensitive: setting?.sensitive === true,
    }
  })
  return pageReply(exchange, 'scopes', { scopes })
}
