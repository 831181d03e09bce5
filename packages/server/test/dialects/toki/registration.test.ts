import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CreatedClient } from '../../../src/admin-api/clients/create.ts'
import { aFolder, anInstallation, pixy, pixyError, pixyJson } from '../../cli/support.ts'
import { aClient, aConfig } from '../../config/support.ts'

describe('a client for TOKI’s programs, registered by its operator', () => {
  it('S1-01 S1-03 yields a client_id, and a client_secret for a confidential client alone', async () => {
    const { at } = await anInstallation()
    const create = (...more: string[]) =>
      pixyJson<CreatedClient>(
        at(
          'client',
          'create',
          '--name',
          'Booking',
          '--redirect-uri',
          'http://localhost:8080/callback',
          ...more,
        ),
      )

    const withPkce = await create('--type', 'spa', '--set', 'dialects=["toki"]')
    expect(withPkce.client.client_id).toMatch(/^app_[A-Za-z0-9]{22}$/)
    expect(withPkce).not.toHaveProperty('client_secret')
    expect(withPkce.client.metadata).toMatchObject({
      redirect_uris: ['http://localhost:8080/callback'],
      token_endpoint_auth_method: 'none',
      dialects: ['toki'],
    })

    const withSecret = await create('--type', 'web', '--set', 'require_pkce=false')
    expect(withSecret.client_secret).toMatch(/^[A-Za-z0-9]{50}$/)
    expect(withSecret.client.metadata).toMatchObject({ require_pkce: false })
    const withBoth = await create('--type', 'web')
    expect(withBoth.client_secret).toMatch(/^[A-Za-z0-9]{50}$/)
    expect(withBoth.client.metadata.require_pkce ?? true).toBe(true)
  })

  it('S1-02 needs a redirect_uri: without one nothing is registered, by command or by file', async () => {
    const { at } = await anInstallation()
    const error = await pixyError(1, at('client', 'create', '--type', 'spa', '--set', 'redirect_uris=[]'))
    expect(error.reason).toBe('client_metadata_invalid')
    expect(JSON.stringify(error)).toContain('redirect_uris')

    const file = join(aFolder(), 'pixy.json')
    const client = aClient({ redirect_uris: [], grant_types: ['authorization_code'] })
    writeFileSync(file, JSON.stringify(aConfig({ clients: [client] })))
    const { code, err, out } = await pixy(['config', 'check', '--config', file])
    expect(code).toBe(3)
    expect(err + out).toContain('redirect_uris')
  })

  it('S1-05 strict: a public client cannot be registered to do without PKCE, and is told what to change', async () => {
    const { at } = await anInstallation()
    const error = await pixyError(1, at('client', 'create', '--type', 'spa', '--set', 'require_pkce=false'))
    expect(JSON.stringify(error)).toContain('remove the line, or add client_secret')
  })
})
