import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (name: string): string =>
  fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url))

const stores = process.env.STORES || 'sqlite'

export default defineConfig({
  // Tests import the workspace's packages from their sources, so no build can be stale.
  resolve: {
    alias: [
      { find: /^pixy$/, replacement: source('server') },
      { find: /^@pixy\/browser$/, replacement: source('browser') },
      { find: /^@pixy\/testing$/, replacement: source('testing') },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: [
      'packages/*/src/**/*.test.{ts,tsx}',
      'packages/*/test/**/*.test.{ts,tsx}',
      'examples/*/test/**/*.test.ts',
      'e2e/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    env: { STORES: stores },
    globalSetup: stores.split(',').includes('postgres')
      ? ['packages/server/test/support/postgres/global-setup.ts']
      : [],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
})
