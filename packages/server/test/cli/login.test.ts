import { describe, expect, it } from 'vitest'
import { CookieJar } from '../../src/cli/login/cookies.ts'
import { Http } from '../../src/cli/login/http.ts'
import { signInByForms } from '../../src/cli/login/robot.ts'
import type { PixyConfigInput } from '../../src/config/schema.ts'
import { startTestServer, type TestServer } from '../../src/test-server.ts'
import { anInstallation, DEMO_PASSWORD, onTestEnd, pixy, pixyError, pixyJson } from './support.ts'

interface Login {
  readonly requests: readonly { readonly step: string; readonly status: number }[]
  readonly scope: string
  readonly access_token: { readonly claims: Record<string, unknown>; readonly verified_with: string } | null
  readonly id_token: { readonly claims: Record<string, unknown>; readonly verified_with: string }
  readonly tokens: Readonly<Record<string, string>>
}

async function aServer(config?: PixyConfigInput): Promise<TestServer> {
  const server = await startTestServer(config ? { config } : {})
  onTestEnd(() => server.close())
  return server
}

function headless(issuer: string, ...args: string[]): string[] {
  return [
    'login',
    '--headless',
    '--issuer',
    issuer,
    '--username',
    'demo@example.com',
    '--password-stdin',
    ...args,
  ]
}

const demo = { stdin: `${DEMO_PASSWORD}\n` }

describe('pixy login --headless (RFC 8252, RFC 7636)', () => {
  it('goes through the pages by their forms and brings verified tokens', async () => {
    const { url } = await aServer()
    const login = await pixyJson<Login>(headless(url), demo)
    expect(login.requests.map(({ step, status }) => `${step} ${status}`)).toEqual([
      'discovery 200',
      'authorize 303',
      'page 200',
      'sign in 303',
      'page 200',
      'consent 303',
      'token 200',
      'keys 200',
    ])
    expect(login.scope).toBe('openid profile email offline_access')
    expect(login.id_token.claims).toMatchObject({ iss: url, aud: 'pixy-cli', nonce: expect.any(String) })
    expect(login.access_token).toMatchObject({
      claims: { iss: url, aud: url },
      verified_with: expect.stringMatching(/^key_/),
    })
    expect(Object.keys(login.tokens).sort()).toEqual(['access_token', 'id_token', 'refresh_token'])
    const headers = { authorization: `Bearer ${login.tokens.access_token}` }
    expect((await fetch(`${url}/userinfo`, { headers })).status).toBe(200)
  })

  it('asks for a resource and ticks every box of the consent page', async () => {
    const { url } = await aServer()
    const args = headless(
      url,
      '--resource',
      'http://localhost:9999',
      '--scope',
      'openid notes:read notes:delete',
    )
    const login = await pixyJson<Login>(args, demo)
    expect(login.scope).toBe('openid notes:read notes:delete')
    expect(login.access_token?.claims.aud).toBe('http://localhost:9999')
  })

  it('shows requests, claims and what to do next, and tokens only when asked', async () => {
    const { url } = await aServer()
    const { code, out } = await pixy(headless(url), demo)
    expect(code).toBe(0)
    expect(out).toMatch(/authorize +GET +http:\/\/localhost:\d+\/oauth2\/authorize +303 +\d+ ms/)
    expect(out).toMatch(/ID token {2}JWT · RS256 {2}✔ verified with key_/)
    expect(out).toContain(`curl -H "Authorization: Bearer $TOKEN" ${url}/userinfo`)
    expect(out).not.toMatch(/eyJ|pixy_rt_/)
    expect((await pixy(headless(url, '--show-tokens'), demo)).out).toMatch(/Bearer eyJ[\w.-]+/)
    expect((await pixy(headless(url, '--quiet'), demo)).out).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('says what the sign-in page said to a wrong password', async () => {
    const { url } = await aServer()
    expect(await pixyError(1, headless(url), { stdin: 'wrong' })).toMatchObject({
      reason: 'sign_in_failed',
      error: 'access_denied',
      flow: expect.stringMatching(/^flow_/),
      request: `POST ${url}/sign-in 401`,
    })
  })

  it('reads the error page: received, expected, fix and flow', async () => {
    const { url } = await aServer()
    expect(await pixyError(1, headless(url, '--client-id', 'demo-spa'), demo)).toMatchObject({
      reason: 'redirect_uri_mismatch',
      error: 'invalid_request',
      received: expect.stringContaining('127.0.0.1'),
      expected: expect.stringContaining('localhost'),
      fix: expect.stringContaining('pixy client update demo-spa --add-redirect-uri'),
      flow: expect.stringMatching(/^flow_/),
    })
    expect(await pixyError(1, headless(url, '--client-id', 'nobody'), demo)).toMatchObject({
      reason: 'authorization_client_unknown',
    })
  })

  it('reads an error that comes back to the client', async () => {
    const { url } = await aServer()
    const error = await pixyError(1, headless(url, '--scope', 'nonsense'), demo)
    expect(error).toMatchObject({
      error: 'invalid_scope',
      reason: 'scope_unknown',
      flow: expect.stringMatching(/^flow_/),
      fix: expect.stringContaining(`${url}/docs/errors/scope_unknown`),
    })
  })

  it('takes a confidential client with its secret from a file, and any registered redirect URI', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const redirect = 'https://shop.example/cb'
    const create = at('client', 'create', '--type', 'web', '--id', 'shop', '--redirect-uri', redirect)
    const { client_secret } = await pixyJson<{ client_secret: string }>(create)
    const { writeFileSync } = await import('node:fs')
    const { join } = await import('node:path')
    const file = join(at().at(-1) ?? '', 'client-secret')
    writeFileSync(file, client_secret)
    const flags = ['--client-id', 'shop', '--redirect-uri', redirect, '--client-secret-file', file]
    const login = await pixyJson<Login>(headless(server.url, ...flags), demo)
    expect(login.id_token.claims.aud).toBe('shop')
    writeFileSync(file, 'another')
    expect(await pixyError(1, headless(server.url, ...flags), demo)).toMatchObject({
      error: 'invalid_client',
      reason: 'client_secret_mismatch',
    })
  })

  it('finds the server that runs on the data folder', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const args = at('login', '--headless', '--username', 'demo@example.com', '--password-stdin')
    expect((await pixyJson<Login>(args, demo)).id_token.claims.iss).toBe(server.url)
  })

  it('refuses an issuer that calls itself something else', async () => {
    const { url } = await aServer()
    const other = url.replace('localhost', '127.0.0.1')
    const error = await pixyError(1, headless(other), demo)
    expect(['issuer_mismatch', 'issuer_unknown']).toContain(error.reason)
  })

  it('says that nobody answers', async () => {
    const error = await pixyError(1, headless('http://localhost:1'), demo)
    expect(error).toMatchObject({ reason: 'issuer_unreachable', fix: expect.stringContaining('pixy start') })
  })

  it('does not follow the sign-in to another site', async () => {
    const { url } = await aServer()
    const query = new URLSearchParams({
      client_id: 'demo-web',
      redirect_uri: 'http://localhost:8080/callback',
      response_type: 'code',
    })
    const authorizationUrl = `${url}/oauth2/authorize?${query}`
    const robot = signInByForms({
      http: new Http(),
      authorizationUrl,
      redirectUri: 'http://elsewhere.example/cb',
      username: 'demo@example.com',
      password: DEMO_PASSWORD,
    })
    await expect(robot).rejects.toMatchObject({ reason: 'redirect_foreign' })
  })
})

