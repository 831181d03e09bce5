import { z } from 'zod'
import { name, origin, resourceIdentifier, scopeList, seconds, webUri } from './values.ts'

/** Members that people read may carry a language tag (RFC 7591 §2.2), such as `client_name#de`. */
export const LOCALIZED = ['client_name', 'client_uri', 'logo_uri', 'tos_uri', 'policy_uri'] as const

export const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const

const DAY = 86_400
const algorithm = () => z.enum(['RS256', 'PS256', 'ES256', 'EdDSA'])
const secret = () =>
  z
    .string()
    .regex(/^[ -~]{1,512}$/, { error: 'expected 1 to 512 printable ASCII characters (RFC 6749 App. A.2)' })

/** RFC 7591 §2 and its extensions, as the wire has them. */
const registration = {
  client_id: z
    .string()
    .regex(/^[!-~]{1,255}$/, { error: 'expected 1 to 255 printable ASCII characters without spaces' })
    .describe('The client’s id.'),
  client_name: name().optional().describe('Shown on the sign-in and consent pages.'),
  client_uri: webUri().optional().describe('Page about the client.'),
  logo_uri: webUri().optional().describe('Picture shown on the consent page.'),
  tos_uri: webUri().optional().describe('Terms of service.'),
  policy_uri: webUri().optional().describe('Privacy policy.'),
  contacts: z.array(z.string().max(320)).optional().describe('E-mail addresses of those responsible.'),
  application_type: z
    .enum(['web', 'native'])
    .optional()
    .describe('native: a program on its user’s machine. Default: what the redirect URIs look like.'),
  redirect_uris: z
    .array(z.string())
    .default([])
    .describe(
      'Where codes may be sent, each in full: https, http on loopback, or for native clients com.example.app:/callback.',
    ),
  post_logout_redirect_uris: z
    .array(z.string())
    .default([])
    .describe('Where the browser may go after sign-out.'),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .optional()
    .describe(
      'Default: client_secret_basic with a secret, private_key_jwt with jwks or jwks_uri, else none (a public client).',
    ),
  token_endpoint_auth_signing_alg: algorithm()
    .optional()
    .describe('The only algorithm for private_key_jwt; default: any.'),
  grant_types: z
    .array(z.enum(GRANT_TYPES))
    .optional()
    .describe(
      'Default: authorization_code and refresh_token with redirect_uris, client_credentials without.',
    ),
  response_types: z
    .array(z.literal('code'))
    .optional()
    .describe('Default: code where there is an authorization_code grant.'),
  scope: scopeList()
    .optional()
    .describe('Scopes the client may ask for, separated by spaces; default: every one.'),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.json())).describe('Public keys (RFC 7517).') })
    .optional()
    .describe('The client’s public keys; or jwks_uri.'),
  jwks_uri: webUri().optional().describe('Where the client publishes its keys; or jwks.'),
  software_id: z.string().max(255).optional().describe('The same for every instance of the program.'),
  software_version: z.string().max(255).optional().describe('Version of the program.'),
  sector_identifier_uri: webUri()
    .optional()
    .describe('Its host is the sector of pairwise subjects (OIDC Core §8.1).'),
  subject_type: z
    .enum(['public', 'pairwise'])
    .optional()
    .describe('pairwise: a sub of its own for each sector. Default: public.'),
  id_token_signed_response_alg: algorithm()
    .optional()
    .describe('One of the workspace’s signing_algs; default: its first.'),
  userinfo_signed_response_alg: algorithm().optional().describe('Userinfo as a JWT; default: JSON.'),
  request_object_signing_alg: algorithm().optional().describe('The only algorithm for request objects.'),
  default_max_age: seconds(400 * DAY, 0)
    .optional()
    .describe('Seconds since sign-in after which to ask again.'),
  require_auth_time: z
    .boolean()
    .optional()
    .describe('Whether ID tokens must hold auth_time; they always do.'),
  default_acr_values: z.array(z.string()).optional().describe('Wanted where a request names none.'),
  initiate_login_uri: webUri().optional().describe('Where a sign-in can be started from our pages.'),
  request_uris: z.array(webUri()).optional().describe('Request objects that may be fetched.'),
  backchannel_logout_uri: webUri().optional().describe('Told of every sign-out.'),
  backchannel_logout_session_required: z
    .boolean()
    .optional()
    .describe('Whether logout tokens must hold sid.'),
  frontchannel_logout_uri: webUri().optional().describe('Loaded in a frame at sign-out.'),
  frontchannel_logout_session_required: z
    .boolean()
    .optional()
    .describe('Whether that frame gets iss and sid.'),
  require_pushed_authorization_requests: z
    .boolean()
    .optional()
    .describe('Only pushed requests (RFC 9126 §6).'),
  dpop_bound_access_tokens: z
    .boolean()
    .optional()
    .describe('Only tokens bound to a DPoP key (RFC 9449 §5.2).'),
}

