import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FormBrowser } from '@pixy/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { createClient } from '../../examples/systems/cloudentity/spa/client.js'
import { startChromium } from '../browser/support/chromium.ts'
import { ALICE, type Client, claimsOf, signIn, startPixy } from '../clients/support/pixy.ts'
import { fakeWindow } from './support/fake-window.ts'

const ORIGIN = 'http://localhost:3000'
const REDIRECT_URI = `${ORIGIN}/callback`
const SILENT_URI = `${ORIGIN}/silent`
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SCOPES = ['openid', 'profile', 'email', 'revoke_tokens']

const anApp = (clientId: string, more: Partial<Client> = {}): Client => ({
  client_id: clientId,
  redirect_uris: [REDIRECT_URI, SILENT_URI],
  grant_types: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE],
  token_endpoint_auth_method: 'none',
  ...more,
})

const WORKSPACE = {
  id: 'demo',
  scopes: [{ name: 'revoke_tokens', description: 'Sign itself out' }],
  resources: [],
}
const pixy = await startPixy([anApp('spa', { dialects: ['cloudentity'] }), anApp('strict')], WORKSPACE)
afterAll(() => pixy.close())

const folder = fileURLToPath(new URL('../../examples/systems/cloudentity/', import.meta.url))

/** The real curl where the machine has one, and always what stands in for it elsewhere. */
const standIn = mkdtempSync(join(tmpdir(), 'pixy-curl-'))
copyFileSync(fileURLToPath(new URL('support/curl-stand-in.mjs', import.meta.url)), join(standIn, 'curl'))
chmodSync(join(standIn, 'curl'), 0o755)
afterAll(() => rmSync(standIn, { recursive: true, force: true }))
const node = dirname(process.execPath)
const curls: ReadonlyArray<readonly [string, string]> = [
  ...(hasCurl() ? [['curl', node] as const] : []),
  ['its stand-in', [standIn, node].join(delimiter)],
]

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a script of the example. */
function run(script: string, path: string, variables: Readonly<Record<string, string>>) {
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const env = {
      ...process.env,
      PATH: `${path}${delimiter}${process.env.PATH ?? ''}`,
      AUTHORIZATION_SERVER: pixy.issuer,
      REDIRECT_URI,
      ...variables,
    }
    execFile('bash', [join(folder, script)], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

/** What authorize.sh tells to go on with. */
function adviceIn(err: string) {
  return {
    url: /^ {2}(http\S+)$/m.exec(err)?.[1] ?? '',
    verifier: /CODE_VERIFIER=(\S+)/.exec(err)?.[1] ?? '',
  }
}

describe.each(curls)('the scripts of the documentation, by %s', (_name, path) => {
  it('S3-10 S3-14 authorize.sh leads to the sign-in page, and token.sh redeems the code', async () => {
    const begun = await run('authorize.sh', path, { CLIENT_ID: 'spa' })
    expect(begun, begun.err).toMatchObject({ code: 0 })
    expect(begun.out).toContain('data-page="sign-in"')

    const { url, verifier } = adviceIn(begun.err)
    const callback = await signIn(url, REDIRECT_URI)
    const code = callback.searchParams.get('code') ?? ''
    const redeemed = await run('token.sh', path, { CODE: code, CODE_VERIFIER: verifier })
    expect(redeemed, redeemed.out).toMatchObject({ code: 0 })
    expect(JSON.parse(redeemed.out)).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) })
  })

  it('S3-14 strict: token.sh is refused, and told what to send', async () => {
    const { url, verifier } = adviceIn((await run('authorize.sh', path, { CLIENT_ID: 'strict' })).err)
    const callback = await signIn(url, REDIRECT_URI)
    const code = callback.searchParams.get('code') ?? ''
    const refused = await run('token.sh', path, { CODE: code, CODE_VERIFIER: verifier })
    expect(refused.code).toBe(22)
    const error = JSON.parse(refused.out) as Record<string, string>
    expect(error).toMatchObject({ error: 'invalid_request', reason: 'grant_type_missing' })
    expect(error.fix).toContain('Use code: send grant_type=authorization_code, client_id, code')
  })
})

