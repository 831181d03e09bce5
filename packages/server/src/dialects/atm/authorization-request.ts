import type { Exchange } from '../../core/exchange.ts'
import { Parameters } from '../../protocol/parameters.ts'
import { splitUri } from '../../protocol/uri.ts'
import type { ClientRecord } from '../../store/records.ts'
import { coreChallenge } from './challenge.ts'
import type { AtmDeviation } from './deviations.ts'
import type { Translated } from './names.ts'

/** Asked for where the request and the registration name no scope: what ATM's answers hold. */
const DEFAULT_SCOPE = 'openid profile email offline_access'

/**
 * A whole authorization request (RFC 6749 §4.1.1) out of ATM's: what was left out comes from the registration.
 *
 * @throws {Refusal} `redirect_uri_missing`, and those of the challenge
 */
export function authorizationRequest(
  exchange: Exchange,
  client: ClientRecord,
  { parameters: given, deviations }: Translated,
): Translated {
  const challenge = coreChallenge(exchange, given)
  const redirectUri = given.get('redirect_uri') ?? onlyRedirectUri(exchange, client)
  const isBare = ['response_type', 'redirect_uri', 'scope'].some((name) => !given.has(name))
  const own: readonly AtmDeviation[] = [
    ...(isBare ? (['atm_bare_request'] as const) : []),
    ...(isUndotted(redirectUri) ? (['atm_undotted_scheme'] as const) : []),
  ]
  return {
    parameters: Parameters.from({
      ...given.toObject(),
      client_id: client.clientId,
      response_type: given.get('response_type') ?? 'code',
      redirect_uri: redirectUri,
      scope: given.get('scope') ?? client.metadata.scope ?? DEFAULT_SCOPE,
      code_challenge: challenge.value,
      code_challenge_method: 'S256',
    }),
    deviations: [...deviations, ...challenge.deviations, ...own],
  }
}

function onlyRedirectUri({ flow }: Exchange, { clientId, metadata }: ClientRecord): string {
  const [only, ...others] = metadata.redirect_uris ?? []
  if (only === undefined) return flow.refuse('redirect_uri_unregistered')
  if (others.length > 0)
    return flow.refuse('redirect_uri_missing', {
      received: `none, and ${others.length + 1} are registered`,
      expected: [only, ...others].slice(0, 5).join(' or '),
      fix: `Add redirect_uri to the request, or leave one registered: pixy client update ${clientId} --remove-redirect-uri URI`,
    })
  return only
}

/** RFC 8252 §7.1 */
function isUndotted(uri: string): boolean {
  const scheme = splitUri(uri)?.scheme.toLowerCase() ?? ''
  return scheme !== 'https' && scheme !== 'http' && !scheme.includes('.')
}
