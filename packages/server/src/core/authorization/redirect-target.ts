import type { Parameters } from '../../protocol/parameters.ts'
import { findRedirectUri, nearestRedirectUri } from '../../protocol/redirect-uri.ts'
import { parseResponseMode } from '../../protocol/response-mode.ts'
import { isProblem } from '../../protocol/types.ts'
import type { ClientRecord } from '../../store/records.ts'
import type { Exchange } from '../exchange.ts'
import { shown } from '../form.ts'
import type { ResponseExtra, ResponseTarget } from './request.ts'

/** The client of an authorization request; until its redirect URI is proven, errors stay on our own page. */
export async function findClient(
  { flow, workspace }: Exchange,
  parameters: Parameters,
): Promise<ClientRecord> {
  refuseRepeated(flow, parameters, 'client_id')
  const clientId = parameters.get('client_id')
  if (clientId === undefined) {
    const old = parameters.has('clientId')
    return flow.refuse('client_id_missing', old ? { received: 'clientId', expected: 'client_id' } : {})
  }
  const client = clientId.length <= 2048 ? await workspace.client(clientId) : undefined
  if (!client || client.disabled)
    return flow.refuse('authorization_client_unknown', { received: shown(clientId) })
  flow.clientId = client.clientId
  return client
}

/**
 * The redirect URI, compared exactly (RFC 9700 §2.1; loopback ports RFC 8252 §7.3). It may be left out only where one
 * is registered and the request's own scope does not name `openid` (OIDC Core §3.1.2.1 wants it always).
 */
export function findTarget(
  { flow }: Exchange,
  client: ClientRecord,
  parameters: Parameters,
  tells: readonly ResponseExtra[] = ['iss'],
): ResponseTarget {
  refuseRepeated(flow, parameters, 'redirect_uri')
  const registered = client.metadata.redirect_uris ?? []
  const requested = parameters.get('redirect_uri')
  flow.check('redirect_uri_unregistered', registered.length > 0)

  let redirectUri: string
  if (requested === undefined) {
    const isOpenId = parameters.getAll('scope').some((scope) => scope.split(' ').includes('openid'))
    const only = registered.length === 1 ? registered[0] : undefined
    if (only === undefined || isOpenId || parameters.names().includes('redirect_uri')) {
      return flow.refuse('redirect_uri_missing', { expected: registered.slice(0, 5).join(' or ') })
    }
    redirectUri = only
  } else {
    if (findRedirectUri(registered, requested) === undefined)
      refuseMismatch(flow, client, registered, requested)
    flow.check('redirect_uri_mismatch', true)
    redirectUri = requested
  }

  const mode = parseResponseMode(parameters.get('response_mode'))
  return {
    clientId: client.clientId,
    redirectUri,
    redirectUriSent: requested !== undefined,
    responseMode: isProblem(mode) ? 'query' : mode,
    state: parameters.get('state') ?? null,
    tells,
  }
}

function refuseRepeated(flow: Exchange['flow'], parameters: Parameters, name: string): void {
  flow.check('parameter_repeated', !parameters.duplicates.includes(name), () => ({ param: name }))
}

function refuseMismatch(
  flow: Exchange['flow'],
  client: ClientRecord,
  registered: readonly string[],
  requested: string,
): never {
  const nearest = nearestRedirectUri(registered, requested)
  flow.refuse('redirect_uri_mismatch', {
    received: shown(requested, 300),
    ...(nearest
      ? {
          expected: nearest.registered,
          fix: `The ${nearest.difference} differs. Send the registered URI, or register this one: pixy client update ${client.clientId} --add-redirect-uri ${shown(requested, 200)}`,
        }
      : {}),
  })
}
