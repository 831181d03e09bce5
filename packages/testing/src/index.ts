/**
 * The real engine as a test double: in process, in memory, with a clock that you move.
 *
 * @example
 * const pixy = await createTestServer({ config })
 * const tokens = await pixy.login({ user: 'alice@example.com', client: 'spa' })
 * pixy.clock.advance('91d')
 * await pixy.close()
 */
export {
  type Form,
  FormBrowser,
  pageName,
  readForm,
  type Transport,
  type Visit,
  type VisitOptions,
} from './browser.ts'
export { seconds } from './duration.ts'
export { createTestServer, type LoginOptions, type PixyTestServer, type TestTokens } from './server.ts'
export { authorizeInBrowser, type Person, type SignInOptions } from './sign-in.ts'