/** An app in a browser of its own. */
function openApp(clientId: string) {
  const storage = new Map<string, string>()
  const browser = new FormBrowser()
  const options = {
    baseUrl: pixy.url,
    tenantId: 'acme',
    workspaceId: 'demo',
    clientId,
    redirectUri: REDIRECT_URI,
    silentRedirectUri: SILENT_URI,
    scopes: SCOPES,
  }
  const page = fakeWindow({
    origin: ORIGIN,
    storage,
    loadFrame: async ({ src }) => {
      const { location } = await browser.follow(await browser.visit(src), (to) => to.startsWith(SILENT_URI))
      const { search } = new URL(location ?? SILENT_URI)
      const framed = fakeWindow({ origin: ORIGIN, storage, search, parent: page })
      await createClient(options, framed)
        .getAuth({ silent: true })
        .catch(() => undefined)
    },
  })
  const client = createClient(options, page)
  return {
    client,
    storage,
    /** The address that `authorize` goes to. */
    async leave(more = {}) {
      await client.authorize(more)
      return new URL(page.location.href)
    },
    /** Signs Alice in, and comes back to the app with the answer. */
    async signIn() {
      const callback = await signIn(await this.leave(), REDIRECT_URI, { browser })
      page.location.search = callback.search
      const tokens = await client.getAuth()
      page.location.search = ''
      return tokens
    },
    comeBackWith(search: string) {
      page.location.search = search
      return client.getAuth()
    },
  }
}

describe('the calls of the library for single-page apps', () => {
  it('S3-05 S3-07 authorize makes state, nonce and verifier anew each time, by S256', async () => {
    const app = openApp('spa')
    const [one, two] = [await app.leave(), await app.leave()]
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name))
    expect(one.searchParams.get('code_challenge_method')).toBe('S256')
    expect([...one.searchParams.keys()]).toEqual([
      'response_type',
      'client_id',
      'state',
      'nonce',
      'scope',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
    ])
  })

  it('S3-27 signs in, reads claims, exchanges, renews silently, revokes and forgets', async () => {
    const app = openApp('spa')
    await expect(app.client.getAuth()).rejects.toMatchObject({ error: 'Unauthorized' })
    const tokens = await app.signIn()
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: SCOPES.join(' ') })
    expect(await app.client.getAuth()).toBeUndefined()
    expect(await app.client.userInfo()).toMatchObject({ email: 'alice@example.com' })

    const first = app.client.getAccessToken() ?? ''
    const exchanged = await app.client.tokenExchange({ subjectToken: first, scope: ['openid'] })
    expect(exchanged.scope).toBe('openid')
    expect(claimsOf(String(exchanged.access_token)).scope).toBe('openid')

    expect(await app.client.silentAuthentication()).toBe(true)
    const second = app.client.getAccessToken() ?? ''
    expect(second).not.toBe(first)

    expect(await app.client.revokeAuth()).toEqual({})
    expect(app.client.getAccessToken()).toBeNull()
    const answer = await fetch(`${pixy.issuer}/userinfo`, { headers: { authorization: `Bearer ${second}` } })
    expect(answer.status).toBe(401)

    await app.signIn()
    app.client.logout()
    expect([...app.storage.keys()]).toEqual([])
  })

  it('S3-27 silent renewal fails at once where nobody is signed in', async () => {
    const app = openApp('spa')
    expect(await app.client.silentAuthentication()).toBe(false)
    expect(app.client.getAccessToken()).toBeNull()
  })

  it('S3-27 reads errors from the address', async () => {
    const app = openApp('spa')
    const { headers } = await fetch(await app.leave({ prompt: 'nonsense' }), { redirect: 'manual' })
    const callback = new URL(headers.get('location') ?? '')
    await expect(app.comeBackWith(callback.search)).rejects.toMatchObject({
      error: 'invalid_request',
      message: expect.stringMatching(/./),
    })
  })

  it('S3-27 takes no answer to another request', async () => {
    const app = openApp('spa')
    const callback = await signIn(await app.leave(), REDIRECT_URI)
    await app.leave()
    await expect(app.comeBackWith(callback.search)).rejects.toMatchObject({ error: 'Unauthorized' })
  })

  it('S3-27 strict: signs in as well; exchange and revocation are told what is missing', async () => {
    const app = openApp('strict')
    await app.signIn()
    expect(await app.client.userInfo()).toMatchObject({ email: 'alice@example.com' })
    const token = app.client.getAccessToken() ?? ''
    await expect(app.client.tokenExchange({ subjectToken: token })).rejects.toMatchObject({
      detail: { error: 'invalid_request', fix: expect.stringContaining('subject_token_type') },
    })
    await expect(app.client.revokeAuth()).rejects.toMatchObject({
      error: 'Unauthorized',
      detail: { fix: expect.stringContaining('client_id in the body and no Authorization header') },
    })
  })
})

