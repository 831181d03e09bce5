import {
  DEMO_SYSTEM_CLAIMS,
  DEMO_SYSTEM_SCOPES,
  demoSystemClients,
  type SystemSecrets,
} from './demo-systems.ts'
import type { ClientInput, PixyConfigInput } from './schema.ts'

export interface DemoOptions extends SystemSecrets {
  /** Where Pixy answers. */
  readonly url: string
  /** Origin of the demo single-page app. */
  readonly spaUrl: string
  /** Origin of the demo API, which is also its resource identifier. */
  readonly apiUrl: string
  /** The demo user's initial password. */
  readonly password: string
  /** Secret of `demo-web`. */
  readonly webSecret: string
  /** Secret of `demo-machine`. */
  readonly machineSecret: string
  /** Without the sandbox, which `--production` refuses. */
  readonly production?: boolean
}

const USER_SCOPES = 'openid profile email address phone offline_access'
const NOTES_SCOPES = 'notes:read notes:write notes:delete'

/**
 * The tenant that `pixy start` makes in an empty data folder: one issuer at `/`, a user, an API, four clients, and those of
 * the older systems.
 */
export function demoConfig(options: DemoOptions): PixyConfigInput {
  const clients = [...demoClients(options), ...demoSystemClients(options)]
  return {
    url: options.url,
    tenants: [
      {
        id: 'demo',
        name: 'Pixy Demo',
        workspaces: [
          {
            id: 'main',
            name: 'Pixy Demo',
            path: '/',
            signing_algs: ['RS256', 'ES256'],
            registration: 'open',
            loopback_resources: true,
            sign_up: 'open',
            scopes: [
              { name: 'notes:read', description: 'See your notes' },
              { name: 'notes:write', description: 'Create and edit your notes' },
              { name: 'notes:delete', description: 'Delete your notes', sensitive: true },
              ...DEMO_SYSTEM_SCOPES,
            ],
            resources: [{ identifier: options.apiUrl, name: 'Notes API', scopes: NOTES_SCOPES.split(' ') }],
            identity_sources: [
              { id: 'pool', type: 'pool' },
              ...(options.production ? [] : [{ id: 'sandbox', type: 'sandbox' as const }]),
            ],
            clients,
            users: [
              {
                source: 'pool',
                username: 'demo@example.com',
                password: options.password,
                clients: clients.filter(signsPeopleIn).map(({ client_id }) => client_id),
                claims: { ...DEMO_CLAIMS, ...DEMO_SYSTEM_CLAIMS },
              },
            ],
          },
        ],
      },
    ],
  }
}

function signsPeopleIn({ redirect_uris = [] }: ClientInput): boolean {
  return redirect_uris.length > 0
}

function demoClients({ spaUrl, webSecret, machineSecret }: DemoOptions): ClientInput[] {
  return [
    {
      client_id: 'demo-spa',
      client_name: 'Notes',
      client_uri: `${spaUrl}/`,
      application_type: 'web',
      redirect_uris: [`${spaUrl}/callback`],
      post_logout_redirect_uris: [`${spaUrl}/`],
      token_endpoint_auth_method: 'none',
      scope: `${USER_SCOPES} ${NOTES_SCOPES}`,
    },
    {
      client_id: 'pixy-cli',
      client_name: 'Pixy command line',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
      token_endpoint_auth_method: 'none',
      scope: `${USER_SCOPES} ${NOTES_SCOPES}`,
    },
    {
      client_id: 'demo-web',
      client_name: 'Notes on the web',
      application_type: 'web',
      redirect_uris: ['http://localhost:8080/callback', 'http://localhost:3000/callback'],
      post_logout_redirect_uris: ['http://localhost:8080/', 'http://localhost:3000/'],
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: webSecret,
      scope: `${USER_SCOPES} ${NOTES_SCOPES}`,
    },
    {
      client_id: 'demo-machine',
      client_name: 'Notes backup',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      client_secret: machineSecret,
      scope: NOTES_SCOPES,
    },
  ]
}

/** Every standard claim (OIDC Core §5.1) but those that Pixy gives. */
const DEMO_CLAIMS = {
  name: 'Demo User',
  given_name: 'Demo',
  family_name: 'User',
  middle_name: 'Q.',
  nickname: 'Demo',
  preferred_username: 'demo',
  profile: 'https://example.com/people/demo',
  picture: 'https://example.com/people/demo.png',
  website: 'https://example.com',
  email: 'demo@example.com',
  email_verified: true,
  gender: 'other',
  birthdate: '1990-04-01',
  zoneinfo: 'Europe/Vienna',
  locale: 'en-GB',
  phone_number: '+1 202 555 0123',
  phone_number_verified: true,
  address: {
    formatted: '1 Example Street\n1010 Vienna\nAustria',
    street_address: '1 Example Street',
    locality: 'Vienna',
    region: 'Vienna',
    postal_code: '1010',
    country: 'Austria',
  },
}
