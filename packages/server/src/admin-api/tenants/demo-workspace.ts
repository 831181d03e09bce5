import type { PixyConfigInput } from '../../config/schema.ts'

type WorkspaceInput = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]

/** The clients and the user that a demo workspace begins with. */
export const DEMO_SPA = 'demo-spa'
export const DEMO_WEB = 'demo-web'
export const DEMO_USERNAME = 'demo@example.com'

const SCOPE = 'openid profile email offline_access notes:read notes:write notes:delete'

/**
 * A workspace to try a sign-in with, as the configuration file would have it. It is closed: whoever wants in has the
 * password that was made for it. `webSecret` is that of the confidential client.
 */
export function demoWorkspace(tenantName: string, webSecret: string): WorkspaceInput {
  return {
    id: 'demo',
    name: `${tenantName} Demo`.slice(0, 200),
    registration: 'off',
    client_id_metadata_documents: false,
    scopes: [
      { name: 'notes:read', description: 'See your notes' },
      { name: 'notes:write', description: 'Create and edit your notes' },
      { name: 'notes:delete', description: 'Delete your notes', sensitive: true },
    ],
    identity_sources: [{ id: 'pool', type: 'pool' }],
    clients: [
      {
        client_id: DEMO_SPA,
        client_name: 'Demo app in the browser',
        application_type: 'web',
        redirect_uris: ['http://localhost:3000/callback'],
        post_logout_redirect_uris: ['http://localhost:3000/'],
        token_endpoint_auth_method: 'none',
        scope: SCOPE,
      },
      {
        client_id: DEMO_WEB,
        client_name: 'Demo app on a server',
        application_type: 'web',
        redirect_uris: ['http://localhost:3000/callback'],
        post_logout_redirect_uris: ['http://localhost:3000/'],
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: webSecret,
        scope: SCOPE,
      },
    ],
  }
}

/** Claims of the demo user (OIDC Core §5.1). */
export const DEMO_CLAIMS = {
  name: 'Demo User',
  given_name: 'Demo',
  family_name: 'User',
  email: DEMO_USERNAME,
  email_verified: true,
}
