// The rooms of packages/server/src: who may import whom. A new folder gets a row here and a README of its own.
// The most specific row wins: `store/sql` before `store`. A room may always import itself.

const NETWORK = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram', 'undici']
const SYSTEM = ['node:fs', 'node:child_process', 'node:cluster', 'node:worker_threads', 'node:sqlite']
const FRAMEWORKS = [
  'fastify',
  '@fastify/*',
  'kysely',
  'pg',
  'postgres',
  'commander',
  '@clack/*',
  'picocolors',
]
const PAGES = ['preact', 'preact-render-to-string']

/** Rooms a wiring file may import: all of them. */
const ANY = ['*']

/**
 * @typedef {object} Room
 * @property {readonly string[]} imports  rooms it may import
 * @property {readonly string[]} [forbids]  packages it must not import; `*` at the end matches any rest, `*` alone every package
 * @property {boolean} [deterministic]  time and randomness come from `deps` alone
 */

/** @type {Readonly<Record<string, Room>>} */
export const rooms = {
  protocol: { imports: [], forbids: ['*'], deterministic: true },
  store: {
    imports: ['protocol'],
    forbids: [...NETWORK, ...SYSTEM, ...FRAMEWORKS, ...PAGES],
    deterministic: true,
  },
  'store/contract': { imports: ['protocol', 'store'], deterministic: true },
  'store/sql': { imports: ['protocol', 'store'], forbids: [...NETWORK, ...PAGES], deterministic: true },
  'store/sqlite': {
    imports: ['protocol', 'store', 'store/sql'],
    forbids: [...NETWORK, ...PAGES],
    deterministic: true,
  },
  'store/postgres': { imports: ['protocol', 'store', 'store/sql'], forbids: PAGES, deterministic: true },
  core: {
    imports: ['protocol', 'store'],
    forbids: [...NETWORK, ...SYSTEM, ...FRAMEWORKS, ...PAGES],
    deterministic: true,
  },
  pages: {
    imports: ['protocol', 'store', 'core'],
    forbids: [...NETWORK, 'node:sqlite', ...FRAMEWORKS],
    deterministic: true,
  },
  dialects: { imports: ['protocol', 'store', 'core'], forbids: FRAMEWORKS, deterministic: true },
  'admin-api': {
    imports: ['protocol', 'store', 'core', 'dialects', 'config', 'routes'],
    forbids: FRAMEWORKS,
    deterministic: true,
  },
  jobs: { imports: ['protocol', 'store', 'core'], forbids: FRAMEWORKS, deterministic: true },
  config: { imports: ['protocol', 'store', 'core'], forbids: ['fastify', '@fastify/*', ...PAGES] },
  telemetry: { imports: ['protocol', 'store', 'core'] },
  adapters: { imports: ['protocol', 'store', 'core'], forbids: ['fastify', '@fastify/*', ...PAGES] },
  http: {
    imports: ['protocol', 'core', 'telemetry'],
    forbids: ['kysely', 'pg', 'postgres', 'node:sqlite'],
  },
  cli: { imports: ANY },
  demo: { imports: ANY },
  'test-control': { imports: ANY },
  start: { imports: ['protocol', 'core', 'config', 'adapters'] },

  // Files at the top
  routes: { imports: ['protocol', 'core'] },
  compose: { imports: ANY },
  main: { imports: ANY },
  'test-server': { imports: ANY },
  version: { imports: [] },
  index: { imports: ANY },
}

/** Packages that must run anywhere: what they may import besides their own files. */
export const dependencyFree = { browser: [], native: [], api: ['jose'] }
