import type { OpenIdProviders } from '../core/ports.ts'
import type { OpenIdProvidersOptions } from './openid-provider.ts'

/** The same, with the library read when the first person goes to a provider: most servers know none, and start sooner. */
export function lazyOpenIdProviders(options: OpenIdProvidersOptions): OpenIdProviders {
  let loaded: Promise<OpenIdProviders> | undefined
  const load = () => {
    loaded ??= import('./openid-provider.ts').then(({ openIdProviders }) => openIdProviders(options))
    return loaded
  }
  return {
    async authorizationUrl(client, request) {
      return (await load()).authorizationUrl(client, request)
    },
    async redeem(client, response) {
      return (await load()).redeem(client, response)
    },
  }
}
