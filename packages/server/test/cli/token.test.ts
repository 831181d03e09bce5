import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Inspection } from '../../src/cli/token/inspect.ts'
import { aFolder, anInstallation, DEMO_PASSWORD, pixy, pixyJson } from './support.ts'

const API = 'http://localhost:9999'

interface Tokens {
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token: string
}

async function tokens(issuer: string, ...flags: string[]): Promise<Tokens> {
  const args = [
    'login',
    '--headless',
    '--issuer',
    issuer,
    '--username',
    'demo@example.com',
    '--password-stdin',
  ]
  const login = await pixyJson<{ tokens: Tokens }>([...args, ...flags], {
    stdin: DEMO_PASSWORD,
  })
  return login.tokens
}

async function inspect(
  args: readonly string[],
  stdin: string,
): Promise<Inspection & { readonly code: number }> {
  const { code, out } = await pixy(['token', 'inspect', ...args, '--json'], { stdin })
  return { ...(JSON.parse(out) as Inspection), code }
}

const failed = ({ checks }: Inspection) => checks.filter(({ ok }) => ok === false).map(({ check }) => check)

describe.each([
  { where: 'with the data of the server', local: true },
  { where: 'with the keys of the issuer', local: false },
])('pixy token inspect, $where', ({ local }) => {
  async function setUp(...flags: string[]) {
    const { at, data, server } = await anInstallation({ socket: true })
    const place = local ? at() : ['--data', join(data, 'elsewhere')]
    return { server, place, ...(await tokens(server.url, ...flags)) }
  }
  const flags = ['--resource', API, '--scope', 'openid notes:read']

  it('takes a token that fits', async () => {
    const { server, place, access_token } = await setUp(...flags)
    const expectations = ['--aud', API, '--iss', server.url, '--scope', 'notes:read']
    const result = await inspect([...place, ...expectations], `Bearer ${access_token}\n`)
    expect(result).toMatchObject({ code: 0, accepted: true, format: 'jwt', header: { typ: 'at+jwt' } })
    expect(result.checks.every(({ ok }) => ok)).toBe(true)
  })

  it('says why an API would refuse it', async () => {
    const { place, access_token } = await setUp(...flags)
    const wrong = [
      '--aud',
      'https://other.example',
      '--iss',
      'https://evil.example',
      '--scope',
      'notes:read notes:write',
    ]
    const result = await inspect([...place, ...wrong], access_token)
    expect([result.code, failed(result)]).toEqual([1, ['iss', 'aud', 'scope']])
    const { out } = await pixy(['token', 'inspect', '-', ...place, ...wrong], { stdin: access_token })
    expect(out).toContain('has openid notes:read, the API needs notes:write')
    expect(out).toContain('send resource=https://other.example')
    expect(out).toMatch(/exp +\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, in /)
    expect(out).not.toContain(access_token.split('.')[2])
  })

  it('refuses an ID token, a changed token and what is no token', async () => {
    const { place, access_token, id_token, refresh_token } = await setUp()
    expect(failed(await inspect(place, id_token))).toEqual(['typ'])
    const [header, , signature] = access_token.split('.')
    const claims = Buffer.from(JSON.stringify({ iss: 'http://localhost:1', exp: 1 })).toString('base64url')
    expect(failed(await inspect(place, `${header}.${claims}.${signature}`))).toEqual(['signature', 'exp'])
    expect(failed(await inspect(place, refresh_token))).toEqual(['typ'])
    expect(failed(await inspect(place, 'hello'))).toEqual(['state'])
  })
})

describe('pixy token inspect', () => {
  it('knows a revoked token, and the scope that the user declined', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const { access_token } = await tokens(server.url)
    const { deps } = server.pixy
    const user = await deps.store.users.findByUsername('demo:main', 'pool', 'demo@example.com')
    const userId = user?.userId ?? ''
    const consent = await deps.store.consents.find('demo:main', userId, 'pixy-cli')
    if (consent) await deps.store.consents.put({ ...consent, declined: ['notes:write'] })
    const declined = await pixy(['token', 'inspect', ...at('--scope', 'notes:write')], {
      stdin: access_token,
    })
    expect(declined.out).toMatch(/The user left notes:write unticked at consent \(flow_\w+\)/)

    await deps.store.grants.revokeByUser('demo:main', userId, null, deps.clock.now(), 'test')
    expect(failed(await inspect(at(), access_token))).toEqual(['state'])
  })

  it('reads a file, asks the server for an opaque token, and takes no token from a terminal', async () => {
    const { at, server } = await anInstallation({ socket: true })
    await pixyJson(
      at('client', 'create', '--type', 'native', '--id', 'cli', '--set', 'access_token_format=opaque'),
    )
    const { access_token } = await tokens(server.url, '--client-id', 'cli')
    const file = join(aFolder(), 'token')
    writeFileSync(file, access_token)
    const result = await inspect(at('--file', file, '--aud', server.url), '')
    expect(result).toMatchObject({
      format: 'opaque',
      accepted: true,
      server: { state: 'live', client_id: 'cli' },
    })
    expect((await pixy(['token', 'inspect'], { answers: [] })).code).toBe(2)
  })

  it('prints control characters of a token harmlessly', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'none' })}.${part({ sub: '\u001b]0;owned\u0007\u202e' })}.AAAA`
    const { out } = await pixy(['token', 'inspect', '--data', aFolder()], { stdin: token })
    expect(out).toContain('\\u001b]0;owned\\u0007\\u202e')
    expect([...out].some((character) => character < ' ' && character !== '\n')).toBe(false)
  })
})
