import { createHash, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  clockSkew,
  customFetch,
  discovery,
  type ExportedJWKSCache,
  enableNonRepudiationChecks,
  fetchUserInfo,
  getJwksCache,
  None,
  type ServerMetadata,
  setJwksCache,
} from 'openid-client'
import {
  type Clock,
  type OpenIdProviders,
  type ProviderClient,
  ProviderFailure,
  type ProviderIdentity,
  type ProviderRequest,
  type ProviderResponse,
} from '../core/ports.ts'
import { providerFailure } from './openid-provider-failure.ts'
import { guardedFetch } from './openid-provider-fetch.ts'

export interface OpenIdProvidersOptions {
  /** As of the fetcher: hosts that may be reached at private addresses and by http. */
  readonly allowPrivate: readonly string[]
  readonly clock: Clock
}

/** What is known of a provider for a while. */
interface Known {
  readonly metadata: ServerMetadata
  readonly readAt: number
  jwks: ExportedJWKSCache | undefined
}

const METADATA_LIFE = 600
const TIMEOUT = 10
/** OIDC Core §2 has ASCII alone. Security: what a database cannot keep as it is would come to the same as another. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u

/** Other OpenID providers by `openid-client`, which does the checks of OIDC Core §3.1.3.7 and RFC 9207. */
export function openIdProviders({ allowPrivate, clock }: OpenIdProvidersOptions): OpenIdProviders {
  const fetch = guardedFetch(allowPrivate)
  const known = new LRUCache<string, Known>({ max: 200 })
  const underWay = new Map<string, Promise<Known>>()

  const insecure = (issuer: string): boolean => {
    const url = URL.parse(issuer)
    return url?.protocol === 'http:' && allowPrivate.includes(url.host)
  }

  const metadataOf = async (client: ProviderClient): Promise<Known> => {
    const { issuer } = client
    const cached = known.get(issuer)
    const age = cached ? clock.now() - cached.readAt : METADATA_LIFE
    if (cached && age >= 0 && age < METADATA_LIFE) return cached
    // Many who come at once to a provider that is new or slow wait for one answer.
    const begun = underWay.get(issuer) ?? discover(client).finally(() => underWay.delete(issuer))
    underWay.set(issuer, begun)
    return begun
  }

  const discover = async ({ issuer, clientId }: ProviderClient): Promise<Known> => {
    const found = await discovery(new URL(issuer), clientId, undefined, None(), {
      timeout: TIMEOUT,
      [customFetch]: fetch,
      execute: insecure(issuer) ? [allowInsecureRequests] : [],
    })
    const metadata = found.serverMetadata()
    // The library lets providers of many tenants name another issuer: then any tenant's people would come in.
    if (URL.parse(metadata.issuer)?.href !== URL.parse(issuer)?.href) {
      throw new ProviderFailure('invalid', 'its metadata names another issuer')
    }
    const fresh = { metadata, readAt: clock.now(), jwks: undefined }
    known.set(issuer, fresh)
    return fresh
  }

  const configure = (client: ProviderClient, provider: Known): Configuration => {
    const skew = clock.now() - Math.floor(Date.now() / 1000)
    const config = new Configuration(
      provider.metadata,
      client.clientId,
      { [clockSkew]: skew },
      clientAuthentication(client),
    )
    config.timeout = TIMEOUT
    config[customFetch] = fetch
    if (insecure(client.issuer)) allowInsecureRequests(config)
    if (provider.jwks) setJwksCache(config, provider.jwks)
    enableNonRepudiationChecks(config)
    return config
  }

  return {
    async authorizationUrl(client, request) {
      try {
        const provider = await metadataOf(client)
        const parameters = authorizationParameters(client, request, provider.metadata)
        return buildAuthorizationUrl(configure(client, provider), parameters).href
      } catch (error) {
        throw providerFailure(error)
      }
    },

    async redeem(client, response) {
      try {
        const provider = await metadataOf(client)
        const config = configure(client, provider)
        const identity = await redeemCode(config, client, response)
        provider.jwks = getJwksCache(config)
        return identity
      } catch (error) {
        // What it says now may fit better than what it said before.
        const failure = providerFailure(error)
        if (failure.kind === 'invalid') known.delete(client.issuer)
        throw failure
      }
    },
  }
}

