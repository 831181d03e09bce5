import { createHash, randomBytes } from 'node:crypto'
import { AuthorizationCode, ClientCredentials, type ModuleOptions } from 'simple-oauth2'
import { afterAll, describe, expect, it } from 'vitest'
import { CALLBACK, claimsOf, NOTES_API, signIn, startPixy } from './support/pixy.ts'

/** Characters that form encoding, Basic or a URL give a meaning to; a secret is printable ASCII (RFC 6749 App. A.2). */
const ODD_SECRET = `p@ss:w%rd+/ =&?#"'<>\\^~%41+`
/** Form-decoded by mistake it is another text, and no error. */
const TWO_FACED_SECRET = 'p@ss:w0rd+/ =&%41+'
/** Without a colon, which in the plain form would end it (RFC 7617 §2). */
const ODD_ID = 'https%3A//app+two'
const SCOPE = 'openid offline_access notes:read'

const common = { redirect_uris: [CALLBACK], client_secret: ODD_SECRET, scope: SCOPE }

const pixy = await startPixy([
  { ...common, client_id: 'basic' },
  { ...common, client_id: ODD_ID },
  { ...common, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' },
  { ...common, client_id: 'two-faced', client_secret: TWO_FACED_SECRET },
  { client_id: 'machine', client_secret: ODD_SECRET, scope: 'notes:read notes:write' },
])
afterAll(() => pixy.close())

const { pathname: path, origin: tokenHost } = new URL(pixy.issuer)

/** `strict` form-encodes id and secret first (RFC 6749 §2.3.1); `loose` is what many other clients send. */
type Options = Required<Pick<NonNullable<ModuleOptions['options']>, 'credentialsEncodingMode'>> &
  ModuleOptions['options']

const secretOf = (id: string) => (id === 'two-faced' ? TWO_FACED_SECRET : ODD_SECRET)

function settings(id: string, options: Options, secret = secretOf(id)) {
  return {
    client: { id, secret },
    auth: {
      tokenHost,
      tokenPath: `${path}/oauth2/token`,
      revokePath: `${path}/oauth2/revoke`,
    },
    options,
  }
}

function codeClient(id: string, options: Options): AuthorizationCode {
  const { auth, ...rest } = settings(id, options)
  return new AuthorizationCode({ ...rest, auth: { ...auth, authorizePath: `${path}/oauth2/authorize` } })
}

async function logIn(client: AuthorizationCode) {
  const verifier = randomBytes(32).toString('base64url')
  const request = {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: 'state-1',
    // The library has no word for PKCE, and passes on what it is given.
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const callback = await signIn(client.authorizeURL(request), CALLBACK)
  expect(callback.searchParams.get('state')).toBe('state-1')
  const redemption = {
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  }
  return client.getToken(redemption)
}

describe('simple-oauth2, authorization code', () => {
  it.each([
    ['basic', 'strict', 'header'],
    ['basic', 'loose', 'header'],
    [ODD_ID, 'strict', 'header'],
    [ODD_ID, 'loose', 'header'],
    ['two-faced', 'strict', 'header'],
    ['two-faced', 'loose', 'header'],
    ['post', 'strict', 'body'],
  ] as const)('signs in as %s (%s, in the %s), refreshes and revokes', async (id, encoding, place) => {
    const client = codeClient(id, { credentialsEncodingMode: encoding, authorizationMethod: place })
    const tokens = await logIn(client)
    expect(tokens.token).toMatchObject({ token_type: 'Bearer', scope: SCOPE })
    expect(tokens.expired()).toBe(false)
    expect(tokens.expired(601)).toBe(true)

    const refreshed = await tokens.refresh({ scope: 'openid notes:read' })
    expect(refreshed.token).toMatchObject({ scope: 'openid notes:read' })

    await refreshed.revoke('refresh_token')
    await expect(refreshed.refresh()).rejects.toMatchObject({
      output: { statusCode: 400 },
      data: { payload: { error: 'invalid_grant' } },
    })
  })

  it('revokes access and refresh token, one after the other', async () => {
    const tokens = await logIn(codeClient('basic', { credentialsEncodingMode: 'strict' }))
    await tokens.revokeAll()
    const headers = { authorization: `Bearer ${tokens.token.access_token}` }
    expect((await fetch(`${pixy.issuer}/userinfo`, { headers })).status).toBe(401)
  })
})

describe('simple-oauth2, client credentials', () => {
  it.each(['strict', 'loose'] as const)('gets a token (%s)', async (credentialsEncodingMode) => {
    const client = new ClientCredentials(settings('machine', { credentialsEncodingMode }))
    const { token } = await client.getToken({ scope: ['notes:read', 'notes:write'], resource: NOTES_API })
    expect(claimsOf(String(token.access_token))).toMatchObject({
      sub: 'machine',
      aud: NOTES_API,
      scope: 'notes:read notes:write',
    })
  })

  it.each([
    ['strict', `${ODD_SECRET}x`],
    ['loose', `${ODD_SECRET}x`],
    ['strict', encodeURIComponent(ODD_SECRET)], // encoded twice: right in neither reading
  ] as const)('is refused with a wrong secret (%s)', async (credentialsEncodingMode, secret) => {
    const client = new ClientCredentials(settings('machine', { credentialsEncodingMode }, secret))
    await expect(client.getToken({})).rejects.toMatchObject({
      output: { statusCode: 401 },
      data: { payload: { error: 'invalid_client' } },
    })
  })

  it('takes no answer that is not JSON', async () => {
    const { auth, ...rest } = settings('machine', { credentialsEncodingMode: 'strict' })
    const client = new ClientCredentials({ ...rest, auth: { ...auth, tokenPath: `${path}/sign-out` } })
    await expect(client.getToken({})).rejects.toThrow()
  })
})
