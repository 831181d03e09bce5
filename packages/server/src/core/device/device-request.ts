import type { ClientRecord, DeviceCodeRecord } from '../../store/records.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { Exchange } from '../exchange.ts'

/**
 * What a waiting device asks for, as an authorization request: no redirect target, its browser ends at our own page.
 * Pages that name a target for their policy name that one.
 */
export function deviceRequest(
  { workspace }: Exchange,
  client: ClientRecord,
  { codeHash, scope, resources }: DeviceCodeRecord,
  userCode: string,
): AuthorizationRequest {
  return {
    clientId: client.clientId,
    redirectUri: `${workspace.issuer}/device`,
    redirectUriSent: false,
    responseMode: 'query',
    state: null,
    tells: [],
    scope,
    nonce: null,
    prompt: [],
    maxAge: client.metadata.default_max_age ?? null,
    loginHint: null,
    requiredSubject: null,
    acrValues: [],
    uiLocales: [],
    display: 'page',
    claims: null,
    resources,
    codeChallenge: null,
    device: { codeHash, userCode },
  }
}
