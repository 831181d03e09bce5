import type { PixyConfigInput } from '../../src/config/schema.ts'

export const ALICE = { username: 'alice@example.com', password: 'alice knows a long password' } as const
export const BOB = { username: 'bob@example.com', password: 'bob knows another password' } as const
export const WEB_SECRET = 'web-secret-0123456789-0123456789'
export const SECOND_SECRET = 'second-secret-0123456789-01234567'

type Workspace = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]
type Client = NonNullable<Workspace['clients']>[number]

const CALLBACK = 'https://app.example/callback'
const EVERYTHING = 'openid profile email address phone offline_access notes:read notes:write notes:delete'

const clients: readonly Client[] = [
  {
    client_id: 'spa',
    client_name: 'Notes',
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: ['https://app.example/bye'],
    scope: EVERYTHING,
  },
  {
    client_id: 'spa-two',
    client_name: 'Second app',
    redirect_uris: [CALLBACK, 'https://app.example/other'],
    scope: EVERYTHING,
  },
  {
    client_id: 'spa-implied',
    client_name: 'First party',
    redirect_uris: [CALLBACK],
    consent: 'implied',
    scope: EVERYTHING,
  },
  {
    client_id: 'web',
    client_name: 'Web app',
    redirect_uris: [CALLBACK],
    client_secrets: [{ value: WEB_SECRET }, { value: SECOND_SECRET }],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: EVERYTHING,
  },
  {
    client_id: 'web-post',
    redirect_uris: [CALLBACK],
    client_secret: WEB_SECRET,
    token_endpoint_auth_method: 'client_secret_post',
    scope: EVERYTHING,
  },
  {
    client_id: 'web-no-pkce',
    redirect_uris: [CALLBACK],
    client_secret: WEB_SECRET,
    token_endpoint_auth_method: 'client_secret_post',
    require_pkce: false,
    scope: EVERYTHING,
  },
  {
    client_id: 'native',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.app:/callback'],
    scope: EVERYTHING,
  },
  { client_id: 'opaque', redirect_uris: [CALLBACK], access_token_format: 'opaque', scope: EVERYTHING },
  { client_id: 'pairwise', redirect_uris: [CALLBACK], subject_type: 'pairwise', scope: EVERYTHING },
  {
    client_id: 'reuse',
    redirect_uris: [CALLBACK],
    client_secret: WEB_SECRET,
    token_endpoint_auth_method: 'client_secret_post',
    refresh_token: { policy: 'reuse', idle_lifetime: 7_776_000, absolute_lifetime: 0, retry_window: 30 },
    scope: EVERYTHING,
  },
  { client_id: 'assigned', redirect_uris: [CALLBACK], user_access: 'assigned', scope: EVERYTHING },
]

/** What most tests run on: one workspace at `/`, clients of every kind, Alice with all claims, Bob with few. */
export function testConfig(
  changes: { readonly workspace?: Partial<Workspace>; readonly clients?: readonly Client[] } = {},
): PixyConfigInput {
  return {
    tenants: [
      {
        id: 'acme',
        name: 'Acme',
        workspaces: [
          {
            id: 'main',
            name: 'Acme',
            path: '/',
            signing_algs: ['RS256', 'ES256', 'PS256', 'EdDSA'],
            sign_up: 'open',
            scopes: [
              { name: 'notes:read', description: 'See your notes' },
              { name: 'notes:write', description: 'Create and edit your notes' },
              { name: 'notes:delete', description: 'Delete notes', sensitive: true },
            ],
            resources: [
              {
                identifier: 'https://api.example',
                name: 'Notes API',
                scopes: ['notes:read', 'notes:write', 'notes:delete'],
                introspection_clients: ['web'],
              },
              { identifier: 'https://other.example', name: 'Other API' },
            ],
            identity_sources: [{ id: 'pool', type: 'pool' }],
            clients: [...clients, ...(changes.clients ?? [])],
            users: [
              {
                source: 'pool',
                ...ALICE,
                clients: ['assigned'],
                claims: {
                  name: 'Alice Adams',
                  given_name: 'Alice',
                  family_name: 'Adams',
                  email: 'alice@example.com',
                  email_verified: true,
                  phone_number: '+1 555 0100',
                  phone_number_verified: true,
                  address: { formatted: '1 Main Street', locality: 'Springfield', country: 'US' },
                  birthdate: '1990-01-02',
                  zoneinfo: 'Europe/Berlin',
                  locale: 'en',
                  website: 'https://alice.example',
                },
              },
              {
                source: 'pool',
                ...BOB,
                claims: { name: 'Bob', email: 'bob@example.com', email_verified: false },
              },
            ],
            ...changes.workspace,
          },
        ],
      },
    ],
  }
}
