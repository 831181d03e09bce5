import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../testing/src/browser.ts'
import type { CreatedTenant } from '../../src/admin-api/tenants/create.ts'
import type { TenantView } from '../../src/admin-api/tenants/list.ts'
import { basic, claimsOf, TestAs } from '../support/test-as.ts'
import { aFolder, anInstallation, type Installation, pixy, pixyError, pixyJson } from './support.ts'

type Created = CreatedTenant & { readonly password?: string }

const CALLBACK = 'http://localhost:3000/callback'
const PASSWORD = 'seven purple kettles hum'
const SCOPE = 'openid profile email offline_access notes:read'

/** Beside the server a command knows its URL from configuration or environment alone. */
const create = ({ at, server }: Installation, ...args: string[]) =>
  pixyJson<Created>(at('tenant', 'create', ...args), { env: { PIXY_URL: server.url } })

/** A whole sign-in at the new issuer, by its own pages and over HTTP. */
function logIn(as: TestAs, client: string, password: string, headers: Record<string, string> = {}) {
  const user = { username: 'demo@example.com', password }
  const options = { client, user, redirectUri: CALLBACK, scope: SCOPE, browser: new FormBrowser() }
  return as.login(options, {}, headers)
}

/** The running server looks for the changes of others four times a second; a test need not wait for it. */
const noticed = ({ server }: Installation) => server.pixy.deps.workspaces.refresh()

describe.each([
  { where: 'by the socket of the running server', socket: true },
  { where: 'on the database', socket: false },
])('pixy tenant create, $where', ({ socket }) => {
  it('S3-19 gives a tenant with a Demo workspace in which a sign-in with PKCE works at once', async () => {
    const installation = await anInstallation({ socket })
    const created = await create(installation, 'acme', '--name', 'Acme')
    const { url } = installation.server
    expect(created).toMatchObject({
      tenant: { tenant_id: 'acme', name: 'Acme', owner: 'local' },
      workspace: 'acme:demo',
      issuer: `${url}/acme/demo`,
      user: { username: 'demo@example.com' },
    })
    if (!socket) await noticed(installation)

    const as = new TestAs(installation.server, created.issuer)
    const tokens = await logIn(as, 'demo-spa', created.password ?? '')
    expect(claimsOf(tokens.id_token)).toMatchObject({ iss: created.issuer, aud: 'demo-spa' })
    expect(tokens.refresh_token).not.toBe('')
    expect((await as.userinfo(tokens.access_token)).json).toMatchObject({ email: 'demo@example.com' })

    const web = created.clients.find(({ client_id }) => client_id === 'demo-web')
    const authenticated = basic('demo-web', web?.client_secret ?? '')
    const server = await logIn(as, 'demo-web', created.password ?? '', authenticated)
    expect(claimsOf(server.id_token)).toMatchObject({ iss: created.issuer, aud: 'demo-web' })
  })
})

