import type { ClientInput, PixyConfigInput } from './schema.ts'

type Scope = NonNullable<
  NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]['scopes']
>[number]

/** Secrets of those clients of the older systems that have one. */
export interface SystemSecrets {
  /** Secret of `demo-atm`. */
  readonly atmSecret: string
  /** Secret of `demo-toki-secret`. */
  readonly tokiSecret: string
}

/** Scopes that the older systems ask for. */
export const DEMO_SYSTEM_SCOPES: readonly Scope[] = [
  { name: 'read:core:entities', description: 'See your locks and keys' },
  { name: 'read:owneraccounts', description: 'See the accounts that you own' },
  { name: 'transfers.{account}', description: 'See transfers of the account {account}' },
  { name: 'revoke_tokens', description: 'End its own access' },
]

/** What Tapkey's userinfo says of the demo user beside the standard claims. */
export const DEMO_SYSTEM_CLAIMS = {
  ownerAccounts: [{ id: 'demo-account', name: 'Demo Doors' }],
  ownerAccountPermissions: [{ ownerAccountId: 'demo-account', role: 'owner' }],
}

const DAY = 86_400
const PEOPLE = 'openid profile email offline_access'

/**
 * A client for each older system, with its dialect on, as that system's own examples have it. The demo app at `spaUrl` may
 * ask in the name of one of them: it shows what a code is worth in another app's hands.
 */
export function demoSystemClients({
  spaUrl,
  atmSecret,
  tokiSecret,
}: SystemSecrets & { readonly spaUrl: string }): ClientInput[] {
  return [
    {
      client_id: 'demo-atm',
      client_name: 'Demo of ATM',
      application_type: 'web',
      redirect_uris: ['http://localhost:8080/callback'],
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: atmSecret,
      // Its users type their password into the application itself, so it must be the owner's own.
      first_party: true,
      consent: 'implied',
      identity_sources: ['pool'],
      scope: PEOPLE,
      dialects: ['atm'],
    },
    {
      client_id: 'demo-toki',
      client_name: 'Demo of TOKI',
      application_type: 'web',
      redirect_uris: ['http://localhost:8080/callback'],
      token_endpoint_auth_method: 'none',
      scope: PEOPLE,
      dialects: ['toki'],
    },
    {
      client_id: 'demo-toki-secret',
      client_name: 'Demo of TOKI, without PKCE',
      application_type: 'web',
      redirect_uris: ['http://localhost:8080/callback'],
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: tokiSecret,
      require_pkce: false,
      scope: PEOPLE,
      dialects: ['toki'],
    },
    {
      client_id: 'demo-tapkey',
      client_name: 'Demo of Tapkey',
      application_type: 'web',
      redirect_uris: [
        'https://localhost:44333/Auth/LoginCallback',
        'http://localhost:44333/Auth/LoginCallback',
        'http://localhost:55183/Auth/LoginCallback',
      ],
      token_endpoint_auth_method: 'none',
      access_token_lifetime: 3600,
      refresh_token: { policy: 'reuse', idle_lifetime: 90 * DAY, absolute_lifetime: 0 },
      scope: 'read:core:entities read:owneraccounts offline_access',
      dialects: ['tapkey'],
    },
    {
      client_id: 'demo-cloudentity',
      client_name: 'Demo of Cloudentity',
      application_type: 'web',
      redirect_uris: ['http://localhost:3000/callback'],
      post_logout_redirect_uris: ['http://localhost:3000/'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      web_origins: ['http://localhost:3000', spaUrl],
      scope: `${PEOPLE} revoke_tokens transfers.{account}`,
      dialects: ['cloudentity'],
    },
  ]
}
