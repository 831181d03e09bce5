import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { authorizeInBrowser, createTestServer, FormBrowser, type PixyTestServer } from '@pixy/testing'
import type { PixyConfigInput } from 'pixy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../examples/systems/atm/', import.meta.url))
const config = JSON.parse(readFileSync(`${folder}pixy.json`, 'utf8')) as PixyConfigInput
const strictConfig = JSON.parse(
  readFileSync(`${folder}pixy.json`, 'utf8').replace('"dialects": ["atm"]', '"dialects": []'),
) as PixyConfigInput

const USER = { username: 'end.user13@example.com', password: 'H123456789' }
const CLIENT = 'OJJvmTmatjCOTuqBxur2'
const CALLBACK = 'http://localhost:8080/callback'
const CHALLENGE = '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs one of the programs as its README says. */
function run(program: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const preload = program === 'login.cjs' ? ['--require', './preload.cjs'] : []
  const child = spawn(process.execPath, [...preload, program], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, out, err }))
  })
}

/** The one line of JSON that a program prints. */
async function answerOf(program: string, env: Readonly<Record<string, string>>) {
  const { out, err, code } = await run(program, env)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Record<string, string | number>
}

describe('the programs of ATM, as printed', () => {
  let pixy: PixyTestServer
  beforeAll(async () => {
    pixy = await createTestServer({ config })
  })
  afterAll(() => pixy.close())

  async function tokensFor(code: string) {
    const tokens = await answerOf('token.cjs', { ATM_URL: pixy.url, CODE: code })
    expect(tokens).toEqual({
      id_token: expect.stringMatching(/^eyJ/),
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^pixy_rt_/),
      exp_access_token: 600,
    })
    return tokens as Readonly<Record<'id_token' | 'access_token' | 'refresh_token', string>>
  }

  async function expectVerified(accessToken: string) {
    expect(await answerOf('verify.cjs', { ATM_URL: pixy.url, ACCESS_TOKEN: accessToken })).toMatchObject({
      iss: 'atm',
      aud: CLIENT,
      scope: {
        email: USER.username,
        id: expect.stringMatching(/^usr_/),
        firstName: 'Hao app user',
        lastName: '',
      },
    })
  }

  it('S0-29 S0-32 S0-34 S0-35 S0-38 S0-39 S0-41 sign in, exchange, verify and refresh', async () => {
    const { redirectUrl, code } = await answerOf('login.cjs', { ATM_URL: pixy.url })
    expect(redirectUrl).toBe(CALLBACK)
    expect(code).toMatch(/^[A-Za-z0-9]{50}$/)
    const first = await tokensFor(String(code))
    await expectVerified(first.access_token)
    const second = await answerOf('refresh.cjs', {
      ATM_URL: pixy.url,
      REFRESH_TOKEN: first.refresh_token,
      ID_TOKEN: first.id_token,
    })
    expect(second.exp_access_token).toBe(600)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    await expectVerified(String(second.access_token))
  })

  it('S0-07 S0-31 sign in on the hosted page, by the address that the page shows', async () => {
    const url = `${pixy.url}/login?clientId=${CLIENT}&code_challenge=${CHALLENGE}&code_challenge_method=SHA256`
    const back = await authorizeInBrowser(new FormBrowser(), url, CALLBACK, USER)
    expect(back.href).toMatch(/^http:\/\/localhost:8080\/callback\?code=[A-Za-z0-9]{50}$/)
    await expectVerified((await tokensFor(back.searchParams.get('code') ?? '')).access_token)
  })

  it('S0-12 exchange a code once', async () => {
    const { code } = await answerOf('login.cjs', { ATM_URL: pixy.url })
    await tokensFor(String(code))
    expect((await run('token.cjs', { ATM_URL: pixy.url, CODE: String(code) })).out).toContain('code_replayed')
  })

  it('S0-32 get no code for a wrong password', async () => {
    const { out } = await run('login.cjs', { ATM_URL: pixy.url, PASSWORD: 'H12345678' })
    expect(out).toContain('status code 401')
    expect(out).toContain('Wrong username or password.')
  })
})

describe('the programs of ATM and a client that does not list the dialect', () => {
  let pixy: PixyTestServer
  beforeAll(async () => {
    pixy = await createTestServer({ config: strictConfig })
  })
  afterAll(() => pixy.close())

  it.each([
    ['login.cjs', {}, 'send the browser to /oauth2/authorize'],
    ['token.cjs', { CODE: 'x'.repeat(50) }, 'Send a form to /oauth2/token'],
    ['refresh.cjs', { REFRESH_TOKEN: 'x', ID_TOKEN: 'x' }, 'Send a form to /oauth2/token'],
  ])('S0-32 S0-34 S0-38 strict: %s prints a refusal that names the fix', async (program, env, fix) => {
    const { out } = await run(program, { ATM_URL: pixy.url, ...env })
    expect(out).toContain('status code 400')
    expect(out).toContain("reason: 'dialect_off'")
    expect(out).toContain(fix)
    expect(out).toContain(`pixy client update ${CLIENT} --add-dialect atm`)
  })
})
