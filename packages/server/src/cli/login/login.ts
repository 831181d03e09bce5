import { createHash, randomBytes } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { challengeOf } from '../../protocol/pkce.ts'
import { Failure } from '../failure.ts'
import { discover, type IssuerMetadata } from './discovery.ts'
import { type Http, type JsonRecord, refusedBy, requestLine, textOf } from './http.ts'
import { type VerifiedToken, verifyAccessToken, verifyIdToken } from './verify.ts'

export interface LoginRequest {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scope: string
  readonly resource: string | undefined
}

/** Takes the person to the authorization endpoint and brings the response back. */
export interface Agent {
  readonly redirectUri: string
  authorize(url: string, state: string): Promise<URLSearchParams>
}

export interface LoginResult {
  readonly metadata: IssuerMetadata
  readonly tokens: {
    readonly access_token: string
    readonly refresh_token?: string
    readonly id_token?: string
  }
  readonly tokenType: string
  readonly expiresIn: number | undefined
  readonly scope: string | undefined
  readonly accessToken: VerifiedToken | undefined
  readonly idToken: VerifiedToken | undefined
}

/** Authorization code with PKCE (RFC 8252, RFC 7636), from discovery to verified tokens. */
export async function logIn(http: Http, request: LoginRequest, agent: Agent): Promise<LoginResult> {
  const metadata = await discover(http, request.issuer)
  const [state, nonce, verifier] = [random(), random(), random()]
  const challenge = challengeOf(verifier, (text) => createHash('sha256').update(text).digest())
  const url = authorizationUrl(metadata, {
    ...request,
    redirectUri: agent.redirectUri,
    state,
    nonce,
    challenge,
  })
  const response = await agent.authorize(url, state)
  const code = codeOf(response, metadata, state)
  const answer = await requestTokens(http, metadata, request, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: agent.redirectUri,
    code_verifier: verifier,
  })
  if (answer.status !== 200) throw refusedBy(answer, requestLine(http.sent.at(-1)))
  return verified(http, metadata, request, answer.value, nonce)
}

/** What the token endpoint gave, each token checked. `nonce` is absent where none could be sent. */
export async function verified(
  http: Http,
  metadata: IssuerMetadata,
  request: LoginRequest,
  answer: JsonRecord,
  nonce?: string,
): Promise<LoginResult> {
  const access_token = textOf(answer, 'access_token') ?? noAccessToken()
  const id_token = textOf(answer, 'id_token')
  const refresh_token = textOf(answer, 'refresh_token')
  const keys = await readKeys(http, metadata)
  const expected = { metadata, clientId: request.clientId, nonce, accessToken: access_token }
  return {
    metadata,
    tokens: { access_token, ...(refresh_token ? { refresh_token } : {}), ...(id_token ? { id_token } : {}) },
    tokenType: textOf(answer, 'token_type') ?? '',
    expiresIn: typeof answer.expires_in === 'number' ? answer.expires_in : undefined,
    scope: textOf(answer, 'scope'),
    accessToken: await verifyAccessToken(access_token, keys, metadata),
    idToken: id_token === undefined ? undefined : await verifyIdToken(id_token, keys, expected),
  }
}

function authorizationUrl(
  { authorizationEndpoint }: IssuerMetadata,
  request: LoginRequest & { readonly redirectUri: string; state: string; nonce: string; challenge: string },
): string {
  const url = new URL(authorizationEndpoint)
  const parameters = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scope,
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    ...(request.resource === undefined ? {} : { resource: request.resource }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** `state` and `iss` before anything else (RFC 6749 §10.12, RFC 9207 §2.4), then the error or the code. */
function codeOf(response: URLSearchParams, metadata: IssuerMetadata, state: string): string {
  if (response.get('state') !== state) {
    throw new Failure('state_mismatch', 'The response does not belong to this request.', {
      fix: 'Sign in again.',
    })
  }
  const iss = response.get('iss')
  if ((iss !== null || metadata.sendsIss) && iss !== metadata.issuer) {
    throw new Failure('iss_mismatch', 'The response comes from another issuer.', {
      received: iss ?? 'none',
      expected: metadata.issuer,
    })
  }
  const error = response.get('error')
  if (error !== null) throw refusal(error, response)
  return response.get('code') ?? fail('code_missing', 'The response has neither a code nor an error.')
}

/** `error_uri` names the reason and the flow: `…/docs/errors/REASON?flow=flow_…`. */
function refusal(error: string, response: URLSearchParams): Failure {
  const uri = URL.parse(response.get('error_uri') ?? '')
  const reason = uri?.pathname.split('/').at(-1) || error
  return new Failure(reason, response.get('error_description') ?? 'The request was refused.', {
    error,
    flow: uri?.searchParams.get('flow') ?? undefined,
    fix: uri?.href,
  })
}

export function requestTokens(
  http: Http,
  metadata: IssuerMetadata,
  request: LoginRequest,
  parameters: Readonly<Record<string, string>>,
) {
  return requestAsClient(http, 'token', metadata.tokenEndpoint, request, parameters)
}

/** A form to an endpoint at which the client authenticates. */
export function requestAsClient(
  http: Http,
  step: string,
  endpoint: string,
  { clientId, clientSecret, resource }: LoginRequest,
  parameters: Readonly<Record<string, string>>,
) {
  const body = new URLSearchParams({
    ...parameters,
    ...(clientSecret === undefined ? { client_id: clientId } : {}),
    ...(resource === undefined ? {} : { resource }),
  })
  const headers =
    clientSecret === undefined ? {} : { authorization: basicCredentials(clientId, clientSecret) }
  return http.json(step, endpoint, { method: 'POST', body, headers })
}

/** RFC 6749 §2.3.1: form-encoded, then joined. */
function basicCredentials(clientId: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`
}

async function readKeys(http: Http, { jwksUri }: IssuerMetadata): Promise<JSONWebKeySet> {
  const { value } = await http.json('keys', jwksUri)
  const keys = Array.isArray(value.keys)
    ? value.keys.filter((key) => typeof key === 'object' && key !== null)
    : []
  return { keys }
}

function noAccessToken(): never {
  return fail('access_token_missing', 'The answer of the token endpoint holds no access token.')
}

function fail(reason: string, message: string): never {
  throw new Failure(reason, message)
}

/** 256 bits in 43 unreserved characters: enough for `state`, `nonce` and `code_verifier` (RFC 7636 §4.1). */
function random(): string {
  return randomBytes(32).toString('base64url')
}
