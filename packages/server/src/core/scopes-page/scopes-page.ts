import { exampleOf } from '../../protocol/dynamic-scope.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { Exchange } from '../exchange.ts'
import { pageReply } from '../interaction/page-reply.ts'

/** GET `/scopes`: what `scopes_supported` names (RFC 8414 §2), for people: with descriptions, and for every workspace. */
export async function showScopes(exchange: Exchange): Promise<OAuthReply> {
  const { scopes, scopePatterns, scopeNames } = exchange.workspace
  const patterns = new Map(scopePatterns.map((dynamic) => [dynamic.pattern.name, dynamic]))
  const listed = scopeNames.map((name) => {
    const dynamic = patterns.get(name)
    const setting = dynamic?.setting ?? scopes.get(name)
    return {
      name,
      description: setting?.description ?? null,
      required: name === 'openid' || setting?.required === true,
      sensitive: setting?.sensitive === true,
      pattern: dynamic
        ? { placeholders: dynamic.pattern.placeholders, example: exampleOf(dynamic.pattern) }
        : null,
    }
  })
  return pageReply(exchange, 'scopes', { scopes: listed })
}
