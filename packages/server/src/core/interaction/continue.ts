import type { OAuthReply } from '../../protocol/types.ts'
import type { Exchange } from '../exchange.ts'
import { goOn } from './interaction.ts'
import { takeUpInteraction } from './load-interaction.ts'

/** Where a posted authorization request goes on by GET, with the cookies that the post did not carry. */
export async function continueInteraction(exchange: Exchange): Promise<OAuthReply> {
  const { interaction, cookies } = await takeUpInteraction(exchange)
  return goOn(exchange, interaction, cookies)
}
