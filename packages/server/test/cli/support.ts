import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import colors from 'picocolors'
import { afterEach } from 'vitest'
import { startAdminSocket } from '../../src/admin-api/socket-server.ts'
import { runCli } from '../../src/cli/run.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/test-server.ts'

const cleanups: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs when the test is over, the last one first. */
export function onTestEnd(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup)
}

/** A folder that is gone after the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-cli-'))
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface CliOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  /** Answers to questions, in their order; with any, somebody sits at the terminal. */
  readonly answers?: readonly (string | boolean)[]
  /** Sees standard error as it comes. */
  readonly onErr?: (text: string) => void
}

export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process. */
export async function pixy(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  let out = ''
  let err = ''
  const answers = [...(options.answers ?? [])]
  const terminal: Terminal = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
      options.onErr?.(text)
    },
    env: options.env ?? {},
    isTTY: false,
    canAsk: options.answers !== undefined,
    columns: 100,
    colors: colors.createColors(false),
    readStdin: async () => options.stdin ?? '',
    askSecret: async () => {
      const answer = answers.shift()
      return typeof answer === 'string' ? answer : undefined
    },
    askYes: async () => answers.shift() === true,
  }
  const code = await runCli(args, terminal)
  return { code, out, err }
}

/** The result of a command that must succeed, parsed. */
export async function pixyJson<T>(args: readonly string[], options?: CliOptions): Promise<T> {
  const { code, out, err } = await pixy([...args, '--json'], options)
  if (code !== 0) throw new Error(`pixy ${args.join(' ')}: exit ${code}\n${err}`)
  return JSON.parse(out) as T
}

/** The error object of a command that must fail with this code. */
export async function pixyError(
  code: number,
  args: readonly string[],
  options?: CliOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const result = await pixy([...args, '--json'], options)
  if (result.code !== code)
    throw new Error(`pixy ${args.join(' ')}: exit ${result.code}\n${result.out}${result.err}`)
  // The last line: an address to open may stand before it.
  const line = result.err.trimEnd().split('\n').at(-1) ?? ''
  return (JSON.parse(line) as { error: Record<string, unknown> }).error
}

export const SECRET = 'a master secret of the tests, long enough for every check'
export const DEMO_PASSWORD = 'correct horse battery staple'

export interface Installation {
  readonly data: string
  readonly server: TestServer
  /** A command line on this data folder. */
  readonly at: (...args: string[]) => string[]
  /** Stops the server, so that commands work on the database alone. */
  stop(): Promise<void>
}

/** The demo, with its data in a folder. `socket`: commands reach the server; else they open the database. */
export async function anInstallation({
  socket,
  ...options
}: Omit<TestServerOptions, 'database' | 'secret'> & {
  readonly socket?: boolean
} = {}): Promise<Installation> {
  const data = aFolder()
  writeFileSync(join(data, 'secret.key'), `${SECRET}\n`, { mode: 0o600 })
  const server = await startTestServer({
    ...options,
    database: `sqlite:${join(data, 'pixy.db')}`,
    secret: SECRET,
  })
  const { pixy } = server
  const admin = socket ? await startAdminSocket(join(data, 'admin.sock'), pixy.deps, pixy.flowLog) : undefined
  let stopped = false
  const stop = async () => {
    if (stopped) return
    stopped = true
    await admin?.close()
    await server.close()
  }
  onTestEnd(stop)
  return { data, server, at: (...args) => [...args, '--data', data], stop }
}
