import { createHash, randomBytes } from 'node:crypto'
import { type PixyConfigInput, startTestServer, type TestServer, type TestServerOptions } from 'pixy'
import { FormBrowser } from './browser.ts'
import { seconds } from './duration.ts'
import { authorizeInBrowser, type SignInOptions } from './sign-in.ts'

export interface LoginOptions extends SignInOptions {
  /** Username of a user in the configuration, or one with the password beside it. */
  readonly user: string
  readonly password?: string
  readonly client: string
  readonly clientSecret?: string
  readonly scope?: string
  readonly resource?: string
  /** Default: the first one registered. */
  readonly redirectUri?: string
  /** The issuer's path; default: the first workspace. */
  readonly issuer?: string
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Signs in with the cookies of this browser. */
  readonly browser?: FormBrowser
}

/** The token response (RFC 6749 §5.1), as it came. */
export interface TestTokens {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
  readonly refresh_token?: string
  readonly id_token?: string
}

export interface PixyTestServer {
  readonly url: string
  readonly issuer: string
  readonly clock: {
    now(): number
    /** Seconds, or `91d`, `10m`; may be negative. */
    advance(duration: number | string): void
    set(epochSeconds: number): void
  }
  /** Log lines so far, as they would be written. */
  readonly logs: readonly string[]
  /** The engine itself, for what this interface does not name. */
  readonly server: TestServer
  /** A whole login by Code + PKCE over HTTP, through the hosted pages. */
  login(options: LoginOptions): Promise<TestTokens>
  close(): Promise<void>
}

/** Starts the engine on a free loopback port. */
export async function createTestServer(
  options: TestServerOptions & { readonly config?: PixyConfigInput } = {},
): Promise<PixyTestServer> {
  const server = await startTestServer(options)
  const first = server.pixy.deps.workspaces.list()[0]
  const issuer = first?.issuer ?? server.url
  return {
    url: server.url,
    issuer,
    clock: {
      now: () => server.clock.now(),
      advance: (duration) => server.clock.advance(seconds(duration)),
      set: (epochSeconds) => server.clock.set(epochSeconds),
    },
    logs: server.logs,
    server,
    login: (login) => logIn(server, login.issuer ?? issuer, login),
    close: () => server.close(),
  }
}

async function logIn({ pixy }: TestServer, issuer: string, options: LoginOptions): Promise<TestTokens> {
  const workspace = pixy.deps.workspaces.list().find((candidate) => candidate.issuer === issuer)
  const client = await workspace?.client(options.client)
  const redirectUri = options.redirectUri ?? client?.metadata.redirect_uris?.[0]
  if (redirectUri === undefined)
    throw new Error(`no client ${options.client} with a redirect URI at ${issuer}`)

  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: options.client,
    redirect_uri: redirectUri,
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(options.scope === undefined ? {} : { scope: options.scope }),
    ...(options.resource === undefined ? {} : { resource: options.resource }),
    ...options.parameters,
  })
  const person = { username: options.user, password: options.password ?? passwordOf(options.user) }
  const browser = options.browser ?? new FormBrowser()
  const back = await authorizeInBrowser(
    browser,
    `${issuer}/oauth2/authorize?${query}`,
    redirectUri,
    person,
    options,
  )
  const code = back.searchParams.get('code')
  if (code === null)
    throw new Error(`${back.searchParams.get('error')}: ${back.searchParams.get('error_description')}`)
  const secret = options.clientSecret
  const byHeader = client?.metadata.token_endpoint_auth_method === 'client_secret_basic'
  const response = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...(byHeader ? {} : { client_id: options.client }),
      ...(byHeader || secret === undefined ? {} : { client_secret: secret }),
    }),
    ...(byHeader
      ? { headers: { authorization: `Basic ${btoa(`${encode(options.client)}:${encode(secret ?? '')}`)}` } }
      : {}),
  })
  const tokens: unknown = await response.json()
  if (!response.ok)
    throw new Error(`the token endpoint answers ${response.status}: ${JSON.stringify(tokens)}`)
  return tokens as TestTokens
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+')
}

/** The demo tenant's password; users of your own configuration need theirs in `password`. */
function passwordOf(user: string): string {
  if (user === 'demo@example.com') return 'correct horse battery staple'
  throw new Error(`login needs the password of ${user}`)
}
