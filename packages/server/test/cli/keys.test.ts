import { describe, expect, it } from 'vitest'
import type { KeyView } from '../../src/admin-api/keys/key-view.ts'
import type { RotatedKeys } from '../../src/admin-api/keys/rotate.ts'
import { anInstallation, DEMO_PASSWORD, type Installation, pixy, pixyError, pixyJson } from './support.ts'

const states = (keys: readonly KeyView[], alg = 'RS256') =>
  keys.filter((key) => key.alg === alg).map(({ state }) => state)

async function kidOfNewToken({ server }: Installation): Promise<string> {
  const args = [
    'login',
    '--headless',
    '--issuer',
    server.url,
    '--username',
    'demo@example.com',
    '--password-stdin',
  ]
  const login = await pixyJson<{ access_token: { verified_with: string } }>(args, { stdin: DEMO_PASSWORD })
  return login.access_token.verified_with
}

describe.each([{ socket: true }, { socket: false }])('pixy keys (socket: $socket)', ({ socket }) => {
  it('publishes a new key, which signs when every cache has seen it', async () => {
    const installation = await anInstallation({ socket })
    const { at, server } = installation
    const before = await kidOfNewToken(installation)
    const { published, keys } = await pixyJson<RotatedKeys>(at('keys', 'rotate'))
    expect(states(published)).toEqual(['next'])
    expect(states(keys)).toEqual(['active', 'next'])
    await server.pixy.deps.workspaces.refresh()
    expect(await kidOfNewToken(installation)).toBe(before)

    expect(await pixyError(1, at('keys', 'rotate'))).toMatchObject({ reason: 'rotation_under_way' })
    const jwks = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string }[]
    }
    expect(jwks.keys.map(({ kid }) => kid)).toContain(published[0]?.kid)
  })

  it('--now lets the waiting key sign at once, and leaves one key of an algorithm that signs', async () => {
    const installation = await anInstallation({ socket })
    const { at, server } = installation
    const { published } = await pixyJson<RotatedKeys>(at('keys', 'rotate', '--alg', 'RS256'))
    const { keys } = await pixyJson<RotatedKeys>(at('keys', 'rotate', '--now', '--yes', '--alg', 'RS256'))
    expect(keys.find(({ kid }) => kid === published[0]?.kid)).toMatchObject({ state: 'active' })
    await server.pixy.deps.workspaces.refresh()
    expect(await kidOfNewToken(installation)).toBe(published[0]?.kid)
    server.clock.advance(3600)
    expect(await kidOfNewToken(installation)).toBe(published[0]?.kid)
  })

  it('retires a leaked key at once: its tokens are refused, and another signs', async () => {
    const installation = await anInstallation({ socket })
    const { at, server } = installation
    const args = [
      'login',
      '--headless',
      '--issuer',
      server.url,
      '--username',
      'demo@example.com',
      '--password-stdin',
    ]
    const login = await pixyJson<{
      tokens: { access_token: string }
      access_token: { verified_with: string }
    }>(args, {
      stdin: DEMO_PASSWORD,
    })
    const leaked = login.access_token.verified_with
    expect((await pixy(at('keys', 'retire', leaked))).code).toBe(2)
    const retired = await pixyJson<{ key: KeyView; successor: KeyView }>(
      at('keys', 'retire', leaked, '--yes'),
    )
    expect(retired).toMatchObject({ key: { state: 'revoked' }, successor: { state: 'active', alg: 'RS256' } })

    await server.pixy.deps.workspaces.refresh()
    expect(await kidOfNewToken(installation)).toBe(retired.successor.kid)
    const headers = { authorization: `Bearer ${login.tokens.access_token}` }
    expect((await fetch(`${server.url}/userinfo`, { headers })).status).toBe(401)
    expect(await pixyError(1, at('keys', 'retire', leaked, '--yes'))).toMatchObject({ reason: 'key_revoked' })
    expect(await pixyError(1, at('keys', 'retire', 'key_none', '--yes'))).toMatchObject({
      reason: 'key_unknown',
    })
  })
})

describe('pixy keys list', () => {
  it('shows the timetable', async () => {
    const { at } = await anInstallation()
    const { code, out } = await pixy(at('keys', 'list'))
    expect(code).toBe(0)
    expect(out).toMatch(/^KEY +ALG +STATE +SIGNS FROM/)
    expect(out).toMatch(/key_[A-Za-z0-9]{16} +ES256 +active/)
  })
})
