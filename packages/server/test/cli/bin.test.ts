import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { aFolder, onTestEnd } from './support.ts'

const bin = fileURLToPath(new URL('../../bin/pixy.mjs', import.meta.url))
const built = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  // Only what a shell would bring: variables of the test run must not reach it.
  const { PATH, HOME, TMPDIR } = process.env
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined),
  )
  const child = spawn(process.execPath, [bin, ...args], { env })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  return { child, ended }
}

async function run(args: readonly string[], stdin = ''): Promise<Ended> {
  const { child, ended } = start(args)
  child.stdin?.end(stdin)
  return ended
}

/** A port with two free ones behind it, for the demo. */
async function aPort(): Promise<number> {
  for (;;) {
    const port = await listenBriefly(0)
    if (port === undefined || port > 65_000) continue
    const next = await Promise.all([listenBriefly(port + 1), listenBriefly(port + 2)])
    if (next.every((bound) => bound !== undefined)) return port
  }
}

function listenBriefly(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}

interface Ready {
  readonly event: string
  readonly issuer: string
}

async function startServer(data: string, port: number) {
  const { child, ended } = start(['start', '--data', data, '--port', String(port)])
  onTestEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const line = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    void ended.then(({ err }) => reject(new Error(`the server ended: ${err}`)))
  })
  return { child, ended, ready: JSON.parse(line) as Ready }
}

describe.skipIf(!existsSync(built))('bin/pixy.mjs', () => {
  it('has the exit codes of the command line', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
    expect(await run(['clinet'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean client?'),
    })
    expect(await run(['client', 'list', '--data', aFolder()])).toMatchObject({ code: 1 })
  })

  it.skipIf(process.platform === 'win32')(
    'starts the demo, signs in without a browser, and lets other commands reach it by its socket',
    async () => {
      const data = join(aFolder(), 'data')
      const port = await aPort()
      const first = await startServer(data, port)
      const { issuer } = first.ready
      expect(first.ready).toMatchObject({ event: 'ready', issuer: `http://localhost:${port}` })
      const socket = join(data, 'admin.sock')
      expect(statSync(socket).mode & 0o777).toBe(0o600)

      const { demo_username, demo_password } = JSON.parse(
        readFileSync(join(data, 'first-run.json'), 'utf8'),
      ) as {
        demo_username: string
        demo_password: string
      }
      const flags = ['--headless', '--username', demo_username, '--password-stdin', '--data', data]
      const login = await run(['login', ...flags, '--json'], `${demo_password}\n`)
      expect(login).toMatchObject({ code: 0, err: '' })
      expect(JSON.parse(login.out)).toMatchObject({ issuer, id_token: { claims: { iss: issuer } } })

      const made = await run(['client', 'create', '--type', 'spa', '--quiet', '--data', data])
      const authorize = `${issuer}/oauth2/authorize?client_id=${made.out.trim()}&response_type=code`
      expect((await fetch(authorize, { redirect: 'manual' })).status).not.toBe(400)

      const tail = start(['flow', 'tail', '--refused', '--json', '--data', data])
      onTestEnd(() => void tail.child.kill('SIGKILL'))
      const seen = new Promise<void>((resolve) => {
        tail.child.stdout?.on('data', (text: string) => {
          if (text.includes('"reason":"authorization_client_unknown"')) resolve()
        })
      })
      const timer = setInterval(() => void fetch(`${issuer}/oauth2/authorize?client_id=nobody`), 200)
      await seen
      clearInterval(timer)
      tail.child.kill('SIGKILL')
      await tail.ended

      // Killed at once, it leaves its socket behind, which must stop neither commands nor the next start.
      first.child.kill('SIGKILL')
      await first.ended
      expect(await run(['client', 'show', made.out.trim(), '--data', data])).toMatchObject({ code: 0 })
      const second = await startServer(data, port)
      expect(await run(['tenant', 'list', '--json', '--data', data])).toMatchObject({
        out: expect.stringContaining(issuer),
      })
      second.child.kill('SIGTERM')
      const { out, err } = await second.ended
      expect(existsSync(socket)).toBe(false)
      expect(out + err).not.toContain(demo_password)
    },
    60_000,
  )
})
