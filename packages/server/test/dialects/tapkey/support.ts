import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser, type SignInOptions } from '../../../../testing/src/sign-in.ts'
import type { PixyConfigInput } from '../../../src/config/schema.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type Answer, type AsOptions, pkce, type TestAs, type Tokens } from '../../support/test-as.ts'
import { ALICE, BOB } from '../../support/test-config.ts'

export const CALLBACK = 'https://localhost:44333/Auth/LoginCallback'
export const SECRET = 'tapkey-secret-0123456789-0123456789'
export const SCOPE = 'read:core:entities read:owneraccounts offline_access'
export const DAYS_90 = 7_776_000
/** Whoever keeps her record has written other things than lists where the lists belong. */
export const CAROL = { username: 'carol@example.com', password: 'carol knows a third password' } as const

const scope = `openid profile ${SCOPE} write:grants`
const shared = { redirect_uris: [CALLBACK], scope, access_token_lifetime: 3600 }
const tapkey = { ...shared, dialects: ['tapkey' as const] }
const confidential = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' as const }
const sliding = { policy: 'reuse' as const, idle_lifetime: DAYS_90, absolute_lifetime: 0, retry_window: 30 }

type Workspace = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]

const workspace: Workspace = {
  id: 'main',
  path: '/',
  scopes: [
    { name: 'read:core:entities', description: 'Read your locking devices and grants' },
    { name: 'read:owneraccounts', description: 'Read your owner accounts' },
    { name: 'write:grants', description: 'Hand out keys in your name', sensitive: true },
    { name: 'write:logs', description: 'Write the log', required: true },
    { name: 'lock/{owner_account}/{lock}', description: 'Open {lock} of {owner_account}' },
  ],
  resources: [
    {
      identifier: 'https://my.tapkey.example',
      name: 'Access Management',
      scopes: ['read:core:entities', 'read:owneraccounts', 'write:grants'],
      introspection_clients: ['machine'],
    },
  ],
  users: [
    {
      source: 'pool',
      ...ALICE,
      claims: {
        name: 'Alice Adams',
        ownerAccounts: [{ id: 'acc_1', name: 'Adams & Co' }],
        ownerAccountPermissions: [{ ownerAccountId: 'acc_1', role: 'owner' }],
      },
    },
    { source: 'pool', ...BOB, claims: { name: 'Bob' } },
    { source: 'pool', ...CAROL, claims: { ownerAccounts: null, ownerAccountPermissions: 'all' } },
  ],
  clients: [
    { ...tapkey, client_id: 'native', refresh_token: sliding },
    { ...tapkey, client_id: 'native-two', refresh_token: sliding },
    {
      ...tapkey,
      client_id: 'capped',
      refresh_token: { ...sliding, absolute_lifetime: DAYS_90 + 86_400 },
    },
    { ...tapkey, client_id: 'rotating' },
    { ...tapkey, client_id: 'pairwise', subject_type: 'pairwise' },
    { ...tapkey, client_id: 'opaque', access_token_format: 'opaque' },
    { ...tapkey, client_id: 'blazor', ...confidential, require_pkce: false, refresh_token: sliding },
    {
      client_id: 'machine',
      client_secret: SECRET,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: 'read:core:entities read:owneraccounts',
      access_token_lifetime: 3600,
      dialects: ['tapkey'],
    },
    { ...shared, client_id: 'strict' },
    { ...shared, client_id: 'strict-secret', ...confidential, require_pkce: false },
    {
      client_id: 'strict-machine',
      client_secret: SECRET,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: 'read:core:entities',
    },
  ],
}

const config: PixyConfigInput = { tenants: [{ id: 'acme', workspaces: [workspace] }] }

/** `native` and its neighbours speak Tapkey, `strict` is the same without. */
export const options: AsOptions = { config, hasher: quickHasher() }

type Changes = Readonly<Record<string, string | null>>

/** A query with its parameters in the order and the writing of the document: spaces as `+`. */
export function connectUrl(as: TestAs, client: string, challenge: string, changes: Changes = {}): string {
  return `${as.issuer}/connect/authorize?${form({
    client_id: client,
    scope: SCOPE,
    redirect_uri: CALLBACK,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  })}`
}

export interface Connected {
  readonly url: URL
  readonly code: string
  readonly verifier: string
  readonly client: string
}

/** Signs in at `/connect/authorize`. @throws where the response holds no code */
export async function connect(
  as: TestAs,
  client: string,
  changes: Changes = {},
  signIn: SignInOptions & { readonly user?: typeof ALICE | typeof BOB | typeof CAROL } = {},
): Promise<Connected> {
  const { verifier, challenge } = pkce()
  const { user = ALICE, ...pages } = signIn
  const request = connectUrl(as, client, challenge, changes)
  const url = await authorizeInBrowser(new FormBrowser(), request, CALLBACK, user, pages)
  const code = url.searchParams.get('code')
  if (code === null) throw new Error(`no code: ${url.search}`)
  return { url, code, verifier, client }
}

/** Redeems at `/connect/token`; `changes` replace or, with null, remove parameters. */
export function connectToken(as: TestAs, connected: Connected, changes: Changes = {}): Promise<Answer> {
  const { client, code, verifier } = connected
  return as.post(
    '/connect/token',
    form({
      client_id: client,
      grant_type: 'authorization_code',
      redirect_uri: CALLBACK,
      code,
      code_verifier: verifier,
      ...changes,
    }),
  )
}

/** A whole login by Tapkey's paths. @throws where the token endpoint refuses */
export async function connectLogin(
  as: TestAs,
  client = 'native',
  changes: Changes = {},
  signIn: Parameters<typeof connect>[3] = {},
): Promise<Tokens> {
  const answer = await connectToken(as, await connect(as, client, changes, signIn))
  if (answer.status !== 200) throw new Error(`/connect/token answers ${answer.status}: ${answer.text}`)
  return answer.json as unknown as Tokens
}

/** Refreshes as the sample does: with a redirect_uri of elsewhere and the verifier of long ago. */
export function connectRefresh(
  as: TestAs,
  refreshToken: string,
  client = 'native',
  changes: Changes = {},
): Promise<Answer> {
  return as.post(
    '/connect/token',
    form({
      client_id: client,
      grant_type: 'refresh_token',
      redirect_uri: 'http://localhost:55183/Auth/LoginCallback',
      refresh_token: refreshToken,
      code_verifier: 'stale-verifier-of-another-login-0123456789abcdef',
      ...changes,
    }),
  )
}

function form(parameters: Changes): URLSearchParams {
  return new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  )
}
