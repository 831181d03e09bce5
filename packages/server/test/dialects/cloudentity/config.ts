import { vi } from 'vitest'
import type { PixyConfigInput } from '../../../src/config/schema.ts'
import type { Answer, Authorized, TestAs } from '../../support/test-as.ts'
import { ALICE, BOB, WEB_SECRET } from '../../support/test-config.ts'

export const CALLBACK = 'https://app.example/callback'
export const OTHER = 'https://app.example/other'
export const SILENT = 'https://app.example/silent'
export const APP = 'https://app.example'
export const API = 'https://notes.example'
export const SCOPE = 'openid profile email offline_access revoke_tokens'

const FORM = 'application/x-www-form-urlencoded'

type Workspace = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]
type Client = NonNullable<Workspace['clients']>[number]

const spoken = { dialects: ['cloudentity'] } satisfies Partial<Client>
const secret = { client_secret: WEB_SECRET, token_endpoint_auth_method: 'client_secret_post' } as const

const grant_types = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const satisfies Client['grant_types']

const clients: readonly Client[] = [
  { client_id: 'spa', client_name: 'Demo app', redirect_uris: [CALLBACK], grant_types, ...spoken },
  { client_id: 'sdk', client_name: 'SDK app', redirect_uris: [CALLBACK, SILENT], ...spoken },
  { client_id: 'opaque', redirect_uris: [CALLBACK], access_token_format: 'opaque', ...spoken },
  { client_id: 'strict', redirect_uris: [CALLBACK], grant_types },
  { client_id: 'web', redirect_uris: [CALLBACK], ...secret, ...spoken },
  { client_id: 'web-no-pkce', redirect_uris: [CALLBACK], ...secret, require_pkce: false },
  { client_id: 'first-party', redirect_uris: [CALLBACK], consent: 'implied', ...spoken },
  { client_id: 'disabled', redirect_uris: [CALLBACK], enabled: false, ...spoken },
  { client_id: 'code-only', redirect_uris: [CALLBACK], grant_types: ['authorization_code'] },
  {
    client_id: 'machine',
    ...secret,
    grant_types: ['client_credentials'],
    scope: 'notes:read',
  },
]

/** One workspace at `/acme/demo`, as this vendor's addresses are. */
export function cloudentityConfig(changes: Partial<Workspace> = {}): PixyConfigInput {
  return { tenants: [{ id: 'acme', workspaces: [aWorkspace(changes)] }] }
}

export function aWorkspace(changes: Partial<Workspace> = {}): Workspace {
  return {
    id: 'demo',
    name: 'Demo',
    signing_algs: ['RS256'],
    default_scope: 'openid profile',
    scopes: [
      { name: 'revoke_tokens', description: 'Sign itself out' },
      { name: 'notes:read', description: 'See your notes' },
      { name: 'notes:write', description: 'Edit your notes' },
    ],
    resources: [{ identifier: API, scopes: ['notes:read', 'notes:write'] }],
    clients: [...clients],
    users: [
      {
        source: 'pool',
        ...ALICE,
        claims: { name: 'Alice Adams', email: ALICE.username, email_verified: true },
      },
      { source: 'pool', ...BOB, claims: { name: 'Bob' } },
    ],
    ...changes,
  }
}

/** A body as curl's `--data-raw` sends it. */
export function raw(
  as: TestAs,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return as.request(path, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body })
}

/** The vendor's token call, C3. */
export function vendorToken(
  as: TestAs,
  { code, verifier }: Pick<Authorized, 'code' | 'verifier'>,
  more = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return raw(as, '/oauth2/token', `authorization_code=${code}&code_verifier=${verifier}${more}`, headers)
}

/** What is counted from now on, as `client deviation`. */
export function watchDeviations(as: TestAs): readonly string[] {
  const counted: string[] = []
  const { deviations } = as.server.pixy.deps
  const record = deviations.record.bind(deviations)
  vi.spyOn(deviations, 'record').mockImplementation((workspaceId, clientId, deviation, at) => {
    counted.push(`${clientId} ${deviation}`)
    record(workspaceId, clientId, deviation, at)
  })
  return counted
}

/** An answer without what differs from request to request. */
export function told({ status, json, headers }: Answer) {
  const { flow: _flow, ...rest } = json
  return { status, ...rest, challenge: headers.get('www-authenticate') }
}