/** Pixy's own members. */
const settings = {
  client_secret: secret()
    .optional()
    .describe('The secret, also env:NAME or file:PATH. Only its hash is stored.'),
  client_secrets: z
    .array(
      z.strictObject({
        value: secret().describe('The secret, also env:NAME or file:PATH.'),
        expires_at: z
          .int()
          .min(0, { error: 'expected seconds since 1970, or 0' })
          .default(0)
          .describe('Seconds since 1970; 0: never (RFC 7591 §3.2.1).'),
      }),
    )
    .optional()
    .describe('Any number of secrets alive at once, for rotation.'),
  require_pkce: z.boolean().default(true).describe('Cannot be false for a public client.'),
  code_challenge_methods: z
    .array(z.literal('S256'))
    .min(1, { error: 'expected ["S256"]' })
    .default(['S256'])
    .describe('PKCE methods (RFC 7636 §4.2).'),
  consent: z
    .enum(['ask', 'implied'])
    .default('ask')
    .describe('implied: the user is not asked (first party).'),
  offline_access: z
    .enum(['scope', 'always'])
    .default('scope')
    .describe('scope: a refresh token where offline_access was granted. always: with every code.'),
  refresh_token: z
    .strictObject({
      policy: z
        .enum(['rotate', 'reuse'])
        .default('rotate')
        .describe(
          'rotate: a new token at each use. reuse: the same one; only for confidential or DPoP clients.',
        ),
      idle_lifetime: seconds(3650 * DAY)
        .default(2_592_000)
        .describe('Seconds without use after which it ends.'),
      absolute_lifetime: seconds(3650 * DAY, 0)
        .default(7_776_000)
        .describe('Seconds after which it ends in any case; 0: no cap.'),
      retry_window: seconds(300, 0)
        .default(30)
        .describe('Seconds in which the last token still gets the same successor.'),
    })
    .prefault({})
    .describe('How refresh tokens live.'),
  access_token_lifetime: seconds(30 * DAY)
    .optional()
    .describe('Seconds; default: the workspace’s.'),
  id_token_lifetime: seconds(30 * DAY)
    .optional()
    .describe('Seconds; default: the workspace’s.'),
  access_token_format: z
    .enum(['jwt', 'opaque'])
    .optional()
    .describe('Default: the workspace’s; a resource’s own wins.'),
  identity_sources: z
    .array(z.string())
    .min(1, { error: 'expected at least one id; leave the member out for the workspace’s first source' })
    .optional()
    .describe('Ids of identity sources; default: the workspace’s first.'),
  user_access: z
    .enum(['everyone', 'assigned'])
    .default('everyone')
    .describe('assigned: only users who list this client.'),
  web_origins: z.array(origin()).default([]).describe('Origins for CORS; default: those of redirect_uris.'),
  dialects: z
    .array(z.enum(['atm', 'toki', 'tapkey', 'cloudentity', 'auth0']))
    .default([])
    .describe('Ways of older systems that this client needs; off unless listed.'),
  resources: z
    .array(resourceIdentifier())
    .optional()
    .describe('Resources the client may ask for; default: every one.'),
  token_exchange: z
    .strictObject({
      subject_clients: z
        .array(z.string())
        .default([])
        .describe('Clients whose users’ access tokens this client may exchange.'),
      subject_resources: z
        .array(resourceIdentifier())
        .default([])
        .describe('APIs that this client serves: it may exchange access tokens for them.'),
      target_resources: z
        .array(resourceIdentifier())
        .default([])
        .describe('APIs that new tokens may be for, beside the one the presented token is for.'),
      actor_clients: z
        .array(z.string())
        .default([])
        .describe('Clients whose access tokens may be its actor_token, beside its own.'),
      impersonation: z
        .boolean()
        .default(false)
        .describe('true: new tokens do not name this client as the one who acts (act).'),
    })
    .optional()
    .describe(
      'What a confidential client may exchange (RFC 8693) beside narrowing its own tokens; default: nothing.',
    ),
  first_party: z.boolean().optional().describe('Whether the client belongs to the workspace’s owner.'),
  enabled: z.boolean().optional().describe('Whether the client may be used; default: true for a new one.'),
}

export const clientShape = { ...registration, ...settings }
