import { z } from 'zod'
import { clientSchema } from './client.ts'
import { identitySourceSchema } from './identity-source.ts'
import { rules } from './rule.ts'
import { userSchema } from './user.ts'
import { id, name, resourceIdentifier, scopeList, scopeName, seconds, webUri } from './values.ts'
import { checkWorkspace } from './workspace-rules.ts'

const DAY = 86_400

const lifetimesSchema = z
  .strictObject({
    authorization_code: seconds(600).default(60).describe('Seconds in which a code must be redeemed.'),
    access_token: seconds(30 * DAY)
      .default(600)
      .describe('Seconds.'),
    id_token: seconds(30 * DAY)
      .default(600)
      .describe('Seconds.'),
    session: seconds(400 * DAY)
      .default(1_209_600)
      .describe('Seconds that a sign-in lasts in the browser.'),
  })
  .describe('How long things last, in seconds.')

const scopeSchema = z
  .strictObject({
    name: scopeName().describe(
      'As in requests, such as notes:read; or a pattern that is asked for with a value, such as transfers.{account}.',
    ),
    description: name()
      .optional()
      .describe('Shown on the consent page; {account} in it becomes the value of a pattern.'),
    required: z.boolean().default(false).describe('Ticked and fixed on the consent page.'),
    sensitive: z.boolean().default(false).describe('Not ticked on the consent page.'),
  })
  .describe('A scope of your own.')

const resourceSchema = z
  .strictObject({
    identifier: resourceIdentifier().describe('The value of resource (RFC 8707) and of aud.'),
    name: name().optional().describe('Shown on the consent page.'),
    scopes: z.array(z.string()).optional().describe('Scopes that belong to it; default: every one.'),
    access_token_format: z.enum(['jwt', 'opaque']).optional().describe('Wins over client and workspace.'),
    introspection_clients: z
      .array(z.string())
      .default([])
      .describe('Clients that may introspect its tokens.'),
  })
  .describe('An API that takes our access tokens.')

const brandingSchema = z
  .strictObject({
    name: name().optional().describe('Shown instead of the workspace’s name.'),
    logo_uri: webUri().optional().describe('Picture on the hosted pages.'),
    accent: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, { error: 'expected a colour such as #0a7cff' })
      .optional()
      .describe('Colour of buttons and links, #rrggbb.'),
    policy_uri: webUri().optional().describe('Privacy policy.'),
    tos_uri: webUri().optional().describe('Terms of service.'),
    support_uri: webUri().optional().describe('Where error pages point people who need help.'),
  })
  .describe('How the hosted pages look.')

/**
 * One issuer. Of `scopes`, `resources`, `identity_sources`, `branding`, `clients` and `users` an absent one is
 * unmanaged: what is stored stays as it is.
 */
export const workspaceSchema = z
  .strictObject({
    id: id().describe('The id within the tenant.'),
    name: name().optional().describe('Shown on the hosted pages; default: the id.'),
    path: z
      .string()
      .regex(/^(?:\/|(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+)$/, {
        error: 'expected / or a path such as /acme/main, without slash at the end',
      })
      .optional()
      .describe('The issuer is url and path; default: /{tenant}/{workspace}.'),
    signing_algs: z
      .array(z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']))
      .min(1, { error: 'expected at least one algorithm' })
      .default(['RS256', 'ES256'])
      .describe('Algorithms of signatures, the default first.'),
    lifetimes: lifetimesSchema.prefault({}),
    scopes: z.array(scopeSchema).optional().describe('Scopes of your own; standard ones need no entry.'),
    default_scope: scopeList().default('openid').describe('Used where a request names no scope.'),
    access_token_format: z
      .enum(['jwt', 'opaque'])
      .default('jwt')
      .describe('Resource, then client, then workspace wins.'),
    registration: z
      .enum(['off', 'token', 'open'])
      .default('token')
      .describe('Dynamic registration: off, with an initial access token, or open.'),
    client_id_metadata_documents: z
      .boolean()
      .default(true)
      .describe('A client id may be the URL of its metadata.'),
    resources: z.array(resourceSchema).optional().describe('APIs that take our access tokens.'),
    loopback_resources: z
      .boolean()
      .default(false)
      .describe('Development: any http://localhost URI is a known resource.'),
    identity_sources: z
      .array(identitySourceSchema)
      .min(1, { error: 'expected at least one source; leave the member out for a pool' })
      .optional()
      .describe('Where accounts come from, the default first; default: a pool with the id "pool".'),
    sign_up: z
      .enum(['closed', 'open'])
      .default('closed')
      .describe('Whether people may make accounts of their own.'),
    branding: brandingSchema.optional(),
    clients: z.array(clientSchema).optional().describe('Clients. Absent: unmanaged.'),
    users: z.array(userSchema).optional().describe('Users. Absent: unmanaged.'),
  })
  .superRefine(...rules(checkWorkspace))
  .describe('One issuer: own keys, clients, scopes, users, branding.')
