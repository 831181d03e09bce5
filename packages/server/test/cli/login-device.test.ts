import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../testing/src/browser.ts'
import { logInOnAnotherDevice, type UserCode } from '../../src/cli/login/device.ts'
import { Http } from '../../src/cli/login/http.ts'
import { startTestServer, type TestServer } from '../../src/test-server.ts'
import { DEMO_PASSWORD, onTestEnd, pixy, pixyError } from './support.ts'

async function aServer(): Promise<TestServer> {
  const server = await startTestServer({})
  onTestEnd(() => server.close())
  return server
}

/** Somebody at another screen, who presses this button in the end. */
async function answer({ verificationUri, userCode }: UserCode, action: 'allow' | 'deny'): Promise<void> {
  const browser = new FormBrowser()
  let page = await browser.visit(verificationUri)
  for (const values of [
    [['user_code', userCode]],
    [
      ['username', 'demo@example.com'],
      ['password', DEMO_PASSWORD],
    ],
    [
      ['action', action],
      ['scope', 'profile'],
    ],
  ] as const) {
    page = (await browser.follow(await browser.submit(page, values), () => false)).visit
  }
  expect(pageName(page)).toBe('device-done')
}

/** Signs in with a clock that is moved in place of waiting; `act` is called at each pause. */
function logIn(server: TestServer, act: (pause: number, code: UserCode) => Promise<void>, timeout = 300) {
  const request = {
    issuer: server.url,
    clientId: 'pixy-cli',
    clientSecret: undefined,
    scope: 'openid profile',
    resource: undefined,
  }
  let code: UserCode | undefined
  let pauses = 0
  const waited: number[] = []
  const http = new Http()
  const result = logInOnAnotherDevice(http, request, {
    timeout,
    show: (shown) => {
      code = shown
    },
    async pause(seconds) {
      waited.push(seconds)
      server.clock.advance(seconds)
      if (code) await act(++pauses, code)
    },
  })
  return { result, http, waited }
}

describe('pixy login --device (RFC 8628)', () => {
  it('shows a code, polls at the interval, and brings verified tokens', async () => {
    const server = await aServer()
    const login = logIn(server, async (pause, code) => {
      expect(code).toEqual({
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        verificationUri: `${server.url}/device`,
      })
      if (pause === 3) await answer(code, 'allow')
    })
    const { scope, idToken, tokens } = await login.result
    expect(scope).toBe('openid profile')
    expect(idToken?.claims).toMatchObject({ iss: server.url, aud: 'pixy-cli' })
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(login.waited).toEqual([5, 5, 5])
    expect(login.http.sent.map(({ step, status }) => `${step} ${status}`)).toEqual([
      'discovery 200',
      'device 200',
      'token 200',
      'keys 200',
    ])
  })

  it('slows down when it is told to', async () => {
    const server = await aServer()
    const login = logIn(server, async (pause, code) => {
      if (pause === 2) server.clock.advance(-3)
      if (pause === 3) await answer(code, 'allow')
    })
    await login.result
    expect(login.waited).toEqual([5, 5, 10])
  })

  it('says that the person said no, or that nobody came', async () => {
    const server = await aServer()
    const denied = logIn(server, (_, code) => answer(code, 'deny'))
    await expect(denied.result).rejects.toMatchObject({ reason: 'device_denied' })
    const alone = logIn(server, async () => {}, 20)
    await expect(alone.result).rejects.toMatchObject({ reason: 'login_timed_out' })
    const late = logIn(server, async () => server.clock.advance(600))
    await expect(late.result).rejects.toMatchObject({ reason: 'device_code_expired' })
  })

  it('trusts neither the interval nor the texts of an issuer', async () => {
    let polls = 0
    const server = createServer((request, response) => {
      const issuer = `http://${request.headers.host}`
      if (request.url === '/token') polls += 1
      const answers: Record<string, object> = {
        '/.well-known/openid-configuration': {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          device_authorization_endpoint: `${issuer}/device`,
        },
        '/device': {
          device_code: 'x',
          user_code: 'WDJB\u001b]52;c;cm0gLXJm\u0007',
          verification_uri: `${issuer}/\u001b[2J`,
          interval: 0,
        },
        // An end for the loop of a client that never waits.
        '/token': { error: polls > 9 ? 'expired_token' : 'authorization_pending' },
      }
      response.statusCode = request.url === '/token' ? 400 : 200
      response.end(JSON.stringify(answers[request.url ?? '']))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestEnd(() => void server.close())
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, err } = await pixy(['login', '--device', '--issuer', issuer, '--timeout', '2'])
    expect(code).toBe(1)
    expect(err).toContain('Nobody signed in within 2 s.')
    expect(err).toContain('WDJB\\u001b]52')
    expect(err).not.toContain('\u001b')
    expect(polls).toBeLessThanOrEqual(2)
  })

  it('says what the server refuses, and what goes together', async () => {
    const { url } = await aServer()
    const args = ['login', '--device', '--issuer', url]
    expect(await pixyError(1, [...args, '--client-id', 'demo-spa'])).toMatchObject({
      reason: 'grant_type_not_allowed',
      request: `POST ${url}/oauth2/device_authorization 400`,
    })
    expect((await pixy([...args, '--username', 'demo@example.com'])).code).toBe(2)
  })
})
