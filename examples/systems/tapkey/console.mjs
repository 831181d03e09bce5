// Tapkey's console sample in Node: a program that acts for itself.
import { clientCredentials, TokenRefused } from './tapkey.mjs'

const {
  AUTH_SERVER: server = 'http://localhost:4000/',
  CLIENT_ID: clientId = 'doors-nightly',
  CLIENT_SECRET: clientSecret = 'an-example-secret-that-everybody-knows',
} = process.env

try {
  const { token_type, expires_in, scope } = await clientCredentials({ server, clientId, clientSecret })
  console.log(`${token_type} token for ${expires_in} s, scope ${scope}`)
} catch (error) {
  if (!(error instanceof TokenRefused)) throw error
  console.log(`Refused: ${error.message}`)
  process.exitCode = 1
}
