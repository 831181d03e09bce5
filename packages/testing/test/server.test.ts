import { afterEach, describe, expect, it } from 'vitest'
import { createTestServer, type PixyTestServer, seconds } from '../src/index.ts'

const servers: PixyTestServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function start(...options: Parameters<typeof createTestServer>): Promise<PixyTestServer> {
  const server = await createTestServer(...options)
  servers.push(server)
  return server
}

const CONFIG = {
  tenants: [
    {
      id: 'acme',
      name: 'Acme',
      workspaces: [
        {
          id: 'main',
          name: 'Acme',
          path: '/',
          signing_algs: ['ES256' as const],
          identity_sources: [{ id: 'pool', type: 'pool' as const }],
          clients: [
            {
              client_id: 'spa',
              redirect_uris: ['https://app.example/callback'],
              refresh_token: { policy: 'rotate' as const, idle_lifetime: 7_776_000, absolute_lifetime: 0 },
            },
            {
              client_id: 'web',
              redirect_uris: ['https://app.example/callback'],
              client_secret: 'a secret with spaces & signs',
            },
          ],
          users: [{ source: 'pool', username: 'alice@example.com', password: 'alice knows a long password' }],
        },
      ],
    },
  ],
}
const ALICE = { user: 'alice@example.com', password: 'alice knows a long password' }

describe('createTestServer', () => {
  it('logs in by Code + PKCE through the hosted pages, with the demo tenant where no configuration is given', async () => {
    const pixy = await start()
    const tokens = await pixy.login({
      user: 'demo@example.com',
      client: 'demo-spa',
      scope: 'openid offline_access',
    })
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'openid offline_access' })
    expect(tokens.id_token).toBeDefined()
  })

  it('takes a configuration, and logs confidential clients in by the method they are registered with', async () => {
    const pixy = await start({ config: CONFIG })
    const tokens = await pixy.login({ ...ALICE, client: 'web', clientSecret: 'a secret with spaces & signs' })
    expect(tokens.access_token).toBeDefined()
  })

  it('moves its clock: an access token is dead after ten minutes, a refresh token 90 days after its last use', async () => {
    const pixy = await start({ config: CONFIG })
    const tokens = await pixy.login({ ...ALICE, client: 'spa', scope: 'openid offline_access' })
    const userinfo = () =>
      fetch(`${pixy.issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect((await userinfo()).status).toBe(200)
    pixy.clock.advance('10m')
    expect((await userinfo()).status).toBe(401)

    const refresh = async (token: string | undefined) => {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'spa',
        refresh_token: token ?? '',
      })
      const response = await fetch(`${pixy.issuer}/oauth2/token`, { method: 'POST', body })
      return (await response.json()) as { refresh_token?: string; error?: string }
    }
    pixy.clock.advance('89d')
    const next = await refresh(tokens.refresh_token)
    expect(next.refresh_token).toBeDefined()
    pixy.clock.advance('91d')
    expect(await refresh(next.refresh_token)).toMatchObject({ error: 'invalid_grant' })
  })

  it('says what went wrong when a login does not come to its end', async () => {
    const pixy = await start({ config: CONFIG })
    await expect(pixy.login({ ...ALICE, password: 'wrong', client: 'spa' })).rejects.toThrow(/401 sign-in/)
    await expect(pixy.login({ ...ALICE, client: 'nobody' })).rejects.toThrow(/no client nobody/)
    await expect(pixy.login({ ...ALICE, client: 'spa', deny: true })).rejects.toThrow(/access_denied/)
  })

  it('runs beside others of its kind, each with its own users, keys and clock', async () => {
    const [one, two] = await Promise.all([start({ config: CONFIG }), start({ config: CONFIG })])
    one.clock.advance('1d')
    expect(one.clock.now() - two.clock.now()).toBeGreaterThanOrEqual(86_399)
    const tokens = await one.login({ ...ALICE, client: 'spa', scope: 'openid' })
    const foreign = await fetch(`${two.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    })
    expect(foreign.status).toBe(401)
  })
})

describe('seconds', () => {
  it.each([
    [90, 90],
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['91d', 7_862_400],
    ['-2w', -1_209_600],
  ])('reads %s as %i', (duration, expected) => {
    expect(seconds(duration)).toBe(expected)
  })

  it.each(['', '10', 'm', '10 m', '1y'])('refuses %j', (duration) => {
    expect(() => seconds(duration)).toThrow(RangeError)
  })
})
