import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { authorizeInBrowser, createTestServer, FormBrowser, type PixyTestServer } from '@pixy/testing'
import type { PixyConfigInput } from 'pixy'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ALICE, claimsOf } from '../clients/support/pixy.ts'
import { Program } from './program.ts'

const PORT = 8080
const file = new URL('../../examples/systems/toki/pixy.json', import.meta.url)
const movePort = fileURLToPath(new URL('move-port.cjs', import.meta.url))

let pixy: PixyTestServer
let port: number
let program: Program | undefined

const redirectUri = () => `http://localhost:${port}/callback`
const app = (path: string) => fetch(`http://localhost:${port}${path}`)

beforeAll(async () => {
  port = await portToListenOn()
  pixy = await createTestServer({ config: configWith(redirectUri()) })
})
afterEach(async () => {
  await program?.stop()
  program = undefined
})
afterAll(() => pixy.close())

/** The programs listen on 8080; where that is taken, `move-port.cjs` has them listen elsewhere. */
async function portToListenOn(): Promise<number> {
  return (await freePort(PORT)) ?? (await freePort(0)) ?? 0
}

function freePort(wanted: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(wanted, () => {
      const { port: found } = server.address() as AddressInfo
      server.close(() => resolve(found))
    })
  })
}

/** The clients of the example, and the same without the dialect or with PKCE required. */
function configWith(callback: string): PixyConfigInput {
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    tenants: Array<{ workspaces: Array<{ clients: Array<Record<string, unknown>> }> }>
  }
  const workspace = config.tenants[0]?.workspaces[0]
  const [booking, server] = workspace?.clients ?? []
  workspace?.clients.push(
    { ...booking, client_id: 'strict', dialects: [] },
    { ...server, client_id: 'pkce-required', require_pkce: true, dialects: [] },
  )
  for (const client of workspace?.clients ?? []) client.redirect_uris = [callback]
  return config as PixyConfigInput
}

async function start(name: 'with-pkce' | 'with-secret', clientId: string): Promise<Program> {
  const moved = port === PORT ? [] : ['--require', movePort]
  program = new Program('toki', ['--require', './preload.cjs', ...moved, `${name}.cjs`], {
    CLIENT_ID: clientId,
    CLIENT_SECRET: 'an-example-secret-that-everybody-knows',
    REDIRECT_URI: redirectUri(),
    AUTH_ENDPOINT: `${pixy.issuer}/oauth2/authorize`,
    TOKEN_ENDPOINT: `${pixy.issuer}/oauth2/token`,
    MOVED_PORT: String(port),
  })
  await program.prints(/App running at/)
  return program
}

/** Visits `/login` of the program, and resolves with the URL that it opens. */
async function login(running: Program): Promise<string> {
  const page = await app('/login')
  expect(await page.text()).toBe('Redirecting to TOKI for authentication...')
  return running.prints(/Open in your browser: (\S+)\n/)
}

const signIn = (url: string) => authorizeInBrowser(new FormBrowser(), url, redirectUri(), ALICE)

async function expectTokens(answer: Response, clientId: string): Promise<void> {
  expect(answer.status).toBe(200)
  const tokens = (await answer.json()) as Record<string, unknown>
  expect(tokens).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: expect.any(Number),
    refresh_token: expect.any(String),
    id_token: expect.any(String),
    scope: 'openid offline_access',
    userId: expect.stringMatching(/^usr_/),
  })
  expect(claimsOf(String(tokens.id_token))).toMatchObject({ aud: clientId, sub: tokens.userId })

  const bearer = { headers: { authorization: `Bearer ${tokens.access_token}` } }
  const named = await fetch(`${pixy.issuer}/userinfo/${tokens.userId}`, bearer)
  expect(await named.json()).toEqual({ sub: tokens.userId })
}

describe('TOKI’s programs, unmodified', () => {
  it('S1-23 S1-04 S1-24 S1-25 S1-28 T1 T2 the one with PKCE signs in and hands the token response on as JSON', async () => {
    const url = await login(await start('with-pkce', 'booking'))
    const { searchParams } = new URL(url)
    expect(searchParams.get('code_challenge')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(searchParams.get('state')).toMatch(/^[0-9a-f]{32}$/)
    expect(searchParams.get('scope')).toBe('openid offline_access')
    await expectTokens(await fetch(await signIn(url)), 'booking')
  })

  it('S1-23 S1-05 S1-15 T3 the one with a secret does too', async () => {
    const url = await login(await start('with-secret', 'booking-server'))
    expect(new URL(url).searchParams.has('code_challenge')).toBe(false)
    await expectTokens(await fetch(await signIn(url)), 'booking-server')
  })

  it.each([
    ['with-pkce', 'booking'],
    ['with-secret', 'booking-server'],
  ] as const)(
    'S1-27 T6 %s answers a foreign state with 400 "State mismatch!", and takes its own after that',
    async (name, clientId) => {
      const back = await signIn(await login(await start(name, clientId)))
      const foreign = new URL(back)
      foreign.searchParams.set('state', '0123456789abcdef0123456789abcdef')
      const refused = await fetch(foreign)
      expect([refused.status, await refused.text()]).toEqual([400, 'State mismatch!'])
      await expectTokens(await fetch(back), clientId)
    },
  )
})

describe('TOKI’s programs, with clients that are strict', () => {
  it.each([
    ['a public client', 'strict'],
    ['a confidential one that keeps PKCE', 'pkce-required'],
  ])('S1-05 strict: %s gets no code without PKCE, and its owner reads the fix', async (_, clientId) => {
    const back = await signIn(await login(await start('with-secret', clientId)))
    expect(back.searchParams.get('error')).toBe('invalid_request')
    expect(back.searchParams.has('code')).toBe(false)
    const { pathname, searchParams } = new URL(back.searchParams.get('error_uri') ?? '')
    expect(pathname).toBe('/docs/errors/code_challenge_missing')

    const { deps, flowLog } = pixy.server.pixy
    await flowLog.flush()
    const events = await deps.store.flowEvents.findByFlow(searchParams.get('flow') ?? '')
    const told = events.map(({ detail }) => detail).join()
    expect(told).toContain('code_challenge_method=S256')
  })

  it('S1-21 S1-22 strict: the program with PKCE works as it is; only userId is missing, and its path is refused with the fix', async () => {
    const url = await login(await start('with-pkce', 'strict'))
    const answer = await fetch(await signIn(url))
    const tokens = (await answer.json()) as Record<string, string>
    expect(tokens).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
    expect(tokens).not.toHaveProperty('userId')

    const bearer = { headers: { authorization: `Bearer ${tokens.access_token}` } }
    const { sub } = claimsOf(tokens.id_token ?? '')
    const refused = await fetch(`${pixy.issuer}/userinfo/${sub}`, bearer)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      reason: 'dialect_off',
      fix: expect.stringContaining(`Call ${pixy.issuer}/userinfo without an id`),
    })
    expect((await fetch(`${pixy.issuer}/userinfo`, bearer)).status).toBe(200)
  })
})
