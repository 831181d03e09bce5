import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SignJWT } from 'jose'
import { expect } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../../testing/src/browser.ts'
import type { PixyConfigInput } from '../../../src/config/schema.ts'
import { type Arrival, arrive, CALLBACK, open } from '../../support/authorization.ts'
import { type ForeignKey, foreignKey } from '../../support/jwt.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import type { AuthorizeOptions, StartAs, TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

export const OUR_ID = 'pixy-at-corp'
export const OUR_SECRET = 'corp-secret-0123456789-0123456789'

const SCOPE = 'openid profile email offline_access'

/** What the provider answers to the next redemption; what is absent is as it should be. */
export interface ProviderBehaviour {
  /** Replace the claims of the ID token, or with `undefined` remove them. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly userinfo?: Readonly<Record<string, unknown>>
  readonly key?: ForeignKey
  /** Replaces members of the token response. */
  readonly tokens?: Readonly<Record<string, unknown>>
  readonly tokenStatus?: number
  /** Replaces the whole answer of a path. */
  readonly raw?: Readonly<
    Record<
      string,
      { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
    >
  >
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface TokenRequest {
  readonly form: URLSearchParams
  readonly authorization: string | undefined
}

/** Somebody else's OpenID provider: says whatever a test wants, without pages. */
export class FakeProvider {
  readonly #server: Server
  readonly #key: ForeignKey
  readonly issuer: string
  readonly tokenRequests: TokenRequest[] = []
  requests = 0
  behaviour: ProviderBehaviour = {}
  now: () => number = () => Math.floor(Date.now() / 1000)

  private constructor(server: Server, key: ForeignKey) {
    this.#server = server
    this.#key = key
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  }

  static async start(): Promise<FakeProvider> {
    const key = await foreignKey('ES256', 'theirs')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const provider = new FakeProvider(server, key)
    server.on('request', (request, response) => {
      provider.requests += 1
      provider.#answer(request).then(({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(body)
      })
    })
    return provider
  }

