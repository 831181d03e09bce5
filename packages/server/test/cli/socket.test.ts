import { existsSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callSocket, isAnswering } from '../../src/admin-api/socket-client.ts'
import { startAdminSocket } from '../../src/admin-api/socket-server.ts'
import { aFolder, anInstallation, onTestEnd, pixy, pixyJson } from './support.ts'

/** Sends raw text and gives what comes back. */
function raw(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let answer = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
    socket.write(text)
  })
}

describe.skipIf(process.platform === 'win32')('the admin socket', () => {
  it('is for its owner alone, and gone when the server is', async () => {
    const { data, stop } = await anInstallation({ socket: true })
    const path = join(data, 'admin.sock')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await stop()
    expect(existsSync(path)).toBe(false)
  })

  it('answers one line with one line, whatever comes', async () => {
    const { data } = await anInstallation({ socket: true })
    const path = join(data, 'admin.sock')
    const reasons: Record<string, string> = {
      'garbage\n': 'input_invalid',
      '{"op":"client.list"}\n': '',
      '{"op":"nope","input":{}}\n': 'operation_unknown',
      '{"op":"__proto__","input":{}}\n': 'operation_unknown',
      '{"op":"client.show","input":{"client_id":7}}\n': 'input_invalid',
      [`${'x'.repeat(1_100_000)}`]: 'input_invalid',
    }
    for (const [text, reason] of Object.entries(reasons)) {
      const answer = await raw(path, text)
      expect(answer.endsWith('\n')).toBe(true)
      const { ok, error } = JSON.parse(answer) as { ok: boolean; error?: { reason: string } }
      expect([ok, error?.reason]).toEqual(reason === '' ? [false, 'input_invalid'] : [false, reason])
    }
    expect(await isAnswering(path)).toBe(true)
  })

  it('takes the place of a file that a dead server left behind', async () => {
    const { data, server, at } = await anInstallation()
    const path = join(data, 'admin.sock')
    const dead = createServer()
    await new Promise<void>((resolve) => dead.listen(path, resolve))
    // Closing unlinks the file, so it is brought back as a plain one that nobody listens on.
    await new Promise<void>((resolve) => dead.close(() => resolve()))
    const { writeFileSync } = await import('node:fs')
    writeFileSync(path, '')
    expect(await callSocket(path, 'tenant.list', {})).toBeUndefined()
    expect((await pixy(at('client', 'list'))).code).toBe(0)

    const { pixy: engine } = server
    const socket = await startAdminSocket(path, engine.deps, engine.flowLog)
    onTestEnd(() => socket.close())
    expect(await callSocket(path, 'tenant.list', {})).toBeDefined()
  })

  it('leaves the socket of another live server alone, and says so in the log', async () => {
    const { data, server } = await anInstallation({ socket: true })
    const path = join(data, 'admin.sock')
    const second = await startAdminSocket(path, server.pixy.deps)
    await second.close()
    expect(await isAnswering(path)).toBe(true)
    expect(server.logs.some((line) => line.includes('another server answers there'))).toBe(true)
  })

  it('is left out where its path is too long for a socket', async () => {
    const { server } = await anInstallation()
    const path = join(aFolder(), 'x'.repeat(110), 'admin.sock')
    const socket = await startAdminSocket(path, server.pixy.deps)
    await socket.close()
    expect(server.logs.some((line) => line.includes('too long'))).toBe(true)
  })

  it('is not asked where a database is named that need not be its own', async () => {
    const running = await anInstallation({ socket: true })
    const other = await anInstallation()
    await pixyJson(other.at('client', 'create', '--type', 'spa', '--id', 'only-there'))
    const env = {
      PIXY_DATABASE_URL: `sqlite:${join(other.data, 'pixy.db')}`,
      PIXY_SECRET_FILE: join(other.data, 'secret.key'),
    }
    const before = process.cwd()
    process.chdir(running.data)
    onTestEnd(() => process.chdir(before))
    expect((await pixy(['client', 'show', 'only-there'], { env })).code).toBe(0)
  })

  it('hands the flow events over that wait to be stored', async () => {
    const { data, server } = await anInstallation({ socket: true })
    await fetch(`${server.url}/oauth2/authorize?client_id=nobody`)
    const answer = await callSocket(join(data, 'admin.sock'), 'flow.list', { refused: true })
    expect(answer?.result).toMatchObject({ exchanges: [{ reason: 'authorization_client_unknown' }] })
  })
})
