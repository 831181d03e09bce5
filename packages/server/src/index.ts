/** What a configuration file and test suites import. */
export { defineConfig, env } from './config/define-config.ts'
export type { PixyConfig, PixyConfigInput } from './config/schema.ts'
export { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts'
