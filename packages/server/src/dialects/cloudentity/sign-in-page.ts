import type { Exchange } from '../../core/exchange.ts'
import { peekInteraction } from '../../core/interaction/load-interaction.ts'
import { showSignInOnly } from '../../core/interaction/sign-in.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import type { Around } from '../dialect.ts'
import { speaks } from '../speaks.ts'

/**
 * The documentation tries the authorization endpoint with `curl --location`, which follows to the sign-in page without the
 * cookie it was given. It sees the page; nobody can sign in by it.
 *
 * Security: not for browsers, where a sign-in belongs to the one that began it (RFC 6819 §4.4.1.8): they say so in
 * Sec-Fetch headers, in the cookies they keep, or by asking for HTML.
 */
export const signInWithoutCookies: Around = (next) => async (exchange) =>
  (await pageForProgram(exchange)) ?? next(exchange)

async function pageForProgram(exchange: Exchange): Promise<OAuthReply | undefined> {
  if (isBrowser(exchange.request.headers)) return undefined
  const interaction = await peekInteraction(exchange, (client) => speaks(client, 'cloudentity'))
  return interaction && showSignInOnly(exchange, interaction)
}

function isBrowser(headers: Exchange['request']['headers']): boolean {
  const names = Object.keys(headers)
  if (names.some((name) => name === 'cookie' || name.startsWith('sec-fetch-'))) return true
  return [headers.accept].flat().some((accept) => accept?.includes('text/html') === true)
}
