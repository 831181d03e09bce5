import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../packages/server/bin/pixy.mjs', import.meta.url))
const cleanups: Array<() => Promise<void> | void> = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe('pixy start on an empty folder', { timeout: 60_000 }, () => {
  it('serves the demo tenant, names every address, and keeps secrets out of its output', async () => {
    const data = temporaryFolder()
    const server = await start(['--data', data, '--port', String(await freePorts())])
    const { url, issuer, urls } = server.ready
    expect(issuer).toBe(url)
    for (const address of [...Object.values(urls), url])
      expect((await fetch(address)).status, address).toBe(200)
    expect(await (await fetch(urls.discovery ?? '')).json()).toMatchObject({ issuer })

    const file = join(data, 'first-run.json')
    const first = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
    expect(statSync(file).mode & 0o777).toBe(0o600)
    for (const secret of [first.demo_password, first.demo_web_secret, first.demo_machine_secret]) {
      expect(secret).toBeTruthy()
      expect(server.output()).not.toContain(secret)
    }
  })

  it('gives verified tokens to `pixy login --headless`, and explains a refusal from another process', async () => {
    const data = temporaryFolder()
    const server = await start(['--data', data, '--port', String(await freePorts())])
    const { demo_password: password = '' } = JSON.parse(
      readFileSync(join(data, 'first-run.json'), 'utf8'),
    ) as Record<string, string>
    const login = [
      'login',
      '--issuer',
      server.ready.issuer,
      '--headless',
      '--username',
      'demo@example.com',
      '--password-stdin',
    ]
    const right = await run(login, password)
    expect(right, right.output).toMatchObject({ code: 0 })
    expect(right.output).toContain('verified with key_')
    expect(right.output).not.toContain(password)

    const wrong = await run(login, 'not the password')
    expect(wrong.code).toBe(1)
    const refused = await fetch(`${server.ready.issuer}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ clientId: 'demo-spa' }),
    })
    const { flow } = (await refused.json()) as { flow: string }
    // Refusals are stored in batches, a quarter of a second apart; the answer waits for the store, not for the clock.
    const explained = await until(
      () => run(['explain', flow, '--data', data]),
      ({ code }) => code === 0,
    )
    expect(explained.output).toContain('client_id')
  })

  it('starts again on the same data, with the same keys and people', async () => {
    const data = temporaryFolder()
    const port = String(await freePorts())
    const first = await start(['--data', data, '--port', port])
    const keys = await (await fetch(first.ready.urls.jwks ?? '')).text()
    expect(await first.stop()).toBe(0)
    const second = await start(['--data', data, '--port', port])
    expect(await (await fetch(second.ready.urls.jwks ?? '')).text()).toBe(keys)
    console.log(`a second start is ready after ${Math.round(second.milliseconds)} ms`)
  })
})

describe('pixy start without a configuration file', { timeout: 60_000 }, () => {
  it('puts no demo over what a configuration file made', async () => {
    const data = temporaryFolder()
    const port = await freePorts()
    const file = join(data, 'pixy.json')
    const tenants = [{ id: 'acme', workspaces: [{ id: 'main', path: '/' }] }]
    writeFileSync(file, JSON.stringify({ tenants }))
    const flags = ['--data', join(data, 'data'), '--port', String(port)]
    const configured = await start([...flags, '--config', file])
    const keys = await (await fetch(configured.ready.urls.jwks ?? '')).text()
    await configured.stop()

    const plain = await start(flags)
    expect(plain.ready.issuer).toBe(configured.ready.issuer)
    expect(plain.ready.urls).not.toHaveProperty('demo_spa')
    expect(await (await fetch(plain.ready.urls.jwks ?? '')).text()).toBe(keys)
  })

  it('with --port 0 takes free ports, and names them', async () => {
    const { ready } = await start(['--data', temporaryFolder(), '--port', '0'])
    expect(ready.url).not.toMatch(/:0$/)
    for (const address of Object.values(ready.urls)) expect((await fetch(address)).status, address).toBe(200)
  })
})

describe('pixy start where it cannot', { timeout: 30_000 }, () => {
  it('names the port that is in use: exit 1', async () => {
    const busy = createServer()
    busy.listen(0, '127.0.0.1')
    await once(busy, 'listening')
    cleanups.push(() => void busy.close())
    const address = busy.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const answer = await run(['start', '--data', temporaryFolder(), '--port', String(port)])
    expect(answer).toMatchObject({ code: 1 })
    expect(answer.output).toContain(`Port ${port} is in use`)
  })

  it('names the port that the demo needs and does not get: exit 1', async () => {
    const port = await freePorts()
    const busy = createServer()
    busy.listen(port + 2, '127.0.0.1')
    await once(busy, 'listening')
    cleanups.push(() => void busy.close())
    const answer = await run(['start', '--data', temporaryFolder(), '--port', String(port)])
    expect(answer).toMatchObject({ code: 1 })
    expect(answer.output).toContain(`Port ${port + 2} is in use, and the demo needs ${port} to ${port + 2}`)
  })

  it('with --workers above 1 on SQLite: exit 3', async () => {
    const answer = await run(['start', '--data', temporaryFolder(), '--workers', '2'])
    expect(answer).toMatchObject({ code: 3 })
    expect(answer.output).toContain('PostgreSQL')
  })

  it('with a variable it does not know: exit 3, and the nearest one', async () => {
    const answer = await run(['start', '--data', temporaryFolder()], '', { PIXY_PROT: '4000' })
    expect(answer).toMatchObject({ code: 3 })
    expect(answer.output).toContain('PIXY_PORT')
  })

  it('with --production and nothing that production needs: every reason at once', async () => {
    const answer = await run(['start', '--data', temporaryFolder(), '--production'])
    expect(answer.code).not.toBe(0)
    for (const word of ['https', '--config', 'PIXY_SECRET']) expect(answer.output).toContain(word)
  })

  it('without the master secret of a database that exists', async () => {
    const data = temporaryFolder()
    const port = String(await freePorts())
    const server = await start(['--data', data, '--port', port])
    await server.stop()
    rmSync(join(data, 'secret.key'))
    const answer = await run(['start', '--data', data, '--port', port])
    expect(answer).toMatchObject({ code: 1 })
    expect(answer.output).toContain('master secret')
  })
})

interface Ready {
  readonly url: string
  readonly issuer: string
  readonly urls: Readonly<Record<string, string>>
}

async function start(flags: readonly string[]) {
  const began = performance.now()
  const child = spawn(process.execPath, [BIN, 'start', ...flags], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`
      if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line) as Ready)
    })
    child.once('exit', (code) => reject(new Error(`pixy start ended with ${code}: ${output}`)))
  })
  cleanups.push(async () => void (await end(child)))
  return { ready, milliseconds: performance.now() - began, output: () => output, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const gone = once(child, 'exit') as Promise<[number | null]>
  child.kill('SIGTERM')
  return (await gone)[0]
}

async function run(args: readonly string[], input = '', variables: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...environment(), ...variables },
    stdio: 'pipe',
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

async function until<T>(attempt: () => Promise<T>, done: (result: T) => boolean): Promise<T> {
  for (let count = 0; ; count++) {
    const result = await attempt()
    if (done(result) || count === 20) return result
  }
}

/** Of our own variables none: a developer's must not reach the tests. */
function environment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('PIXY_'),
  )
  return Object.fromEntries(entries) as Record<string, string>
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-first-run-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A port with two free ones behind it, for the demo. */
async function freePorts(): Promise<number> {
  for (;;) {
    const probe = createServer()
    probe.listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    const port = typeof address === 'object' && address ? address.port : 0
    probe.close()
    await once(probe, 'close')
    const free = await Promise.all([port + 1, port + 2].map(isFree))
    if (free.every(Boolean)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
