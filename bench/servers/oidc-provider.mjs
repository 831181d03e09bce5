// npm's oidc-provider with a durable SQLite adapter, set up as its documentation says, with the login done for everybody.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { sqliteAdapter } from './sqlite-adapter.mjs'

const { PORT, ALG, DATABASE } = process.env
const url = `http://localhost:${PORT}`
const pair =
  ALG === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'bench', alg: ALG, use: 'sig' }

const provider = new Provider(url, {
  adapter: sqliteAdapter(DATABASE),
  jwks: { keys: [jwk] },
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret-bench-secret-bench-secret',
      redirect_uris: ['https://client.example/callback'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signed_response_alg: ALG,
    },
  ],
  scopes: ['openid', 'offline_access', 'api'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: false },
  },
  pkce: { required: () => true },
  cookies: { keys: ['bench'] },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    IdToken: 600,
    RefreshToken: 2592000,
    Session: 1209600,
    Grant: 1209600,
    Interaction: 3600,
    ClientCredentials: 600,
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'User', email: 'user@example.com' }),
  }),
})

const callback = provider.callback()
const server = createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return callback(request, response)
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    return provider.interactionFinished(
      request,
      response,
      { login: { accountId: 'user' } },
      { mergeWithLastSubmission: false },
    )
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addOIDCScope('openid profile email offline_access api')
  const grantId = await grant.save()
  return provider.interactionFinished(
    request,
    response,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  )
})
server.listen(Number(PORT), '127.0.0.1', () =>
  process.send?.({
    ready: true,
    endpoints: {
      authorize: `${url}/auth`,
      token: `${url}/token`,
      userinfo: `${url}/me`,
      introspect: `${url}/token/introspection`,
      discovery: `${url}/.well-known/openid-configuration`,
      jwks: `${url}/jwks`,
    },
  }),
)
process.on('SIGTERM', () => process.exit(0))
process.on(
  'message',
  (message) =>
    message === 'usage' && process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }),
)
