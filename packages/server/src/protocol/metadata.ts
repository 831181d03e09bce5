import { displayValues } from './display.ts'
import { type Prompt, promptValues } from './prompt.ts'
import { type ResponseMode, responseModes } from './response-mode.ts'
import { standardClaims } from './scope-claims.ts'
import type { JsonValue } from './types.ts'

/** Endpoints by the name that metadata gives them: absolute, or from `/` on and then below the issuer. */
export interface MetadataEndpoints {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly userinfo_endpoint?: string | undefined
  readonly introspection_endpoint?: string | undefined
  readonly revocation_endpoint?: string | undefined
  readonly registration_endpoint?: string | undefined
  readonly pushed_authorization_request_endpoint?: string | undefined
  readonly device_authorization_endpoint?: string | undefined
  readonly end_session_endpoint?: string | undefined
}

/** What a workspace offers. What is absent is not advertised. */
export interface MetadataInput {
  /** Without a trailing slash, exactly as in `iss`. */
  readonly issuer: string
  readonly endpoints: MetadataEndpoints
  /** Algorithms the workspace signs with, first = default. */
  readonly signing_algs: readonly string[]
  readonly scopes: readonly string[]
  readonly grant_types: readonly string[]
  readonly token_endpoint_auth_methods: readonly string[]
  /** Algorithms accepted in client assertions; advertised with a `*_jwt` method only. */
  readonly client_assertion_algs?: readonly string[]
  /** Default: as at the token endpoint, without `none`. */
  readonly introspection_auth_methods?: readonly string[]
  /** Default: as at the token endpoint. */
  readonly revocation_auth_methods?: readonly string[]
  readonly response_types?: readonly string[]
  readonly response_modes?: readonly ResponseMode[]
  readonly subject_types?: readonly ('public' | 'pairwise')[]
  readonly prompts?: readonly Prompt[]
  readonly claims?: readonly string[]
  readonly acr_values?: readonly string[]
  readonly ui_locales?: readonly string[]
  readonly claims_locales?: readonly string[]
  readonly dpop_signing_algs?: readonly string[]
  readonly userinfo_signing_algs?: readonly string[]
  readonly require_pushed_authorization_requests?: boolean
  readonly client_id_metadata_documents?: boolean
  readonly backchannel_logout?: boolean
  readonly frontchannel_logout?: boolean
  readonly certificate_bound_access_tokens?: boolean
  readonly protected_resources?: readonly string[]
  readonly service_documentation?: string
  readonly op_policy_uri?: string
  readonly op_tos_uri?: string
}

/** Claims of every ID token of ours (OIDC Core §2), listed beside those about the user. */
const TOKEN_CLAIMS = ['iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce']

export type ServerMetadata = Readonly<Record<string, JsonValue>> & { readonly issuer: string }

/**
 * The document of OIDC Discovery 1.0 §3 and of RFC 8414 §2: one for both, so that they cannot disagree.
 * Empty lists are left out (RFC 8414 §3.2).
 */
export function buildMetadata(input: MetadataInput): ServerMetadata {
  const members: Record<string, JsonValue | undefined> = {
    ...endpointMembers(input),
    ...clientAuthenticationMembers(input),
    ...authorizationMembers(input),
    ...subjectMembers(input),
    ...extensionMembers(input),
  }
  const document: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) document[name] = value
  }
  return { issuer: input.issuer, ...document }
}

function endpointMembers({ issuer, endpoints }: MetadataInput): Record<string, string | undefined> {
  const members: Record<string, string | undefined> = {}
  for (const [name, place] of Object.entries(endpoints)) {
    members[name] = typeof place === 'string' && place.startsWith('/') ? issuer + place : place
  }
  return members
}

function clientAuthenticationMembers(input: MetadataInput): Record<string, readonly string[] | undefined> {
  const methods = input.token_endpoint_auth_methods
  const introspection = input.introspection_auth_methods ?? methods.filter((method) => method !== 'none')
  const revocation = input.revocation_auth_methods ?? methods
  const algs = (used: readonly string[]) =>
    used.some((method) => method.endsWith('_jwt')) ? input.client_assertion_algs : undefined
  return {
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algs(methods),
    ...(input.endpoints.introspection_endpoint !== undefined && {
      introspection_endpoint_auth_methods_supported: introspection,
      introspection_endpoint_auth_signing_alg_values_supported: algs(introspection),
    }),
    ...(input.endpoints.revocation_endpoint !== undefined && {
      revocation_endpoint_auth_methods_supported: revocation,
      revocation_endpoint_auth_signing_alg_values_supported: algs(revocation),
    }),
  }
}

function authorizationMembers(input: MetadataInput): Record<string, JsonValue | undefined> {
  return {
    response_types_supported: input.response_types ?? ['code'],
    response_modes_supported: input.response_modes ?? responseModes,
    grant_types_supported: input.grant_types,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true, // RFC 9207 §3
    scopes_supported: input.scopes,
    prompt_values_supported: input.prompts ?? promptValues.filter((prompt) => prompt !== 'create'),
    display_values_supported: displayValues,
    acr_values_supported: input.acr_values,
    ui_locales_supported: input.ui_locales,
    request_parameter_supported: false,
    request_uri_parameter_supported: false, // said, since the default is true (OIDC Discovery §3)
    require_pushed_authorization_requests: input.require_pushed_authorization_requests,
  }
}

function subjectMembers(input: MetadataInput): Record<string, JsonValue | undefined> {
  return {
    subject_types_supported: input.subject_types ?? ['public'],
    id_token_signing_alg_values_supported: input.signing_algs,
    userinfo_signing_alg_values_supported: input.userinfo_signing_algs,
    claims_supported: input.claims ?? [...standardClaims, ...TOKEN_CLAIMS],
    claim_types_supported: ['normal'],
    claims_locales_supported: input.claims_locales,
    claims_parameter_supported: true,
  }
}

function extensionMembers(input: MetadataInput): Record<string, JsonValue | undefined> {
  return {
    dpop_signing_alg_values_supported: input.dpop_signing_algs,
    client_id_metadata_document_supported: input.client_id_metadata_documents,
    tls_client_certificate_bound_access_tokens: input.certificate_bound_access_tokens,
    backchannel_logout_supported: input.backchannel_logout,
    backchannel_logout_session_supported: input.backchannel_logout,
    frontchannel_logout_supported: input.frontchannel_logout,
    frontchannel_logout_session_supported: input.frontchannel_logout,
    protected_resources: input.protected_resources,
    service_documentation: input.service_documentation,
    op_policy_uri: input.op_policy_uri,
    op_tos_uri: input.op_tos_uri,
  }
}
