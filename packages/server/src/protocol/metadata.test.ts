import { describe, expect, it } from 'vitest'
import { buildMetadata, type MetadataInput } from './metadata.ts'

const MINIMAL: MetadataInput = {
  issuer: 'https://auth.example/acme/main',
  endpoints: {
    authorization_endpoint: '/oauth2/authorize',
    token_endpoint: '/oauth2/token',
    jwks_uri: '/.well-known/jwks.json',
  },
  signing_algs: ['RS256', 'ES256'],
  scopes: ['openid', 'profile'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods: ['client_secret_basic', 'none'],
}

describe('buildMetadata (OIDC Discovery §3, RFC 8414 §2)', () => {
  it('JK-01: advertises what a workspace has and nothing else', () => {
    expect(buildMetadata({ ...MINIMAL, claims: ['sub'] })).toEqual({
      issuer: 'https://auth.example/acme/main',
      authorization_endpoint: 'https://auth.example/acme/main/oauth2/authorize',
      token_endpoint: 'https://auth.example/acme/main/oauth2/token',
      jwks_uri: 'https://auth.example/acme/main/.well-known/jwks.json',
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ['openid', 'profile'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      display_values_supported: ['page', 'popup', 'touch', 'wap'],
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      claims_supported: ['sub'],
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
    })
  })

  it('adds what is switched on', () => {
    const document = buildMetadata({
      ...MINIMAL,
      endpoints: {
        ...MINIMAL.endpoints,
        introspection_endpoint: '/oauth2/introspect',
        revocation_endpoint: '/oauth2/revoke',
        end_session_endpoint: 'https://login.example/logout',
        registration_endpoint: undefined,
      },
      token_endpoint_auth_methods: ['private_key_jwt', 'none'],
      client_assertion_algs: ['ES256'],
      acr_values: [],
      ui_locales: ['en', 'de'],
      dpop_signing_algs: ['ES256'],
      client_id_metadata_documents: true,
      backchannel_logout: true,
    })
    expect(document).toMatchObject({
      introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
      revocation_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      introspection_endpoint_auth_signing_alg_values_supported: ['ES256'],
      end_session_endpoint: 'https://login.example/logout',
      ui_locales_supported: ['en', 'de'],
      dpop_signing_alg_values_supported: ['ES256'],
      client_id_metadata_document_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    })
    expect(document).not.toHaveProperty('registration_endpoint')
    expect(document).not.toHaveProperty('acr_values_supported')
    expect(document.claims_supported).toContain('email')
  })

  it('is plain JSON', () => {
    const document = buildMetadata(MINIMAL)
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})