async function redeemCode(
  config: Configuration,
  { redirectUri }: ProviderClient,
  { query, state, nonce, codeVerifier }: ProviderResponse,
): Promise<ProviderIdentity> {
  const tokens = await authorizationCodeGrant(config, new URL(`${redirectUri}?${query}`), {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  })
  const idToken = tokens.claims()
  if (!idToken || !SUBJECT.test(idToken.sub)) {
    throw new ProviderFailure('invalid', 'the ID token has no sub that could be kept')
  }
  checkAccessTokenHash(tokens.id_token ?? '', idToken.at_hash, tokens.access_token)
  const hasUserinfo = config.serverMetadata().userinfo_endpoint !== undefined
  const userinfo = hasUserinfo ? await fetchUserInfo(config, tokens.access_token, idToken.sub) : null
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    authTime: idToken.auth_time === undefined ? null : Math.floor(idToken.auth_time),
    idToken,
    userinfo,
  }
}

/** `at_hash` (OIDC Core §3.1.3.8), which the library leaves to us in the code flow. */
function checkAccessTokenHash(idToken: string, expected: unknown, accessToken: string): void {
  if (expected === undefined) return
  const { alg } = JSON.parse(Buffer.from(idToken.split('.', 1)[0] ?? '', 'base64url').toString()) as {
    readonly alg: string
  }
  const bits = /^[A-Z]{2}(256|384|512)$/.exec(alg)?.[1] ?? '512'
  const digest = createHash(`sha${bits}`).update(accessToken, 'ascii').digest()
  const half = Buffer.from(digest.subarray(0, digest.length / 2).toString('base64url'))
  const received = Buffer.from(String(expected))
  if (half.length !== received.length || !timingSafeEqual(half, received)) {
    throw new ProviderFailure('invalid', 'at_hash does not fit the access token')
  }
}

function authorizationParameters(
  client: ProviderClient,
  request: ProviderRequest,
  metadata: ServerMetadata,
): Record<string, string> {
  const { scope, state, nonce, codeChallenge, maxAge, loginHint, uiLocales } = request
  const prompt = knownPrompt(request.prompt, metadata)
  return {
    redirect_uri: client.redirectUri,
    scope,
    state,
    nonce,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...(prompt === null ? {} : { prompt }),
    ...(maxAge === null ? {} : { max_age: String(maxAge) }),
    ...(loginHint === null ? {} : { login_hint: loginHint }),
    ...(uiLocales.length === 0 ? {} : { ui_locales: uiLocales.join(' ') }),
  }
}

/** `select_account` is refused by some that do not announce it; `login` lets people choose too. */
function knownPrompt(prompt: ProviderRequest['prompt'], metadata: ServerMetadata): string | null {
  if (prompt !== 'select_account') return prompt
  const supported: unknown = metadata.prompt_values_supported
  return Array.isArray(supported) && supported.includes('select_account') ? prompt : 'login'
}

/** `client_secret_basic` is what a provider takes unless it says otherwise (OIDC Discovery §3). */
function clientAuthentication({ clientId, clientSecret }: ProviderClient): ClientAuth {
  if (clientSecret === null) return None()
  const post = ClientSecretPost(clientSecret)
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const takesBasic = methods.includes('client_secret_basic') || !methods.includes('client_secret_post')
    if (takesBasic) headers.set('authorization', basicCredentials(clientId, clientSecret))
    else post(server, client, body, headers)
  }
}

/**
 * RFC 6749 §2.3.1, with nothing encoded that need not be. The library encodes `-` and `.` too, and then the providers
 * that forget to decode know neither id nor secret.
 */
function basicCredentials(clientId: string, clientSecret: string): string {
  const encode = (text: string) =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+')
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}
