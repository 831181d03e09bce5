import type { z } from 'zod'
import type {
  ClientMetadata,
  ClientSecret,
  RefreshTokenSettings,
  TokenEndpointAuthMethod,
} from '../../protocol/client-metadata.ts'
import type { clientShape } from './client-shape.ts'
import { list, member, text } from './raw.ts'

/** A client with every default filled in that does not depend on its workspace. */
export type ClientConfig = Omit<ClientMetadata, 'client_secret' | 'client_secrets' | 'refresh_token'> &
  Required<
    Pick<
      ClientMetadata,
      | 'redirect_uris'
      | 'post_logout_redirect_uris'
      | 'token_endpoint_auth_method'
      | 'grant_types'
      | 'response_types'
      | 'require_pkce'
      | 'code_challenge_methods'
      | 'consent'
      | 'offline_access'
      | 'user_access'
      | 'web_origins'
      | 'dialects'
    >
  > & {
    readonly refresh_token: Required<RefreshTokenSettings>
    /** `client_secret` and `client_secrets` together. */
    readonly client_secrets: ReadonlyArray<Required<ClientSecret>>
  }

export function withDefaults(client: z.output<z.ZodObject<typeof clientShape>>): ClientConfig {
  const { client_secret, client_secrets = [], ...rest } = client
  const secrets =
    client_secret === undefined
      ? client_secrets
      : [{ value: client_secret, expires_at: 0 }, ...client_secrets]
  return {
    ...compact(rest),
    client_secrets: secrets,
    token_endpoint_auth_method: authMethodOf(client),
    grant_types: [...grantTypesOf(client)],
    response_types:
      rest.response_types ?? (grantTypesOf(client).includes('authorization_code') ? ['code'] : []),
  }
}

/** Told by the credentials where it is not named; RFC 7591 §2 would make it `client_secret_basic` in any case. */
export function authMethodOf(client: unknown): TokenEndpointAuthMethod {
  const named = text(client, 'token_endpoint_auth_method')
  if (named !== undefined) return isAuthMethod(named) ? named : 'client_secret_basic'
  if (hasSecret(client)) return 'client_secret_basic'
  return hasKeys(client) ? 'private_key_jwt' : 'none'
}

export function grantTypesOf(client: unknown): readonly string[] {
  const named = member(client, 'grant_types')
  if (Array.isArray(named)) return named.map(String)
  return hasRedirectUris(client) ? ['authorization_code', 'refresh_token'] : ['client_credentials']
}

export function hasRedirectUris(client: unknown): boolean {
  const uris = member(client, 'redirect_uris')
  return Array.isArray(uris) ? uris.length > 0 : uris !== undefined
}

export function hasSecret(client: unknown): boolean {
  return member(client, 'client_secret') !== undefined || list(client, 'client_secrets').length > 0
}

export function hasKeys(client: unknown): boolean {
  return member(client, 'jwks') !== undefined || member(client, 'jwks_uri') !== undefined
}

function isAuthMethod(name: string): name is TokenEndpointAuthMethod {
  return (
    name === 'none' ||
    name === 'client_secret_basic' ||
    name === 'client_secret_post' ||
    name === 'private_key_jwt'
  )
}

type Compact<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/** Without the members that are `undefined`, which JSON does not have. */
function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Compact<T>
}
