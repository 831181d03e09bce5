import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTestServer, type PixyTestServer } from '@pixy/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programs } from '../../examples/systems/run.mjs'
import { demoConfig } from '../../packages/server/src/config/demo.ts'

const script = fileURLToPath(new URL('../../examples/systems/run.mjs', import.meta.url))
const first = {
  demo_username: 'demo@example.com',
  demo_password: 'quiet-river-seven-lamps',
  demo_atm_secret: 'a-secret-of-the-demo-client-of-atm',
  demo_toki_secret: 'a-secret-of-the-demo-client-of-toki',
}
const { url: _, ...config } = demoConfig({
  url: 'http://localhost:4000',
  spaUrl: 'http://localhost:4001',
  apiUrl: 'http://localhost:4002',
  password: first.demo_password,
  webSecret: 'a-secret-of-the-demo-web-client',
  machineSecret: 'a-secret-of-the-demo-machine-client',
  atmSecret: first.demo_atm_secret,
  tokiSecret: first.demo_toki_secret,
})

describe('examples/systems/run.mjs, against the demo tenant', () => {
  let pixy: PixyTestServer
  let data: string
  beforeAll(async () => {
    pixy = await createTestServer({ config })
    data = mkdtempSync(join(tmpdir(), 'pixy-run-'))
    writeFileSync(join(data, 'first-run.json'), JSON.stringify(first))
  })
  afterAll(async () => {
    await pixy.close()
    rmSync(data, { recursive: true, force: true })
  })

  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [script, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    )

  it('walks ATM from the password to the second refresh token', async () => {
    const { code, stdout, stderr } = await run('atm', '--url', pixy.url, '--data', data)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/1\. sign in\n.*"code"/)
    expect(stdout).toMatch(/3\. verify the access token\n.*demo@example\.com/)
    expect(stdout).toMatch(/4\. refresh\n.*"exp_access_token":600/)
  })

  it.each(Object.entries(programs({ url: 'http://localhost:4000', first })))(
    'starts %s as a client that the demo has, with its secret and a redirect that is registered',
    (_system, { env }) => {
      const clients = config.tenants?.[0]?.workspaces?.[0]?.clients ?? []
      const client = clients.find(({ client_id }) => client_id === env.CLIENT_ID)
      expect(client).toMatchObject({ dialects: [expect.any(String)] })
      expect(client?.client_secret).toBe(env.CLIENT_SECRET)
      if (env.REDIRECT_URI) expect(client?.redirect_uris).toContain(env.REDIRECT_URI)
    },
  )

  it('says what it can run, and what is missing', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('toki-secret') })
    expect(await run()).toMatchObject({ code: 2 })
    expect(await run('keycloak', '--data', data)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no system "keycloak"'),
    })
    expect(await run('atm', '--data', '/nowhere')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm start'),
    })
  })
})
