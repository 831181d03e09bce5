import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { FormBrowser } from '../../../testing/src/browser.ts'
import { seconds } from '../../../testing/src/duration.ts'
import { authorizeInBrowser, type SignInOptions } from '../../../testing/src/sign-in.ts'
import type { PixyConfigInput } from '../../src/config/schema.ts'
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/test-server.ts'
import { newSchema } from './postgres/schemas.ts'
import { STORES } from './stores.ts'
import { ALICE, testConfig } from './test-config.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or an empty object. */
  readonly json: Record<string, unknown>
  readonly text: string
}

export interface AuthorizeOptions extends SignInOptions {
  readonly client?: string
  readonly redirectUri?: string
  readonly user?: { readonly username: string; readonly password: string }
  readonly scope?: string
  readonly browser?: FormBrowser
  /** Replaces or, with null, removes parameters of the request. */
  readonly parameters?: Readonly<Record<string, string | null>>
}

export interface Authorized {
  readonly url: URL
  readonly code: string
  readonly verifier: string
  readonly redirectUri: string
  readonly client: string
}

/** An authorization server as its clients see it. */
export class TestAs {
  readonly server: TestServer
  readonly issuer: string

  /** `issuer` names a workspace other than the first. */
  constructor(server: TestServer, issuer = server.pixy.deps.workspaces.list()[0]?.issuer ?? server.url) {
    this.server = server
    this.issuer = issuer
  }

  advance(duration: number | string): void {
    this.server.clock.advance(seconds(duration))
  }

  /** Any request; redirects are not followed. */
  async request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(path.startsWith('http') ? path : this.issuer + path, {
      redirect: 'manual',
      ...init,
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: parseJson(text), text }
  }

  post(
    path: string,
    form: Readonly<Record<string, string>> | URLSearchParams,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.request(path, { method: 'POST', headers, body: new URLSearchParams(form) })
  }

  token(
    form: Readonly<Record<string, string>> | URLSearchParams,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.post('/oauth2/token', form, headers)
  }

  userinfo(accessToken: string): Promise<Answer> {
    return this.request('/userinfo', { headers: { authorization: `Bearer ${accessToken}` } })
  }

  /** The URL of an authorization request by Code + PKCE, with the verifier that belongs to it. */
  authorizationUrl(options: AuthorizeOptions = {}): {
    readonly url: string
    readonly verifier: string
    readonly redirectUri: string
    readonly client: string
  } {
    const client = options.client ?? 'spa'
    const redirectUri = options.redirectUri ?? 'https://app.example/callback'
    const { verifier, challenge } = pkce()
    const query = new URLSearchParams()
    const parameters: Record<string, string | null> = {
      response_type: 'code',
      client_id: client,
      redirect_uri: redirectUri,
      scope: options.scope ?? 'openid profile email offline_access',
      state: 'state-of-the-test',
      nonce: 'nonce-of-the-test',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...options.parameters,
    }
    for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value)
    return { url: `${this.issuer}/oauth2/authorize?${query}`, verifier, redirectUri, client }
  }

  /** Signs in and consents through the pages; resolves with the whole authorization response. */
  async authorizationResponse(options: AuthorizeOptions = {}): Promise<{
    readonly url: URL
    readonly verifier: string
    readonly redirectUri: string
    readonly client: string
  }> {
    const request = this.authorizationUrl(options)
    const browser = options.browser ?? new FormBrowser()
    const url = await authorizeInBrowser(
      browser,
      request.url,
      request.redirectUri,
      options.user ?? ALICE,
      options,
    )
    return { ...request, url }
  }

  /** @throws where the response holds no code */
  async authorize(options: AuthorizeOptions = {}): Promise<Authorized> {
    const { url, verifier, redirectUri, client } = await this.authorizationResponse(options)
    const code = url.searchParams.get('code')
    if (code === null) throw new Error(`no code: ${url.search}`)
    return { url, code, verifier, redirectUri, client }
  }

  /** Redeems what `authorize` resolved with; `changes` replace or, with null, remove parameters. */
  redeem(
    authorized: Authorized,
    changes: Readonly<Record<string, string | null>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { code, verifier, redirectUri, client } = authorized
    const form = new URLSearchParams()
    const parameters: Record<string, string | null> = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: client,
      code_verifier: verifier,
      ...changes,
    }
    for (const [name, value] of Object.entries(parameters)) if (value !== null) form.set(name, value)
    return this.token(form, headers)
  }

  /** A whole login. @throws where the token endpoint refuses */
  async login(
    options: AuthorizeOptions = {},
    changes: Readonly<Record<string, string | null>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Tokens> {
    const answer = await this.redeem(await this.authorize(options), changes, headers)
    if (answer.status !== 200) throw new Error(`the token endpoint answers ${answer.status}: ${answer.text}`)
    return answer.json as unknown as Tokens
  }

  refresh(refreshToken: string, changes: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.token({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'spa',
      ...changes,
    })
  }
}

/** A token response; `refresh_token` and `id_token` are empty where there is none. */
export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
}

export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: s256(verifier) }
}

export function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** `Authorization: Basic …` in the plain form; ids and secrets of the test configuration need no encoding. */
export function basic(clientId: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` }
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

/** The header of a JWT. */
export function headerOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>
}

export type AsOptions = Omit<TestServerOptions, 'config'> & { readonly config?: PixyConfigInput }

export type StartAs = (options?: AsOptions) => Promise<TestAs>

type Cleanups = Array<() => Promise<void>>

/**
 * Runs the same tests on every storage engine (`STORES=sqlite,postgres`). `start` gives a server of its own with the
 * test configuration, on a database of its own; all are closed after the test.
 */
export function forEachStore(define: (start: StartAs) => void): void {
  for (const engine of STORES) {
    describe(engine, () => {
      const cleanups: Cleanups = []
      afterEach(() => cleanUp(cleanups))
      define((options) => startAs(engine, cleanups, options))
    })
  }
}

/**
 * The same with one server for all tests, which saves its start: for tests that leave nothing behind but accounts,
 * sessions and consents. Before each of them the clock goes back to now and all throttles are forgotten.
 */
export function forEachSharedStore(define: (as: () => TestAs) => void, options: AsOptions = {}): void {
  for (const engine of STORES) {
    describe(engine, () => {
      const cleanups: Cleanups = []
      let as: TestAs | undefined
      beforeAll(async () => {
        as = await startAs(engine, cleanups, options)
      })
      beforeEach(async () => {
        as?.server.clock.reset()
        await as?.server.pixy.deps.store.throttles.clearAll()
      })
      afterAll(() => cleanUp(cleanups))
      define(() => {
        if (!as) throw new Error('the server has not started: call as() inside a test')
        return as
      })
    })
  }
}

async function startAs(engine: string, cleanups: Cleanups, options: AsOptions = {}): Promise<TestAs> {
  const server = await startTestServer({
    database: await newDatabase(engine, cleanups),
    ...options,
    config: options.config ?? testConfig(),
  })
  cleanups.push(() => server.close())
  return new TestAs(server)
}

/** An empty database of this engine, which is gone after the test. */
async function newDatabase(engine: string, cleanups: Cleanups): Promise<string> {
  if (engine === 'postgres') {
    const schema = await newSchema()
    cleanups.push(() => schema.drop())
    return schema.url
  }
  const folder = mkdtempSync(join(tmpdir(), 'pixy-test-'))
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }))
  return `sqlite:${join(folder, 'pixy.db')}`
}

async function cleanUp(cleanups: Cleanups): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
