import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findInstallations, type Installation } from './binaries.ts'

export interface PostgresServer {
  readonly name: string
  /** Of a superuser, to a database that is there. */
  readonly url: string
  /** Ends the server as an operator would (`fast`) or a crash (`immediate`), and starts it again on the same port. */
  restart(how: 'fast' | 'immediate', whileDown?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

const START_MILLISECONDS = 30_000
const STOP_MILLISECONDS = 10_000

/** PostgreSQL refuses to run as root: then it runs as `nobody`, who is everywhere and owns nothing. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/**
 * What a commit says is in the hands of the operating system but not waited for on the disk: that survives every end of
 * the server, which is what tests can bring about.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '64MB',
  autovacuum: 'off',
}

/** A server of our own on a free port. @throws where none of the installations starts, with all reasons */
export async function startPostgres(): Promise<PostgresServer> {
  const problems: string[] = []
  for (const installation of await findInstallations()) {
    try {
      return await start(installation)
    } catch (error) {
      problems.push(`${installation.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(
    `There is no PostgreSQL to test with. Run npm install, apt-get install postgresql, or set PIXY_TEST_POSTGRES_URL. ${problems.join('; ')}`,
  )
}

async function start({ name, bin }: Installation): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-postgres-'))
  if (NOBODY.uid !== undefined) chownSync(folder, NOBODY.uid, NOBODY.gid)
  try {
    const data = join(folder, 'data')
    const flags = ['-D', data, '-U', 'pixy', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    await promisify(execFile)(join(bin, 'initdb'), flags, {
      ...NOBODY,
      cwd: folder,
      timeout: START_MILLISECONDS,
    })
    const port = await freePort()
    let server = await run(bin, data, port)
    const stop = (signal: NodeJS.Signals) => end(server, signal)
    return {
      name,
      url: `postgres://pixy@127.0.0.1:${port}/postgres`,
      async restart(how, whileDown) {
        await stop(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
        await whileDown?.()
        server = await run(bin, data, port)
      },
      async stop() {
        await stop('SIGQUIT')
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Resolves when it accepts connections. */
async function run(bin: string, data: string, port: number): Promise<ChildProcess> {
  const flags = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
    ...NOBODY,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  process.once('exit', () => server.kill('SIGQUIT'))
  try {
    await isReady(server)
    return server
  } catch (error) {
    server.kill('SIGQUIT')
    throw error
  }
}

function isReady(server: ChildProcess): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`postgres ${why}: ${said.slice(-1000)}`))
    const timer = setTimeout(() => fail('does not get ready'), START_MILLISECONDS)
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000)
      if (!said.includes('database system is ready to accept connections')) return
      clearTimeout(timer)
      resolve()
    })
    server.once('error', (error) => fail(error.message))
    server.once('exit', () => fail('ended'))
  })
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill(signal)
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MILLISECONDS)
  await ended
  clearTimeout(timer)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
