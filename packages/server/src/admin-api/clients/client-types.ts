import type { RegistrationMetadata } from '../../protocol/client-metadata.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** The four kinds of application an operator thinks in. */
export const clientTypes = ['spa', 'native', 'web', 'machine'] as const
export type ClientType = (typeof clientTypes)[number]

const CODE = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] }

/** What a new client of each type begins with; whatever is given replaces it. */
export const typeDefaults: Readonly<Record<ClientType, RegistrationMetadata>> = {
  // In a browser: no secret can be kept there, PKCE proves that the same tab asks (RFC 9700 §2.1.1).
  spa: {
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    ...CODE,
    redirect_uris: ['http://localhost:5173/callback'],
    post_logout_redirect_uris: ['http://localhost:5173/'],
  },
  // On the user's machine: a loopback address, on whatever port is free (RFC 8252 §7.3).
  native: {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    ...CODE,
    redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
  },
  web: {
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
    ...CODE,
    redirect_uris: ['http://localhost:3000/callback'],
    post_logout_redirect_uris: ['http://localhost:3000/'],
  },
  // No user and no consent, so it may do nothing until somebody says what (RFC 6749 §4.4).
  machine: {
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: '',
  },
}

/** The type a client most looks like, for lists. */
export function typeOf(metadata: RegistrationMetadata): ClientType {
  const grants = metadata.grant_types ?? ['authorization_code']
  if (!grants.includes('authorization_code') && grants.includes('client_credentials')) return 'machine'
  // A program on a device has no redirect URI that would tell (RFC 8628).
  const onDevice = !grants.includes('authorization_code') && grants.includes(DEVICE_CODE)
  if (metadata.application_type === 'native' || onDevice) return 'native'
  return metadata.token_endpoint_auth_method === 'none' ? 'spa' : 'web'
}
