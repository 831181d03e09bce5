import type { Authorization, ClientRecord, UserRecord } from '../../store/records.ts'
import { isAssigned } from '../accounts/assignment.ts'
import type { Exchange } from '../exchange.ts'
import { enabledUser } from '../sessions/browser-session.ts'

/**
 * Who agreed to a grant; null where a client acts for itself. They may have been disabled, or taken off the client, since.
 *
 * @throws {Refusal} `user_disabled`
 */
export async function grantOwner(
  exchange: Exchange,
  client: ClientRecord,
  { userId }: Authorization,
): Promise<UserRecord | null> {
  if (userId === null) return null
  const user = await enabledUser(exchange, userId)
  if (!user) return exchange.flow.refuse('user_disabled')
  exchange.flow.check('user_disabled', isAssigned(client, user), () => ({
    received: 'not assigned to this client any more',
  }))
  return user
}