describe('the single-page app', { timeout: 60_000 }, () => {
  it('is served with its configuration', async () => {
    const app = await serveApp(pixy, await freePort())
    try {
      for (const path of ['/', '/callback?code=x', '/app.js', '/client.js'])
        expect((await fetch(app.url + path)).status, path).toBe(200)
      expect(await (await fetch(`${app.url}/config.json`)).json()).toMatchObject({
        baseUrl: pixy.url,
        clientId: 'spa',
        redirectUri: `${app.url}/callback`,
      })
      expect((await fetch(`${app.url}/../serve.js`)).status).toBe(404)
    } finally {
      await app.close()
    }
  })

  it('S3-27 makes every call in a real browser, preflights and a hidden frame included', async () => {
    const port = await freePort()
    const own = await startPixy(
      [anApp('spa', { redirect_uris: [`http://localhost:${port}/callback`], dialects: ['cloudentity'] })],
      WORKSPACE,
    )
    const app = await serveApp(own, port)
    const chromium = await startChromium()
    try {
      // An API that answers 401 is part of the plot, and the console complains of it.
      const page = await (await chromium.open({}, 'unwatched')).newPage()
      const shows = (text: string) => page.locator('#output', { hasText: text }).waitFor()
      await page.goto(app.url)
      await shows('Unauthorized')
      await page.click('#authorize')
      await page.fill('#username', ALICE.username)
      await page.fill('#password', ALICE.password)
      await page.click('#login-submit')
      await page.click('#consent-allow')
      await shows('"access_token"')
      expect(page.url()).toBe(`${app.url}/`)
      for (const [call, answer] of [
        ['userInfo', ALICE.username],
        ['tokenExchange', '"issued_token_type"'],
        ['silentAuthentication', 'true'],
        ['revokeAuth', '{}'],
        ['userInfo', 'Unauthorized'],
      ] as const) {
        await page.click(`#${call}`)
        await shows(answer)
        await shows(call)
      }
    } finally {
      await chromium.close()
      await app.close()
      await own.close()
    }
  })
})

/** Starts the example's own server, as its README says. */
async function serveApp({ url }: { readonly url: string }, port: number) {
  const server = spawn(process.execPath, [join(folder, 'serve.js')], {
    env: {
      ...process.env,
      PORT: String(port),
      CLIENT_ID: 'spa',
      TENANT_ID: 'acme',
      WORKSPACE_ID: 'demo',
      AUTHORIZATION_SERVER: url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(server.stdout, 'data')
  return {
    url: `http://localhost:${port}`,
    async close() {
      server.kill()
      await once(server, 'exit')
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, 'localhost', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
