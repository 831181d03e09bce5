import { describe, expect, it } from 'vitest'
import { type DemoOptions, demoConfig } from '../../src/config/demo.ts'
import { parseConfig } from '../../src/config/schema.ts'
import { standardClaims } from '../../src/protocol/scope-claims.ts'
import { problemsOf } from './support.ts'

const options: DemoOptions = {
  url: 'http://localhost:4000',
  spaUrl: 'http://localhost:4001',
  apiUrl: 'http://localhost:4002',
  password: 'correct horse battery staple',
  webSecret: 'w',
  machineSecret: 'm',
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
    ])
  })

  it('has a user with every standard claim but those that Pixy gives', () => {
    const claims = Object.keys(workspace?.users?.[0]?.claims ?? {})
    expect(standardClaims.filter((name) => !claims.includes(name))).toEqual(['sub', 'updated_at'])
  })
})
