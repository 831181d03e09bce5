import { createHash, randomBytes } from 'node:crypto'

export interface Authorization {
  readonly url: string
  readonly verifier: string
  readonly clientId: string
  readonly redirectUri: string
}

export interface Wanted {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope?: string
  /** Further parameters, such as `prompt`. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** An authorization request as an app other than the demo makes it. */
export function authorization(
  issuer: string,
  { clientId, redirectUri, scope, parameters }: Wanted,
): Authorization {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scope ?? 'openid',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  })
  return { url: `${issuer}/oauth2/authorize?${query}`, verifier, clientId, redirectUri }
}

export interface Tokens {
  readonly access_token: string
  readonly scope: string
  readonly id_token?: string
  readonly refresh_token?: string
}

/** Redeems the code of this callback. @throws where it is refused */
export async function redeem(
  issuer: string,
  { verifier, clientId, redirectUri }: Authorization,
  callback: URL,
): Promise<Tokens> {
  const response = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code: callback.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }),
  })
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(`the token endpoint answers ${response.status}: ${JSON.stringify(body)}`)
  return body as Tokens
}

/** The claims of a JWT. */
export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
}