describe('pixy tenant create', () => {
  it('S3-19 the public client of the Demo workspace gets no code without PKCE', async () => {
    const installation = await anInstallation({ socket: true })
    const { issuer } = await create(installation, 'acme')
    const as = new TestAs(installation.server, issuer)
    const request = as.authorizationUrl({
      client: 'demo-spa',
      redirectUri: CALLBACK,
      parameters: { code_challenge: null, code_challenge_method: null },
    })
    const { headers } = await as.request(request.url)
    const response = new URL(headers.get('location') ?? '')
    expect(response.searchParams.get('error')).toBe('invalid_request')
    expect(response.searchParams.get('error_description')).toContain('code_challenge')
  })

  it('shows secret and password once, and keeps neither', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const { out } = await pixy(at('tenant', 'create', 'acme'))
    const [, password = ''] = /password +(\S+) +shown once/.exec(out) ?? []
    const [, secret = ''] = /secret +([A-Za-z0-9]{50}) +shown once/.exec(out) ?? []
    expect(password).toMatch(/^[a-z]+-[a-z]+-[a-z]+-[a-z]+-[A-Za-z0-9]{5}$/)
    expect(out).toContain(`pixy login --issuer ${server.url}/acme/demo --client-id demo-spa`)
    const later = [
      await pixy(at('tenant', 'list')),
      await pixy(at('client', 'show', 'demo-web', '--workspace', 'acme:demo', '--json')),
      await pixy(at('user', 'show', 'demo@example.com', '--workspace', 'acme:demo', '--json')),
      { out: server.logs.join('\n'), code: 0 },
    ]
    expect(later.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    for (const text of later.map((each) => each.out)) {
      expect(text).not.toContain(password)
      expect(text).not.toContain(secret)
    }
  })

  it('names a command that signs in there', async () => {
    const { at } = await anInstallation({ socket: true })
    const { out } = await pixy(at('tenant', 'create', 'acme', '--password-stdin'), { stdin: PASSWORD })
    const [, command = ''] = /\nNext: pixy (login .*)\n$/.exec(out) ?? []
    const headless = ['--headless', '--username', 'demo@example.com', '--password-stdin']
    const signedIn = await pixy([...command.split(' '), ...headless], { stdin: PASSWORD })
    expect(signedIn, signedIn.err).toMatchObject({ code: 0 })
  })

  it('takes a password from standard input, holds it to the policy, and does not show it', async () => {
    const installation = await anInstallation({ socket: true })
    const { at } = installation
    const args = at('tenant', 'create', 'acme', '--password-stdin')
    expect(await pixyError(1, args, { stdin: 'short' })).toMatchObject({ reason: 'password_too_short' })
    const { out } = await pixy([...args, '--json'], { stdin: `${PASSWORD}\n` })
    expect(out).not.toContain(PASSWORD)
    const { issuer } = JSON.parse(out) as Created
    expect((await logIn(new TestAs(installation.server, issuer), 'demo-spa', PASSWORD)).token_type).toBe(
      'Bearer',
    )
    expect((await pixy([...args, '--no-demo'], { stdin: PASSWORD })).code).toBe(2)
  })

  it('makes an issuer on an origin of its own, which answers for it there and nowhere else', async () => {
    const installation = await anInstallation({ socket: true })
    const port = new URL(installation.server.url).port
    const own = `http://127.0.0.1:${port}`
    const created = await create(installation, 'acme', '--url', own, '--host', 'login.acme.example')
    expect(created.issuer).toBe(`${own}/acme/demo`)
    const path = '/acme/demo/.well-known/openid-configuration'
    expect(await (await fetch(own + path)).json()).toMatchObject({ issuer: created.issuer })
    expect((await fetch(installation.server.url + path)).status).toBe(404)
    const tokens = await logIn(
      new TestAs(installation.server, created.issuer),
      'demo-spa',
      created.password ?? '',
    )
    expect(claimsOf(tokens.id_token).iss).toBe(created.issuer)
  })

  it('--no-demo makes an empty workspace with keys', async () => {
    const installation = await anInstallation({ socket: true })
    const created = await create(installation, 'acme', '--no-demo')
    expect(created).toMatchObject({ workspace: 'acme:main', clients: [], user: null })
    expect(created).not.toHaveProperty('password')
    const jwks = await (await fetch(`${created.issuer}/.well-known/jwks.json`)).json()
    expect((jwks as { keys: unknown[] }).keys).toHaveLength(2)
    const { tenants } = await pixyJson<{ tenants: TenantView[] }>(installation.at('tenant', 'list'))
    expect(tenants.map(({ tenant_id }) => tenant_id)).toEqual(['acme', 'demo'])
    expect((await pixy(installation.at('tenant', 'list'))).out).toMatch(
      /acme:main +acme +http\S+\/acme\/main +local/,
    )
  })

  it('refuses what is taken, and leaves it as it is', async () => {
    const installation = await anInstallation({ socket: true })
    const { at, server } = installation
    await create(installation, 'acme', '--url', 'http://acme.localhost:4000', '--host', 'acme.example')
    const before = await pixyJson(at('tenant', 'list'))
    const refusal = (...args: string[]) => pixyError(1, at('tenant', 'create', ...args))
    expect(await refusal('acme')).toMatchObject({ reason: 'tenant_taken', received: 'acme' })
    expect(await refusal('demo')).toMatchObject({ reason: 'tenant_taken' })
    const host = { reason: 'tenant_host_taken' }
    expect(await refusal('bolt', '--host', 'acme.example')).toMatchObject(host)
    expect(await refusal('bolt', '--url', 'http://acme.localhost:4000')).toMatchObject(host)
    expect(await refusal('bolt', '--host', new URL(server.url).host)).toMatchObject(host)
    expect(await pixyJson(at('tenant', 'list'))).toEqual(before)
  })

  it('refuses ids and names that the configuration file could not have either', async () => {
    const { at } = await anInstallation({ socket: true })
    const problems = async (...args: string[]) => {
      const error = await pixyError(1, at('tenant', 'create', ...args))
      expect(error.reason).toBe('tenant_invalid')
      return (error.problems as string[]).join('\n')
    }
    expect(await problems('a/b')).toMatch(/^id: received "a\/b", expected 1 to 63 letters/)
    expect(await problems('acme', '--url', 'https://acme.example/path')).toMatch(/^url: /)
    expect(await problems('acme', '--host', 'https://acme.example')).toMatch(/^hosts\[0\]: /)
    expect(await problems('docs')).toMatch(/\/docs is a path of Pixy's own/)
    expect(await problems('oauth2')).toMatch(/would hide \/oauth2 of demo:main/)
  })

  it('refuses a path that another issuer of the same host has', async () => {
    const installation = await anInstallation({
      socket: true,
      config: { tenants: [{ id: 'one', workspaces: [{ id: 'main', path: '/two/demo' }] }] },
    })
    const error = await pixyError(1, installation.at('tenant', 'create', 'two'))
    expect(error).toMatchObject({ reason: 'tenant_invalid' })
    expect(JSON.stringify(error.problems)).toContain('the path of one:main too')
  })

  it('needs https for its own origin where the server has it', async () => {
    const installation = await anInstallation({
      config: { url: 'https://auth.example', tenants: [{ id: 'one', workspaces: [{ id: 'main' }] }] },
    })
    const env = { PIXY_URL: 'https://auth.example' }
    const args = installation.at('tenant', 'create', 'two', '--url', 'http://two.example')
    expect(await pixyError(1, args, { env })).toMatchObject({ reason: 'tenant_invalid' })
  })

  it('gives an id to one of several who want it at once', async () => {
    const installation = await anInstallation({ socket: true })
    const all = await Promise.all(
      Array.from({ length: 5 }, () => pixy(installation.at('tenant', 'create', 'acme', '--json'))),
    )
    const [won, ...others] = all.filter(({ code }) => code === 0)
    expect(others).toEqual([])
    const { issuer, password = '' } = JSON.parse(won?.out ?? '{}') as Created
    const tokens = await logIn(new TestAs(installation.server, issuer), 'demo-spa', password)
    expect(claimsOf(tokens.id_token).iss).toBe(issuer)
  })

  it('says what is missing where there is no installation yet', async () => {
    const error = await pixyError(1, ['tenant', 'create', 'acme', '--data', aFolder()])
    expect(error).toMatchObject({ reason: 'database_missing' })
  })
})
