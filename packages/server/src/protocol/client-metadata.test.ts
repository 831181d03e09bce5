import { describe, expect, it } from 'vitest'
import {
  type ClientMetadata,
  grantTypes,
  isNative,
  isPublicClient,
  responseTypes,
  tokenEndpointAuthMethod,
  webOrigins,
} from './client-metadata.ts'

describe('client metadata (RFC 7591 §2)', () => {
  it('has the defaults of the RFC', () => {
    const client: ClientMetadata = { client_id: 'web' }
    expect(tokenEndpointAuthMethod(client)).toBe('client_secret_basic')
    expect(grantTypes(client)).toEqual(['authorization_code'])
    expect(responseTypes(client)).toEqual(['code'])
    expect(isPublicClient(client)).toBe(false)
    expect(isPublicClient({ token_endpoint_auth_method: 'none' })).toBe(true)
  })

  it('takes members with language tags and our own', () => {
    const client: ClientMetadata = {
      client_id: 'spa',
      client_name: 'Notes',
      'client_name#de': 'Notizen',
      client_secrets: [{ value: 'x', expires_at: 0 }],
      refresh_token: { policy: 'rotate', retry_window: 30 },
      dialects: ['atm'],
    }
    expect(client['client_name#de']).toBe('Notizen')
  })

  it.each([
    [{}, false],
    [{ application_type: 'native' }, true],
    [{ application_type: 'web', redirect_uris: ['http://127.0.0.1/cb'] }, false],
    [{ redirect_uris: ['https://app.example/cb'] }, false],
    [{ redirect_uris: ['http://localhost:3000/callback'] }, true],
    [{ redirect_uris: ['com.example.app:/cb'] }, true],
    [{ redirect_uris: ['myapp:/cb'] }, false],
    [{ redirect_uris: ['javascript:x'] }, false],
  ] as const)('%j is native: %s', (client, native) => {
    expect(isNative(client)).toBe(native)
  })

  it('derives the web origins from the redirect URIs', () => {
    const redirect_uris = [
      'https://App.example/cb',
      'https://app.example:443/other',
      'http://localhost:5173/cb',
      'com.example.app:/cb',
      'https://user@evil.example/',
    ]
    expect(webOrigins({ client_id: 'spa', redirect_uris })).toEqual([
      'https://app.example',
      'http://localhost:5173',
    ])
    expect(webOrigins({ client_id: 'spa', redirect_uris, web_origins: [] })).toHaveLength(2)
    expect(webOrigins({ client_id: 'spa', redirect_uris, web_origins: ['https://x.example'] })).toEqual([
      'https://x.example',
    ])
    expect(webOrigins({ client_id: 'spa' })).toEqual([])
  })
})
