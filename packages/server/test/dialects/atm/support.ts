import { createHash } from 'node:crypto'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser, type Person, type SignInOptions } from '../../../../testing/src/sign-in.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import type { Answer, AsOptions, TestAs } from '../../support/test-as.ts'
import { ALICE, BOB, testConfig } from '../../support/test-config.ts'

type Changes = NonNullable<Parameters<typeof testConfig>[0]>
type Client = NonNullable<Changes['clients']>[number]

export const CALLBACK = 'https://app.example/callback'
/** 32 letters and digits, as in ATM's page. */
export const SECRET = 'QhRhyGuSTP7S9cU6riqR3vPHETq9vErX'
/** The verifier of ATM's page. */
export const VERIFIER = '123456789'
/** Alice's account in the pool of one application. */
export const ALICE_THERE = { username: ALICE.username, password: 'alice has another one there' } as const

const dialects: NonNullable<Client['dialects']> = ['atm']
const confidential = {
  redirect_uris: [CALLBACK],
  client_secret: SECRET,
  token_endpoint_auth_method: 'client_secret_post',
} satisfies Partial<Client>
const own = { first_party: true, consent: 'implied' } satisfies Partial<Client>

const clients: readonly Client[] = [
  { client_id: 'OJJvmTmatjCOTuqBxur2', ...confidential, ...own, dialects },
  { client_id: 'atm-two', ...confidential, ...own, dialects },
  { client_id: 'atm-spa', redirect_uris: [CALLBACK], ...own, dialects },
  { client_id: 'atm-third', ...confidential, dialects },
  {
    client_id: 'atm-native',
    application_type: 'native',
    redirect_uris: ['MyApp://'],
    first_party: true,
    dialects,
  },
  {
    client_id: 'atm-several',
    ...confidential,
    ...own,
    redirect_uris: [CALLBACK, 'https://app.example/two'],
    dialects,
  },
  { client_id: 'atm-assigned', ...confidential, ...own, user_access: 'assigned', dialects },
  {
    client_id: 'atm-own-people',
    ...confidential,
    ...own,
    identity_sources: ['people'],
    dialects,
  },
  {
    client_id: 'atm-sensitive',
    ...confidential,
    ...own,
    scope: 'openid email offline_access notes:read notes:delete',
    dialects,
  },
  { client_id: 'atm-few', ...confidential, ...own, scope: 'openid', dialects },
  { client_id: 'atm-pairwise', ...confidential, ...own, subject_type: 'pairwise', dialects },
  { client_id: 'atm-disabled', ...confidential, ...own, enabled: false, dialects },
  { client_id: 'strict', ...confidential, ...own },
]

/** The application of ATM's page: confidential, first-party. */
export const CLIENT = 'OJJvmTmatjCOTuqBxur2'

/** ATM's clients beside those of every test, and Alice twice: once for everybody, once for one application. */
export const atmConfig = testConfig({
  clients,
  workspace: {
    signing_algs: ['ES256', 'RS256'],
    identity_sources: [
      { id: 'pool', type: 'pool' },
      { id: 'people', type: 'pool' },
    ],
    users: [
      {
        source: 'pool',
        ...ALICE,
        clients: ['atm-assigned'],
        claims: { given_name: 'Alice', family_name: 'Adams', email: ALICE.username, email_verified: true },
      },
      { source: 'pool', ...BOB, claims: { given_name: 'Bob', email: BOB.username } },
      { source: 'people', ...ALICE_THERE, claims: { given_name: 'Alice', email: ALICE.username } },
    ],
  },
})

export const atmOptions: AsOptions = { config: atmConfig, hasher: quickHasher() }

export function hex(verifier: string, digest: 'sha256' | 'sha512' = 'sha256'): string {
  return createHash(digest).update(verifier).digest('hex')
}

type Members = Readonly<Record<string, unknown>>

/** Posts JSON; `body` may be text, to be sent as it is. */
export function postJson(
  as: TestAs,
  path: string,
  body: Members | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return as.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** Step 1 of ATM's page; `changes` replace members or, with undefined, remove them. */
export function auth(as: TestAs, changes: Members = {}): Promise<Answer> {
  return postJson(as, '/auth', {
    loginId: ALICE.username,
    password: ALICE.password,
    clientId: CLIENT,
    code_challenge: hex(VERIFIER),
    code_challenge_method: 'SHA256',
    ...changes,
  })
}

/** Step 2. */
export function exchange(as: TestAs, code: unknown, changes: Members = {}): Promise<Answer> {
  return postJson(as, '/auth/token', {
    clientId: CLIENT,
    clientSecret: SECRET,
    grant_types: 'authorization_code',
    code,
    code_verifier: VERIFIER,
    ...changes,
  })
}

export interface AtmTokens {
  readonly id_token: string
  readonly access_token: string
  readonly refresh_token: string
  readonly exp_access_token: number
}

/** Both steps. @throws where one is refused */
export async function tokensOf(as: TestAs, clientId = CLIENT, signIn: Members = {}): Promise<AtmTokens> {
  const step1 = await auth(as, { clientId, ...signIn })
  const clientSecret = clientId === 'atm-spa' ? undefined : SECRET
  const step2 = await exchange(as, step1.json.code, { clientId, clientSecret })
  if (step2.status !== 200) throw new Error(`${step1.text} ${step2.text}`)
  return step2.json as unknown as AtmTokens
}

/** A refresh as ATM's page shows it: without secret, with the ID token. */
export function refresh(as: TestAs, tokens: AtmTokens, changes: Members = {}): Promise<Answer> {
  return postJson(as, '/auth/token', {
    clientId: CLIENT,
    refresh_token: tokens.refresh_token,
    id_token: tokens.id_token,
    grantType: 'refresh_token',
    ...changes,
  })
}

export function loginUrl(as: TestAs, parameters: Readonly<Record<string, string | null>> = {}): string {
  const all: Record<string, string | null> = {
    clientId: CLIENT,
    code_challenge: hex(VERIFIER),
    code_challenge_method: 'SHA256',
    ...parameters,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(all)) if (value !== null) query.set(name, value)
  return `${as.issuer}/login?${query}`
}

export interface LoginOptions extends SignInOptions {
  readonly user?: Person
  readonly browser?: FormBrowser
  readonly redirectUri?: string
}

/** Opens `/login`, signs in on the page, and resolves with where the browser is sent. */
export function login(
  as: TestAs,
  parameters: Readonly<Record<string, string | null>> = {},
  { user = ALICE, browser = new FormBrowser(), redirectUri = CALLBACK, ...options }: LoginOptions = {},
): Promise<URL> {
  return authorizeInBrowser(browser, loginUrl(as, parameters), redirectUri, user, options)
}

/** The deviations of a client that were counted so far. */
export async function deviationsOf(as: TestAs, clientId: string): Promise<ReadonlyMap<string, number>> {
  const { deps } = as.server.pixy
  await deps.deviations.flush()
  const found = await deps.store.deviations.list(deps.workspaces.list()[0]?.id ?? '', clientId)
  return new Map(found.map(({ deviation, count }) => [deviation, count]))
}
