import { isPublicClient } from '../../protocol/client-metadata.ts'
import type { Parameters } from '../../protocol/parameters.ts'
import { describeChallenge, describeMethod, isCodeChallenge } from '../../protocol/pkce.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'

/**
 * The code_challenge (RFC 7636 §4.3), S256 alone. Required of everybody but a confidential client whose owner switched
 * it off by name (OAuth 2.1 §7.5.1).
 */
export function checkPkce({ flow }: Exchange, client: ClientRecord, parameters: Parameters): string | null {
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  if (challenge === undefined) {
    const optional = client.metadata.require_pkce === false && !isPublicClient(client.metadata)
    // Security: an empty or method-only attempt at PKCE is a fault, not a wish to do without (downgrade).
    const tried = method !== undefined || parameters.names().includes('code_challenge')
    flow.check('code_challenge_missing', optional && !tried)
    return null
  }
  // The method first: who sends `SHA256` with a hex challenge learns both from the first fix.
  flow.check('code_challenge_method_unsupported', method === 'S256', () => describeMethod(method))
  flow.check('code_challenge_malformed', isCodeChallenge(challenge), () => describeChallenge(challenge))
  return challenge
}
