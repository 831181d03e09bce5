import { buildMetadata } from '../../protocol/metadata.ts'
import { promptValues } from '../../protocol/prompt.ts'
import { standardClaims } from '../../protocol/scope-claims.ts'
import type { OAuthReply } from '../../protocol/types.ts'
import { acrValuesSupported } from '../authorization/acr.ts'
import { ASSERTION_ALGORITHMS } from '../client-authentication/client-assertion.ts'
import type { Exchange } from '../exchange.ts'
import { cacheable } from '../jwks/jwks.ts'
import { supportedGrantTypes } from '../token/token.ts'
import type { Workspace } from '../workspaces/workspace.ts'

const MAX_AGE = 300

/** One document for OIDC Discovery §4 and RFC 8414 §3, at its four addresses. Nothing in it comes from the request. */
export async function discovery({ workspace, deps, request }: Exchange): Promise<OAuthReply> {
  let body = bodies.get(workspace)
  if (body === undefined) {
    body = JSON.stringify(describe(workspace, deps.pages.locales, deps.workspaces.url))
    bodies.set(workspace, body)
  }
  return cacheable(request, body, 'application/json', MAX_AGE)
}

/** A workspace object is made anew when its settings change, so its document lives as long as it does. */
const bodies = new WeakMap<Workspace, string>()

function describe(workspace: Workspace, locales: readonly string[], productUrl: string) {
  const { issuer, settings } = workspace
  const confidential = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']
  return buildMetadata({
    issuer,
    endpoints: {
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      device_authorization_endpoint: `${issuer}/oauth2/device_authorization`,
      pushed_authorization_request_endpoint: `${issuer}/oauth2/par`,
      introspection_endpoint: `${issuer}/oauth2/introspect`,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      end_session_endpoint: `${issuer}/oauth2/logout`,
    },
    signing_algs: settings.signing_algs,
    scopes: workspace.scopeNames,
    grant_types: supportedGrantTypes,
    token_endpoint_auth_methods: [...confidential, 'none'],
    client_assertion_algs: ASSERTION_ALGORITHMS,
    introspection_auth_methods: confidential,
    revocation_auth_methods: [...confidential, 'none'],
    require_pushed_authorization_requests: false,
    subject_types: ['public', 'pairwise'],
    claims: [
      ...standardClaims,
      'auth_time',
      'acr',
      'amr',
      'sid',
      'nonce',
      'at_hash',
      'iss',
      'aud',
      'exp',
      'iat',
    ],
    acr_values: acrValuesSupported(settings.identity_sources),
    prompts: promptValues.filter((prompt) => prompt !== 'create' || settings.sign_up === 'open'),
    ui_locales: locales,
    service_documentation: `${productUrl}/docs`,
    ...(settings.branding.policy_uri === undefined ? {} : { op_policy_uri: settings.branding.policy_uri }),
    ...(settings.branding.tos_uri === undefined ? {} : { op_tos_uri: settings.branding.tos_uri }),
  })
}
