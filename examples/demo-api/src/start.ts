/** Runs the API alone: `npm start`, with AUTH_ISSUER, AUTH_AUDIENCE, APP_ORIGIN and PORT where they differ. */
import { createDemoApi } from './server.ts'

const {
  AUTH_ISSUER: issuer = 'http://localhost:4000',
  APP_ORIGIN = 'http://localhost:4001',
  PORT = '4002',
} = process.env
const audience = process.env.AUTH_AUDIENCE ?? `http://localhost:${PORT}`

createDemoApi({ issuer, audience, allowedOrigins: [APP_ORIGIN], port: Number(PORT) }).on('listening', () => {
  console.log(`Demo API at http://localhost:${PORT}, for tokens of ${issuer} with audience ${audience}`)
})
