import type { ProviderSource } from '../authorization/identity-sources.ts'
import type { Exchange } from '../exchange.ts'
import type { ProviderClient } from '../ports.ts'

const DEFAULT_SCOPE = 'openid profile email'

/** Where the provider sends the browser back to; its last segment is the source. */
export const CALLBACK_PREFIX = '/federation/callback/'

/**
 * Ourselves as a client of the provider.
 *
 * Security: each source has a redirect URI of its own. A provider that hands the browser on to another one's
 * authorization endpoint gets that one's code delivered to the wrong place, where it is refused (mix-up, RFC 9700
 * §4.4.2).
 */
export function providerClient({ deps, workspace }: Exchange, source: ProviderSource): ProviderClient {
  const { id, issuer, client_id, client_secret_sealed } = source
  const context = providerSecretContext(workspace.id, id, issuer)
  return {
    issuer,
    clientId: client_id,
    clientSecret: client_secret_sealed === undefined ? null : deps.vault.open(client_secret_sealed, context),
    redirectUri: `${workspace.issuer}${CALLBACK_PREFIX}${id}`,
  }
}

/** What binds our sealed secret to source and provider: it is never sent to another. */
export function providerSecretContext(workspaceId: string, sourceId: string, issuer: string): string {
  return `workspaces|identity_source|${workspaceId}|${sourceId}|${issuer}`
}

/** Always with `openid`: without it there is no ID token. */
export function providerScope({ scope = DEFAULT_SCOPE }: ProviderSource): string {
  const names = scope.split(' ').filter((name) => name !== '')
  return [...new Set(['openid', ...names])].join(' ')
}

/** The name on buttons and in messages. */
export function providerName({ id, name, issuer }: ProviderSource): string {
  return name ?? URL.parse(issuer)?.hostname ?? id
}
