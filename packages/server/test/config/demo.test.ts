import { describe, expect, it } from 'vitest'
import { type DemoOptions, demoConfig } from '../../src/config/demo.ts'
import { parseConfig } from '../../src/config/schema.ts'
import { webOrigins } from '../../src/protocol/client-metadata.ts'
import { standardClaims } from '../../src/protocol/scope-claims.ts'
import { problemsOf } from './support.ts'

const options: DemoOptions = {
  url: 'http://localhost:4000',
  spaUrl: 'http://localhost:4001',
  apiUrl: 'http://localhost:4002',
  password: 'correct horse battery staple',
  webSecret: 'w',
  machineSecret: 'm',
  atmSecret: 'a',
  tokiSecret: 't',
}
const workspace = parseConfig(demoConfig(options)).tenants?.[0]?.workspaces?.[0]

describe('the demo tenant', () => {
  it('is valid, also in production without its sandbox', () => {
    expect(problemsOf(demoConfig(options))).toEqual([])
    const production = { ...options, url: 'https://auth.example', production: true }
    expect(problemsOf(demoConfig(production), true)).toEqual([])
  })

  it('has the root for its issuer, and the clients that the demo needs', () => {
    expect(workspace).toMatchObject({
      id: 'main',
      path: '/',
      registration: 'open',
      sign_up: 'open',
      loopback_resources: true,
    })
    expect(
      workspace?.clients?.map((client) => [client.client_id, client.token_endpoint_auth_method]),
    ).toEqual([
      ['demo-spa', 'none'],
      ['pixy-cli', 'none'],
      ['demo-web', 'client_secret_basic'],
      ['demo-machine', 'client_secret_basic'],
      ['demo-atm', 'client_secret_post'],
      ['demo-toki', 'none'],
      ['demo-toki-secret', 'client_secret_post'],
      ['demo-tapkey', 'none'],
      ['demo-cloudentity', 'none'],
    ])
  })

  it('has a client for each older system, with its own dialect on and no other', () => {
    const dialects = workspace?.clients?.map((client) => [client.client_id, ...client.dialects])
    expect(dialects?.filter(([, ...own]) => own.length > 0)).toEqual([
      ['demo-atm', 'atm'],
      ['demo-toki', 'toki'],
      ['demo-toki-secret', 'toki'],
      ['demo-tapkey', 'tapkey'],
      ['demo-cloudentity', 'cloudentity'],
    ])
    const tapkey = workspace?.clients?.find(({ client_id }) => client_id === 'demo-tapkey')
    expect(tapkey).toMatchObject({
      access_token_lifetime: 3600,
      refresh_token: { policy: 'reuse', idle_lifetime: 90 * 86_400, absolute_lifetime: 0 },
    })
  })

  it('lets the demo app redeem a code in the name of another public client, which its experiment does', () => {
    const other = workspace?.clients?.find(({ client_id }) => client_id === 'demo-cloudentity')
    expect(other).toMatchObject({ token_endpoint_auth_method: 'none' })
    expect(webOrigins({ client_id: '', ...other })).toContain(options.spaUrl)
  })

  it('assigns its user to every client that signs people in', () => {
    const clients = workspace?.clients?.filter(({ redirect_uris }) => redirect_uris.length > 0)
    expect(workspace?.users?.[0]?.clients).toEqual(clients?.map(({ client_id }) => client_id))
  })

  it('has a user with every standard claim but those that Pixy gives', () => {
    const claims = Object.keys(workspace?.users?.[0]?.claims ?? {})
    expect(standardClaims.filter((name) => !claims.includes(name))).toEqual(['sub', 'updated_at'])
  })
})