describe('pixy login with a browser', () => {
  /** Stands for the browser: opens the printed address and, signed in, the redirect. */
  async function browse(
    authorizationUrl: string,
    change: (response: URLSearchParams) => void = () => {},
  ): Promise<Response> {
    const redirectUri = new URL(authorizationUrl).searchParams.get('redirect_uri') ?? ''
    const person = { username: 'demo@example.com', password: DEMO_PASSWORD }
    const response = await signInByForms({ http: new Http(), authorizationUrl, redirectUri, ...person })
    change(response)
    return fetch(`${redirectUri}?${response}`)
  }

  it('listens on a port of 127.0.0.1 and takes the response that has its state', async () => {
    const { url } = await aServer()
    const pages: Promise<string>[] = []
    const onErr = (text: string) => {
      const address = /(http\S+\/oauth2\/authorize\S+)/.exec(text)?.[1]
      if (address) pages.push(browse(address).then((answer) => answer.text()))
    }
    const { code, out, err } = await pixy(['login', '--no-browser', '--issuer', url], { onErr })
    expect([code, err]).toEqual([0, expect.stringContaining('redirect_uri=http%3A%2F%2F127.0.0.1%3A')])
    expect(out).toContain('verified with key_')
    expect(await pages[0]).toContain('You are signed in.')
  })

  it('refuses a response with another state, and waits on', async () => {
    const { url } = await aServer()
    const statuses: Promise<number>[] = []
    const onErr = (text: string) => {
      const address = /(http\S+\/oauth2\/authorize\S+)/.exec(text)?.[1]
      if (!address) return
      statuses.push(
        browse(address, (response) => response.set('state', 'forged')).then(({ status }) => status),
      )
    }
    const args = ['login', '--no-browser', '--issuer', url, '--timeout', '1']
    expect(await pixyError(1, args, { onErr })).toMatchObject({ reason: 'login_timed_out' })
    expect(await statuses[0]).toBe(400)
  })

  it('answers only addresses of this machine', async () => {
    expect(
      (await pixy(['login', '--redirect-uri', 'https://app.example/cb', '--issuer', 'http://localhost:1']))
        .code,
    ).toBe(2)
  })
})

describe('the cookie jar of the robot', () => {
  it('keeps cookies by path, and forgets those that are taken back', () => {
    const jar = new CookieJar()
    const set = (...lines: string[]) => {
      const headers = new Headers()
      for (const line of lines) headers.append('set-cookie', line)
      jar.take(headers)
    }
    set('a=1; Path=/; HttpOnly', 'b=2; Path=/acme')
    expect(jar.header('http://h/acme/x')).toBe('a=1; b=2')
    expect(jar.header('http://h/acmee')).toBe('a=1')
    set('a=; Path=/; Max-Age=0')
    expect(jar.header('http://h/')).toBe('')
  })
})
