import { testConfig } from '../../support/test-config.ts'

export const CALLBACK = 'http://localhost:8080/callback'
export const SECRET = 'toki-secret-0123456789-0123456789'

const shared = {
  redirect_uris: [CALLBACK],
  scope: 'openid profile email offline_access',
  dialects: ['toki' as const],
}
const confidential = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' as const }

/** TOKI's two kinds of clients and a few beside them; `strict` and `strict-secret` are the same without the dialect. */
export const config = testConfig({
  clients: [
    { ...shared, client_id: 'toki-pkce' },
    { ...shared, client_id: 'toki-secret', ...confidential, require_pkce: false },
    { ...shared, client_id: 'toki-both', ...confidential },
    { ...shared, client_id: 'toki-pairwise', subject_type: 'pairwise' },
    { ...shared, client_id: 'toki-opaque', access_token_format: 'opaque' },
    {
      client_id: 'toki-machine',
      ...confidential,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      dialects: ['toki'],
    },
    { ...shared, client_id: 'strict', dialects: [] },
    { ...shared, client_id: 'strict-secret', ...confidential, dialects: [] },
  ],
})
