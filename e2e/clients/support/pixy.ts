import {
  authorizeInBrowser,
  createTestServer,
  FormBrowser,
  type PixyTestServer,
  type SignInOptions,
} from '@pixy/testing'
import type { PixyConfigInput } from 'pixy'

type Workspace = NonNullable<NonNullable<PixyConfigInput['tenants']>[number]['workspaces']>[number]
export type Client = NonNullable<Workspace['clients']>[number]

export const ALICE = { username: 'alice@example.com', password: 'alice knows a long password' } as const

/** An API of somebody else, known to the workspace. */
export const NOTES_API = 'https://notes.example'

/** An address that only the form robot ever sees: it stops before it would go there. */
export const CALLBACK = 'https://app.example/callback'

export const SECRET = 'a-secret-of-a-confidential-client-0123456789'

/**
 * These clients and Alice in one workspace. The issuer has a path, as issuers have by default, so that a client which
 * cuts or doubles slashes shows itself.
 */
export function configOf(clients: readonly Client[], workspace: Partial<Workspace> = {}): PixyConfigInput {
  return {
    tenants: [
      {
        id: 'acme',
        name: 'Acme',
        workspaces: [
          {
            id: 'main',
            name: 'Acme',
            signing_algs: ['RS256', 'ES256', 'PS256', 'EdDSA'],
            scopes: [
              { name: 'notes:read', description: 'See your notes' },
              { name: 'notes:write', description: 'Create and edit your notes' },
            ],
            resources: [{ identifier: NOTES_API, name: 'Notes API', scopes: ['notes:read', 'notes:write'] }],
            clients: [...clients],
            users: [
              {
                source: 'pool',
                ...ALICE,
                claims: {
                  name: 'Alice Adams',
                  given_name: 'Alice',
                  email: ALICE.username,
                  email_verified: true,
                },
              },
            ],
            ...workspace,
          },
        ],
      },
    ],
  }
}

/** A server of its own, on a free loopback port. */
export function startPixy(
  clients: readonly Client[],
  workspace: Partial<Workspace> = {},
): Promise<PixyTestServer> {
  return createTestServer({ config: configOf(clients, workspace) })
}

/** Alice opens this URL, signs in and consents. Resolves with where she is sent back to. */
export function signIn(
  url: URL | string,
  redirectUri: string,
  { browser = new FormBrowser(), ...options }: SignInOptions & { readonly browser?: FormBrowser } = {},
): Promise<URL> {
  return authorizeInBrowser(browser, String(url), redirectUri, ALICE, options)
}

/** The same URL with one parameter replaced or, with null, removed: what an attacker would send on. */
export function tamper(url: URL, name: string, value: string | null): URL {
  const tampered = new URL(url)
  if (value === null) tampered.searchParams.delete(name)
  else tampered.searchParams.set(name, value)
  return tampered
}

/** What a JWT says, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
