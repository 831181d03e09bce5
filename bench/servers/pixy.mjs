// Pixy as it is built, in production mode but for the scheme: one workspace, one user with a live session.

import { systemClock } from '../../packages/server/dist/adapters/clock.js'
import { createLogger } from '../../packages/server/dist/adapters/logger.js'
import { createPixy } from '../../packages/server/dist/compose.js'
import { parseConfig } from '../../packages/server/dist/config/schema.js'

const { PORT, ALG, DATABASE, FORMAT = 'opaque' } = process.env
const url = `http://localhost:${PORT}`
const callback = 'https://client.example/callback'
const shared = {
  redirect_uris: [callback],
  client_secret: 'bench-secret-bench-secret-bench-secret',
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  consent: 'implied',
  offline_access: 'always',
  access_token_format: FORMAT,
}
const config = parseConfig({
  url,
  tenants: [
    {
      id: 'bench',
      name: 'Bench',
      workspaces: [
        {
          id: 'main',
          name: 'Bench',
          path: '/',
          signing_algs: [ALG],
          scopes: [{ name: 'api' }],
          clients: [{ client_id: 'bench', ...shared }],
          users: [
            {
              source: 'pool',
              username: 'user',
              password: 'a password for the bench',
              claims: { name: 'User', email: 'user@example.com' },
            },
          ],
          identity_sources: [{ id: 'pool', type: 'pool' }],
        },
      ],
    },
  ],
})
const pixy = await createPixy({
  config,
  database: `sqlite:${DATABASE}`,
  secret: 'bench-bench-bench-bench-bench-bench-bench',
  production: true,
  clock: systemClock,
  log: createLogger({ level: 'warn' }),
})
await pixy.http.listen({ port: Number(PORT), host: '127.0.0.1' })
process.send?.({
  ready: true,
  endpoints: {
    authorize: `${url}/oauth2/authorize`,
    token: `${url}/oauth2/token`,
    userinfo: `${url}/userinfo`,
    introspect: `${url}/oauth2/introspect`,
    discovery: `${url}/.well-known/openid-configuration`,
    jwks: `${url}/.well-known/jwks.json`,
  },
})
process.on('SIGTERM', () => pixy.close().then(() => process.exit(0)))
process.on(
  'message',
  (message) =>
    message === 'usage' && process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }),
)
