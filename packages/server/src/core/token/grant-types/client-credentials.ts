import { isPublicClient } from '../../../protocol/client-metadata.ts'
import { requestedResources } from '../../authorization/resources.ts'
import { requestedScope } from '../../authorization/scope.ts'
import type { GrantType } from '../grant-type.ts'
import { chooseAudience, scopeForAudience } from '../narrowing.ts'

/** Scopes that are about a user: a client on its own behalf has none. */
const USER_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/** `client_credentials` (RFC 6749 §4.4): an access token for the client itself, without refresh or ID token. */
export const clientCredentials: GrantType = {
  name: 'client_credentials',

  async redeem(exchange, client, form) {
    const { deps, flow } = exchange
    flow.check('client_credentials_public', !isPublicClient(client.metadata))
    const asked = form.has('scope') ? requestedScope(exchange, client, form.get('scope')) : []
    const granted = asked.filter((scope) => !USER_SCOPES.has(scope))
    const resources = requestedResources(exchange, client, form.getAll('resource'))
    const audience = chooseAudience(exchange, form, resources)
    return {
      authorization: {
        clientId: client.clientId,
        userId: null,
        sid: null,
        scope: granted,
        resources,
        claims: null,
        nonce: null,
        authTime: null,
        acr: null,
        amr: [],
        flowId: flow.id,
      },
      grantId: null,
      user: null,
      scope: scopeForAudience(exchange, granted, audience),
      audience,
      nonce: null,
      async commit({ record }) {
        if (record) await deps.store.accessTokens.insert(record)
        return { refreshToken: undefined }
      },
    }
  },
}
