import { isNative } from '../../protocol/client-metadata.ts'
import { checkRedirectUri } from '../../protocol/redirect-uri.ts'
import { authMethodOf, grantTypesOf, hasKeys, hasRedirectUris, hasSecret } from './client-defaults.ts'
import { list, member, text, texts } from './raw.ts'
import type { Report } from './rule.ts'

/** The rules between the members of one client. */
export function checkClient(client: unknown, report: Report): void {
  checkRedirectUris(client, report)
  checkCredentials(client, report)
  checkGrantTypes(client, report)
  checkPublicClient(client, report)
  checkSector(client, report)
  checkTokenExchange(client, report)
  checkDemands(client, report)
}

/** What an owner demands for safety must hold: a demand that nothing here enforces is refused, not ignored. */
const DEMANDS_TO_COME = ['dpop_bound_access_tokens'] as const

function checkDemands(client: unknown, report: Report): void {
  for (const name of DEMANDS_TO_COME) {
    if (member(client, name) !== true) continue
    report([name], 'received true, which this version cannot enforce yet. Remove it.')
  }
}

/** RFC 6749 §3.1.2, RFC 9700 §2.1, RFC 8252 §7: every URI in full, and none that runs something. */
function checkRedirectUris(client: unknown, report: Report): void {
  const dialects = texts(client, 'dialects').map(([, dialect]) => dialect)
  for (const name of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    const seen = new Set<string>()
    for (const [index, uri] of texts(client, name)) {
      const options = { allowLoopback: true, allowUndottedScheme: dialects.includes('atm') }
      const problem = checkRedirectUri(uri, applicationType(client), options)
      if (problem) report([name, index], `received ${shownUri(uri)} (${problem.problem}). ${problem.hint}`)
      else if (seen.has(uri))
        report([name, index], `received ${shownUri(uri)} for the second time. Remove it.`)
      seen.add(uri)
    }
  }
}

function applicationType(client: unknown): 'web' | 'native' {
  const named = text(client, 'application_type')
  if (named === 'web' || named === 'native') return named
  return isNative({ redirect_uris: texts(client, 'redirect_uris').map(([, uri]) => uri) }) ? 'native' : 'web'
}

function checkCredentials(client: unknown, report: Report): void {
  const method = authMethodOf(client)
  if (method === 'none' && hasSecret(client)) {
    report(
      ['token_endpoint_auth_method'],
      'received "none" together with a secret. A public client has none: remove client_secret, or use client_secret_basic.',
    )
  }
  if (method.startsWith('client_secret') && !hasSecret(client)) {
    report(
      ['token_endpoint_auth_method'],
      `received "${method}" without client_secret. Add one, or use "none" for a public client.`,
    )
  }
  if (method === 'private_key_jwt' && !hasKeys(client)) {
    report(
      ['token_endpoint_auth_method'],
      'received "private_key_jwt" without keys. Add jwks or jwks_uri with the client’s public keys.',
    )
  }
  if (member(client, 'jwks') !== undefined && member(client, 'jwks_uri') !== undefined) {
    report(['jwks_uri'], 'received together with jwks. Keep one of the two (RFC 7591 §2).')
  }
  for (const [index, key] of list(member(client, 'jwks'), 'keys').entries()) {
    // Security: a private key in a file of the server is known to two parties; a symmetric one is a public secret.
    if (member(key, 'd') === undefined && member(key, 'k') === undefined) continue
    report(
      ['jwks', 'keys', index],
      'received a private or symmetric key. Leave only its public members (remove d, p, q, dp, dq, qi, k).',
    )
  }
}

function checkGrantTypes(client: unknown, report: Report): void {
  const grantTypes = grantTypesOf(client)
  const path = member(client, 'grant_types') === undefined ? ['redirect_uris'] : ['grant_types']
  if (grantTypes.includes('client_credentials') && authMethodOf(client) === 'none') {
    const implied = member(client, 'grant_types') === undefined
    report(
      path,
      implied
        ? 'is empty, so the client can only act on its own behalf, and that needs a secret. Add redirect_uris, or client_secret.'
        : 'received "client_credentials" for a public client. Add client_secret or jwks, or remove the grant type (RFC 6749 §4.4).',
    )
  }
  if (grantTypes.includes('authorization_code') && !hasRedirectUris(client)) {
    report(
      ['redirect_uris'],
      'is empty, but the grant type authorization_code needs one. Add where the code is sent to.',
    )
  }
}

function checkPublicClient(client: unknown, report: Report): void {
  if (authMethodOf(client) !== 'none') return
  if (member(client, 'require_pkce') === false) {
    report(
      ['require_pkce'],
      'received false for a public client. PKCE is all that protects its codes (RFC 9700 §2.1.1): remove the line, or add client_secret.',
    )
  }
  const bound = member(client, 'dpop_bound_access_tokens') === true
  const tapkey = list(client, 'dialects').includes('tapkey')
  if (text(member(client, 'refresh_token'), 'policy') === 'reuse' && !bound && !tapkey) {
    report(
      ['refresh_token', 'policy'],
      'received "reuse" for a public client. A stolen token would work for good (RFC 9700 §4.14.2): ' +
        'use "rotate", add client_secret, set dpop_bound_access_tokens, or list the dialect tapkey.',
    )
  }
}

/** Security: anybody can call itself by a public client's id, and would exchange whatever token they found. */
function checkTokenExchange(client: unknown, report: Report): void {
  if (member(client, 'token_exchange') === undefined) return
  if (authMethodOf(client) === 'none') {
    report(
      ['token_exchange'],
      'received for a public client, which may exchange its own tokens only. Remove it, or add client_secret or jwks.',
    )
  }
  if (!grantTypesOf(client).includes(TOKEN_EXCHANGE)) {
    report(['token_exchange'], `received without its grant type. Add "${TOKEN_EXCHANGE}" to grant_types.`)
  }
}

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** OIDC Core §8.1: redirect URIs on several hosts do not say which sector is meant. */
function checkSector(client: unknown, report: Report): void {
  if (text(client, 'subject_type') !== 'pairwise' || member(client, 'sector_identifier_uri') !== undefined)
    return
  const hosts = new Set(texts(client, 'redirect_uris').map(([, uri]) => URL.parse(uri)?.host ?? uri))
  if (hosts.size > 1) {
    report(
      ['subject_type'],
      'received "pairwise" with redirect_uris on several hosts. Add sector_identifier_uri (OIDC Core §8.1).',
    )
  }
}

function shownUri(uri: string): string {
  return JSON.stringify(uri.length > 200 ? `${uri.slice(0, 200)}…` : uri)
}