  get host(): string {
    return new URL(this.issuer).host
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: Record<string, string>; body: string }> {
    const { pathname } = new URL(request.url ?? '', this.issuer)
    const body = await text(request)
    if (pathname === '/token') {
      const { authorization } = request.headers
      this.tokenRequests.push({ form: new URLSearchParams(body), authorization })
    }
    const raw = this.behaviour.raw?.[pathname]
    if (raw) return raw
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return { status: 200, body: JSON.stringify(this.#metadata()) }
      case '/jwks':
        return { status: 200, body: JSON.stringify({ keys: [this.#key.jwk] }) }
      case '/token':
        return {
          status: this.behaviour.tokenStatus ?? 200,
          body: JSON.stringify(await this.#tokens(new URLSearchParams(body).get('code') ?? '')),
        }
      case '/me':
        return { status: 200, body: JSON.stringify({ sub: this.#claims().sub, ...this.behaviour.userinfo }) }
      default:
        return { status: 404, body: '{}' }
    }
  }

  #metadata() {
    const { issuer } = this
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/me`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      ...this.behaviour.metadata,
    }
  }

  nonce = ''
  /** By code, where several people come at once. */
  nonceOf: ReadonlyMap<string, string> = new Map()

  #claims(): Record<string, unknown> {
    const now = this.now()
    return {
      iss: this.issuer,
      sub: 'ada-upstream',
      aud: OUR_ID,
      iat: now,
      exp: now + 300,
      nonce: this.nonce,
      ...this.behaviour.claims,
    }
  }

  #nonce(code: string): { readonly nonce?: string } {
    const nonce = this.nonceOf.get(code)
    return nonce === undefined ? {} : { nonce }
  }

  async #tokens(code: string) {
    const key = this.behaviour.key ?? this.#key
    const idToken = await new SignJWT({ ...this.#claims(), ...this.#nonce(code) })
      .setProtectedHeader({ alg: key.alg, kid: 'theirs' })
      .sign(key.privateKey)
    const standard = { access_token: 'upstream-access-token', token_type: 'Bearer', id_token: idToken }
    return { ...standard, ...this.behaviour.tokens }
  }
}

/** A workspace whose people may come from its pool, from `corp`, and from `other`. */
export function brokerConfig(
  providers: { readonly corp: string; readonly other?: string },
  changes: Partial<PixyConfigInput> = {},
): PixyConfigInput {
  const client = (client_id: string, identity_sources: readonly string[], more: object = {}) => ({
    client_id,
    client_name: client_id,
    redirect_uris: [CALLBACK],
    consent: 'implied' as const,
    scope: SCOPE,
    identity_sources: [...identity_sources],
    ...more,
  })
  const other = providers.other ?? 'https://other.example'
  const config = testConfig({
    workspace: {
      identity_sources: [
        { id: 'pool', type: 'pool' },
        {
          id: 'corp',
          type: 'oidc',
          name: 'Acme Corp',
          issuer: providers.corp,
          client_id: OUR_ID,
          client_secret: OUR_SECRET,
        },
        { id: 'other', type: 'oidc', issuer: other, client_id: 'pixy-at-other', scope: 'email' },
      ],
    },
    clients: [
      client('pool-only', ['pool']),
      client('both', ['pool', 'corp']),
      client('corp-only', ['corp']),
      client('all', ['corp', 'other', 'pool']),
      client('providers', ['corp', 'other']),
      client('corp-assigned', ['corp'], { user_access: 'assigned' }),
    ],
  })
  return {
    ...config,
    allow_private_addresses: [providers.corp, other].flatMap((issuer) => URL.parse(issuer)?.host ?? []),
    ...changes,
  }
}

/** Opens a request, presses the provider's button where there is a page, and resolves with where the browser is sent. */
export async function leaveFor(
  as: TestAs,
  browser: FormBrowser,
  sourceId: string,
  options: AuthorizeOptions = {},
): Promise<URL> {
  const arrival = await open(as, browser, { scope: SCOPE, ...options })
  if (arrival.response) return arrival.response
  return pressProvider(browser, arrival.page, sourceId)
}

/** Follows the link of a provider on the sign-in page. */
export async function pressProvider(browser: FormBrowser, page: Visit, sourceId: string): Promise<URL> {
  expect(pageName(page)).toBe('sign-in')
  const href = new RegExp(`id="provider-${sourceId}"[^>]* href="([^"]+)"`).exec(page.body)?.[1]
  if (href === undefined) throw new Error(`the page has no button for ${sourceId}`)
  const { response } = await arrive(browser, await browser.visit(href.replaceAll('&amp;', '&')))
  if (!response) throw new Error('the browser was not sent to the provider')
  return response
}

/** The provider sends the browser back, with these parameters in place of its own. */
export async function comeBack(
  browser: FormBrowser,
  provider: FakeProvider,
  request: URL,
  changes: Readonly<Record<string, string | null>> = {},
): Promise<Arrival> {
  provider.nonce = request.searchParams.get('nonce') ?? ''
  return arrive(browser, await browser.visit(callbackUrl(provider, request, changes)))
}

export function callbackUrl(
  provider: FakeProvider,
  request: URL,
  changes: Readonly<Record<string, string | null>> = {},
): string {
  const { searchParams } = request
  const url = new URL(searchParams.get('redirect_uri') ?? '')
  const parameters: Record<string, string | null> = {
    code: 'upstream-code',
    state: searchParams.get('state'),
    iss: provider.issuer,
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value)
  return url.href
}

export interface SignedInBy {
  readonly claims: Record<string, unknown>
  readonly userinfo: Record<string, unknown>
}

/** Redeems the code of an authorization response at us; resolves with what the client learns. */
export async function redeemAt(
  as: TestAs,
  client: string,
  verifier: string,
  response: URL | undefined,
): Promise<SignedInBy> {
  const code = response?.searchParams.get('code')
  expect(code, response?.href ?? 'no response').toEqual(expect.any(String))
  const answer = await as.token({
    grant_type: 'authorization_code',
    code: code ?? '',
    redirect_uri: CALLBACK,
    client_id: client,
    code_verifier: verifier,
  })
  expect(answer.status, answer.text).toBe(200)
  const claims = JSON.parse(
    Buffer.from(String(answer.json.id_token).split('.')[1] ?? '', 'base64url').toString(),
  ) as Record<string, unknown>
  const userinfo = (await as.userinfo(String(answer.json.access_token))).json
  return { claims, userinfo }
}

/** A whole sign-in by a fake provider, up to wherever it comes to rest. */
export async function signInBy(
  as: TestAs,
  provider: FakeProvider,
  options: AuthorizeOptions & { readonly source?: string } = {},
): Promise<{ readonly arrival: Arrival; readonly browser: FormBrowser }> {
  const browser = options.browser ?? new FormBrowser()
  const request = await leaveFor(as, browser, options.source ?? 'corp', { client: 'corp-only', ...options })
  if (request.href.startsWith(CALLBACK)) throw new Error(`answered at once: ${request.href}`)
  return { arrival: await comeBack(browser, provider, request), browser }
}

const started: Array<() => Promise<void>> = []

/** A server that brokers to a fake provider of its own. `closeProviders` ends the latter. */
export async function startBroker(
  start: StartAs,
  changes: Partial<PixyConfigInput> = {},
): Promise<{ readonly as: TestAs; readonly provider: FakeProvider; readonly other: FakeProvider }> {
  const [provider, other] = await Promise.all([FakeProvider.start(), FakeProvider.start()])
  started.push(
    () => provider.close(),
    () => other.close(),
  )
  const config = brokerConfig({ corp: provider.issuer, other: other.issuer }, changes)
  const as = await start({ config, hasher: quickHasher() })
  provider.now = () => as.server.clock.now()
  other.now = provider.now
  return { as, provider, other }
}

export async function closeProviders(): Promise<void> {
  for (const close of started.splice(0)) await close()
}

export const PERSON_AT_IDP = { username: 'ada@idp.example', password: 'ada knows a long password' } as const

/** The same tenant with a second workspace, where Ada has her account and the first one is a client. */
export function withProviderWorkspace(config: PixyConfigInput, ours: string): PixyConfigInput {
  const [tenant] = config.tenants ?? []
  const idp = testConfig().tenants?.[0]?.workspaces?.[0]
  if (!tenant || !idp) throw new Error('the test configuration has no workspace')
  const workspace = {
    ...idp,
    id: 'idp',
    path: '/idp',
    clients: [
      {
        client_id: OUR_ID,
        client_name: 'The broker',
        client_secret: OUR_SECRET,
        token_endpoint_auth_method: 'client_secret_basic' as const,
        redirect_uris: [`${ours}/federation/callback/corp`],
        scope: 'openid profile email',
      },
    ],
    users: [
      {
        source: 'pool',
        ...PERSON_AT_IDP,
        claims: { name: 'Ada', email: 'ada@idp.example', email_verified: true },
      },
    ],
    resources: [],
  }
  return { ...config, tenants: [{ ...tenant, workspaces: [...(tenant.workspaces ?? []), workspace] }] }
}
