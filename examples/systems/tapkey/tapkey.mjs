// The requests of Tapkey's documentation and of its sample application, as they are written there.
import { createHash, randomBytes } from 'node:crypto'

export const SCOPE = 'read:core:entities read:owneraccounts offline_access'

/** 32 random bytes in base64url, and the SHA-256 of that text in base64url. */
export function createPkce() {
  const codeVerifier = toUrlSafe(randomBytes(32))
  const codeChallenge = toUrlSafe(createHash('sha256').update(codeVerifier, 'utf8').digest())
  return { codeVerifier, codeChallenge }
}

/** As the C# writes it: standard base64, then TrimEnd('=') and two Replace. */
function toUrlSafe(bytes) {
  return bytes.toString('base64').replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
}

/** The base address ends in a slash and the path begins with one: the request goes to `//connect/authorize`. */
export function authorizeUrl({ server, clientId, redirectUri, state, codeChallenge }) {
  const query = new URLSearchParams({
    client_id: clientId,
    scope: SCOPE,
    redirect_uri: redirectUri,
    response_type: 'code',
    ...(codeChallenge ? { code_challenge: codeChallenge, code_challenge_method: 'S256' } : {}),
    ...(state ? { state } : {}),
  })
  return `${server}/connect/authorize?${query}`
}

export function redeemCode({ server, clientId, clientSecret, redirectUri, code, codeVerifier }) {
  return askForTokens(server, {
    client_id: clientId,
    grant_type: 'authorization_code',
    redirect_uri: redirectUri,
    code,
    ...(codeVerifier ? { code_verifier: codeVerifier } : {}),
    ...(clientSecret ? { client_secret: clientSecret } : {}),
  })
}

/** The sample sends two things that do not belong here: the redirect URI of another app, and the verifier of long ago. */
export function refresh({ server, clientId, clientSecret, refreshToken, codeVerifier }) {
  return askForTokens(server, {
    client_id: clientId,
    grant_type: 'refresh_token',
    redirect_uri: 'http://localhost:55183/Auth/LoginCallback',
    refresh_token: refreshToken,
    ...(codeVerifier ? { code_verifier: codeVerifier } : {}),
    ...(clientSecret ? { client_secret: clientSecret } : {}),
  })
}

/** Id and secret form-encoded before they are joined, as IdentityModel does it. */
export function clientCredentials({ server, clientId, clientSecret }) {
  const encode = (text) => new URLSearchParams({ text }).toString().slice('text='.length)
  const credentials = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')
  const form = { grant_type: 'client_credentials', scope: 'read:core:entities read:owneraccounts' }
  return askForTokens(server, form, { authorization: `Basic ${credentials}` })
}

export class TokenRefused extends Error {}

async function askForTokens(server, form, headers = {}) {
  const response = await fetch(`${server}/connect/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  })
  const body = await response.json()
  if (!response.ok)
    throw new TokenRefused([body.error, body.error_description, body.fix].filter(Boolean).join(' '))
  return body
}

/** The Web API call of the documentation. @returns undefined where the access token is dead (401) */
export async function readUser(server, accessToken) {
  const response = await fetch(`${server}/api/v1/auth/auth/userinfo`, {
    headers: { Authorization: `Bearer ${accessToken}` },
  })
  if (response.status === 401) return undefined
  const body = await response.json()
  if (!response.ok)
    throw new TokenRefused([body.error, body.error_description, body.fix].filter(Boolean).join(' '))
  return body
}

/** What the Mobile SDK does with an access token that was obtained elsewhere: it resolves to the user's id. */
export class UserManager {
  #server

  constructor(server) {
    this.#server = server
  }

  async logInAsync(accessToken) {
    const user = await readUser(this.#server, accessToken)
    if (!user) throw new TokenRefused('The access token is not valid.')
    return user.id
  }
}
