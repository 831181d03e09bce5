import type { FormBrowser } from '../../../../testing/src/browser.ts'
import {
  type Answer,
  type AuthorizeOptions,
  basic,
  claimsOf,
  type TestAs,
  type Tokens,
} from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

export const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
export const JWT = 'urn:ietf:params:oauth:token-type:jwt'
export const NOTES = 'https://api.example'
export const MAIL = 'https://mail.example'
export const VAULT = 'https://vault.example'
export const ORDERS = 'https://orders.example'

export const notesApi = basic('notes-api', WEB_SECRET)
export const mailApi = basic('mail-api', WEB_SECRET)
export const support = basic('support', WEB_SECRET)
export const auditor = basic('auditor', WEB_SECRET)
export const corpApi = basic('corp-api', WEB_SECRET)
export const bystander = basic('bystander', WEB_SECRET)

const CALLBACK = 'https://app.example/callback'
const secret = { client_secret: WEB_SECRET }

/** An app (public), the APIs behind it, and a support desk; each as its owner would allow it, and no more. */
export const exchangeConfig = () =>
  testConfig({
    workspace: {
      signing_algs: ['ES256'],
      identity_sources: [
        { id: 'pool', type: 'pool' },
        { id: 'corp', type: 'pool' },
      ],
      scopes: [
        { name: 'notes:read' },
        { name: 'notes:write' },
        { name: 'mail:send' },
        { name: 'vault:open' },
        { name: 'audit' },
      ],
      resources: [
        { identifier: NOTES, scopes: ['notes:read', 'notes:write'], introspection_clients: ['notes-api'] },
        { identifier: MAIL, scopes: ['mail:send'], introspection_clients: ['mail-api'] },
        { identifier: VAULT, scopes: ['vault:open'] },
        {
          identifier: ORDERS,
          name: 'Orders',
          access_token_format: 'opaque',
          introspection_clients: ['mail-api'],
        },
      ],
      clients: [
        {
          client_id: 'app',
          redirect_uris: [CALLBACK],
          consent: 'implied',
          grant_types: ['authorization_code', 'refresh_token', GRANT],
        },
        { client_id: 'plain', redirect_uris: [CALLBACK], consent: 'implied' },
        {
          client_id: 'pairwise-app',
          redirect_uris: [CALLBACK],
          consent: 'implied',
          subject_type: 'pairwise',
        },
        {
          client_id: 'notes-api',
          ...secret,
          grant_types: [GRANT, 'client_credentials'],
          token_exchange: { subject_resources: [NOTES], target_resources: [MAIL, ORDERS] },
        },
        {
          client_id: 'mail-api',
          ...secret,
          scope: 'openid mail:send notes:read',
          grant_types: [GRANT, 'client_credentials'],
          token_exchange: {
            subject_resources: [MAIL, ORDERS],
            target_resources: [NOTES],
            actor_clients: ['bystander', 'assigned'],
          },
        },
        {
          client_id: 'support',
          ...secret,
          redirect_uris: [CALLBACK],
          consent: 'implied',
          grant_types: ['authorization_code', GRANT],
          token_exchange: { subject_clients: ['app'], impersonation: true },
        },
        {
          client_id: 'assigned-api',
          ...secret,
          user_access: 'assigned',
          grant_types: [GRANT],
          token_exchange: { subject_clients: ['app'] },
        },
        {
          client_id: 'assigned',
          redirect_uris: [CALLBACK],
          consent: 'implied',
          user_access: 'assigned',
        },
        {
          client_id: 'corp-api',
          ...secret,
          identity_sources: ['corp'],
          grant_types: [GRANT],
          token_exchange: { subject_clients: ['app', 'support'] },
        },
        {
          client_id: 'mail-only',
          ...secret,
          resources: [MAIL],
          grant_types: [GRANT],
          token_exchange: { subject_clients: ['app'] },
        },
        {
          client_id: 'auditor',
          ...secret,
          grant_types: [GRANT],
          token_exchange: { subject_clients: ['notes-api'], impersonation: true },
        },
        { client_id: 'bystander', ...secret, grant_types: [GRANT, 'client_credentials'] },
        { client_id: 'no-grant', ...secret, grant_types: ['client_credentials'] },
      ],
    },
  })

export type Form = Readonly<Record<string, string | null>>

/** A token exchange; `changes` replace or, with null, remove parameters. */
export function exchange(
  as: TestAs,
  subjectToken: string,
  changes: Form = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const form = new URLSearchParams()
  const parameters: Form = {
    grant_type: GRANT,
    subject_token: subjectToken,
    subject_token_type: ACCESS_TOKEN,
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== null) form.set(name, value)
  return as.token(form, headers)
}

/** The token of an exchange that must go well. */
export async function exchanged(...request: Parameters<typeof exchange>): Promise<string> {
  const answer = await exchange(...request)
  if (answer.status !== 200) throw new Error(`the token endpoint answers ${answer.status}: ${answer.text}`)
  return String(answer.json.access_token)
}

/** Alice's tokens in the app, for the notes API, with consent for mail as well. */
export function loginForNotes(
  as: TestAs,
  browser: FormBrowser,
  options: AuthorizeOptions = {},
): Promise<Tokens> {
  return as.login(
    {
      browser,
      client: 'app',
      scope: 'openid offline_access notes:read notes:write mail:send audit',
      parameters: { resource: NOTES },
      ...options,
    },
    { resource: NOTES },
  )
}

export async function introspect(
  as: TestAs,
  token: string,
  headers: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  return (await as.post('/oauth2/introspect', { token }, headers)).json
}

/** A token of the client itself. */
export async function ownToken(as: TestAs, headers: Readonly<Record<string, string>>): Promise<string> {
  const { json } = await as.token({ grant_type: 'client_credentials' }, headers)
  return String(json.access_token)
}

export const actOf = (jwt: string): unknown => claimsOf(jwt).act
