/** Runs the app alone: `npm start`, with AUTH_ISSUER, CLIENT_ID, OTHER_CLIENT_ID, API, SCOPE and PORT where they differ. */
import { createDemoSpa } from './server.ts'

const {
  AUTH_ISSUER = 'http://localhost:4000',
  CLIENT_ID = 'demo-spa',
  OTHER_CLIENT_ID = 'demo-cloudentity',
  PORT = '4001',
  API,
  SCOPE,
} = process.env
const origin = `http://localhost:${PORT}`
const config = {
  issuer: AUTH_ISSUER,
  client_id: CLIENT_ID,
  other_client_id: OTHER_CLIENT_ID,
  redirect_uri: `${origin}/callback`,
  post_logout_redirect_uri: `${origin}/`,
  api: API ?? 'http://localhost:4002',
  scope: SCOPE ?? 'openid profile email offline_access notes:read notes:write notes:delete',
}

createDemoSpa({ config, port: Number(PORT) }).on('listening', () => {
  console.log(`Demo app at ${origin}, client ${CLIENT_ID} of ${AUTH_ISSUER}`)
})
