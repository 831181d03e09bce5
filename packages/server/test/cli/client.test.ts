import { describe, expect, it } from 'vitest'
import type { ClientView } from '../../src/admin-api/clients/client-view.ts'
import type { CreatedClient } from '../../src/admin-api/clients/create.ts'
import type { RotatedSecret } from '../../src/admin-api/clients/rotate-secret.ts'
import { hashHandle } from '../../src/core/handles.ts'
import { anInstallation, type Installation, pixy, pixyError, pixyJson } from './support.ts'

const ID = /^app_[A-Za-z0-9]{22}$/

async function clientCredentials(
  server: Installation['server'],
  id: string,
  secret: string,
): Promise<number> {
  const response = await fetch(`${server.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return response.status
}

describe.each([
  { where: 'by the socket of the running server', socket: true },
  { where: 'on the database', socket: false },
])('pixy client, $where', ({ socket }) => {
  it('creates a public client with what its type needs', async () => {
    const { at } = await anInstallation({ socket })
    const { client, created, client_secret } = await pixyJson<CreatedClient>(
      at('client', 'create', '--type', 'spa', '--name', 'My Notes'),
    )
    expect([created, client_secret]).toEqual([true, undefined])
    expect(client).toMatchObject({
      client_id: expect.stringMatching(ID),
      client_name: 'My Notes',
      owner: 'local',
      enabled: true,
      secrets: [],
      metadata: {
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://localhost:5173/callback'],
      },
    })
    const { clients } = await pixyJson<{ clients: ClientView[] }>(at('client', 'list'))
    expect(clients.map(({ client_id }) => client_id)).toContain(client.client_id)
  })

  it('creates, changes, disables and deletes a confidential one that the server knows at once', async () => {
    const { at, server } = await anInstallation({ socket })
    const made = await pixyJson<CreatedClient>(
      at('client', 'create', '--type', 'machine', '--id', 'batch', '--scope', 'notes:read'),
    )
    const secret = made.client_secret ?? ''
    expect(secret).toMatch(/^[A-Za-z0-9]{50}$/)
    await server.pixy.deps.workspaces.refresh()
    expect(await clientCredentials(server, 'batch', secret)).toBe(200)

    const { client } = await pixyJson<CreatedClient>(
      at('client', 'update', 'batch', '--name', 'Nightly', '--set', 'access_token_lifetime=300', '--disable'),
    )
    expect(client).toMatchObject({
      client_name: 'Nightly',
      enabled: false,
      metadata: { access_token_lifetime: 300 },
    })
    await server.pixy.deps.workspaces.refresh()
    expect(await clientCredentials(server, 'batch', secret)).toBe(401)

    await pixyJson(at('client', 'update', 'batch', '--enable', '--set', 'access_token_lifetime=null'))
    const shown = await pixyJson<ClientView>(at('client', 'show', 'batch'))
    expect(shown).toMatchObject({ enabled: true })
    expect(shown.metadata).not.toHaveProperty('access_token_lifetime')

    expect((await pixy(at('client', 'delete', 'batch', '--yes'))).code).toBe(0)
    expect(await pixyError(1, at('client', 'show', 'batch'))).toMatchObject({ reason: 'client_unknown' })
  })

  it('keeps any number of secrets alive, as hashes, until each is removed', async () => {
    const { at, server } = await anInstallation({ socket })
    const { client_secret: first = '' } = await pixyJson<CreatedClient>(
      at('client', 'create', '--type', 'machine', '--id', 'batch'),
    )
    const second = await pixyJson<RotatedSecret>(
      at('client', 'rotate-secret', 'batch', '--expires-in-days', '30'),
    )
    const works = async (secret: string) => {
      await server.pixy.deps.workspaces.refresh()
      return (await clientCredentials(server, 'batch', secret)) === 200
    }
    expect([await works(first), await works(second.client_secret)]).toEqual([true, true])

    const stored = await server.pixy.deps.store.clients.find('demo:main', 'batch')
    expect(stored?.secrets.map(({ secretHash }) => secretHash).sort()).toEqual(
      [hashHandle(first), hashHandle(second.client_secret)].sort(),
    )
    expect((await pixy(at('client', 'show', 'batch'))).out).not.toContain(first)

    await pixyJson(at('client', 'remove-secret', 'batch', second.others[0] ?? ''))
    expect([await works(first), await works(second.client_secret)]).toEqual([false, true])
    const third = await pixyJson<RotatedSecret>(
      at('client', 'rotate-secret', 'batch', '--remove-others', '--yes'),
    )
    expect([await works(second.client_secret), await works(third.client_secret)]).toEqual([false, true])
  })
})

describe('pixy client', () => {
  it('--if-missing leaves what is there; without it a taken id is refused', async () => {
    const { at } = await anInstallation()
    const create = at('client', 'create', '--type', 'web', '--id', 'shop')
    expect(await pixyJson(create)).toMatchObject({ created: true, client_secret: expect.any(String) })
    const again = await pixyJson<CreatedClient>([...create, '--if-missing', '--name', 'Other'])
    expect(again).toMatchObject({ created: false, client: { client_name: 'shop' } })
    expect(again).not.toHaveProperty('client_secret')
    expect(await pixyError(1, create)).toMatchObject({ reason: 'client_taken', received: 'shop' })
  })

  it('says everything that is wrong with metadata, as the configuration file would', async () => {
    const { at } = await anInstallation()
    const error = await pixyError(1, [
      ...at('client', 'create', '--type', 'spa', '--scope', 'notess:read', '--set', 'require_pkce=false'),
      ...[
        '--redirect-uri',
        'http://evil.example/cb',
        '--redirect-uri',
        'https://x.example/*',
        '--set',
        'colour=red',
      ],
    ])
    expect(error).toMatchObject({ reason: 'client_metadata_invalid' })
    const problems = (error.problems as string[]).join('\n')
    for (const part of ['redirect_uris[0]', 'wildcard', '"notes:read"', 'require_pkce', 'colour']) {
      expect(problems).toContain(part)
    }
  })

  it('sets no secret and no id by --set', async () => {
    const { at } = await anInstallation()
    const error = await pixyError(
      1,
      at('client', 'create', '--type', 'web', '--set', 'client_secret=hunter2'),
    )
    expect(JSON.stringify(error)).toContain('pixy client rotate-secret')
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })

  it('does not change what the configuration owns, but switches it off in an emergency', async () => {
    const { at } = await anInstallation()
    const error = await pixyError(
      1,
      at('client', 'update', 'demo-spa', '--add-redirect-uri', 'https://a.example/cb'),
    )
    expect(error).toMatchObject({ reason: 'file_owned' })
    expect(error.fix).toContain('tenants[demo].workspaces[main].clients[demo-spa].redirect_uris')
    expect(await pixyError(1, at('client', 'rotate-secret', 'demo-web'))).toMatchObject({
      reason: 'file_owned',
    })
    expect(await pixyError(1, at('client', 'delete', 'demo-web', '--yes'))).toMatchObject({
      reason: 'file_owned',
    })
    expect(await pixyJson(at('client', 'update', 'demo-spa', '--disable'))).toMatchObject({
      client: { enabled: false },
    })
  })

  it('adds to lists and takes from them', async () => {
    const { at } = await anInstallation()
    const { client } = await pixyJson<CreatedClient>(at('client', 'create', '--type', 'spa'))
    const id = client.client_id
    const add = at('client', 'update', id, '--add-redirect-uri', 'https://a.example/cb')
    expect((await pixyJson<CreatedClient>(add)).client.metadata.redirect_uris).toHaveLength(2)
    const remove = at('client', 'update', id, '--remove-redirect-uri', 'http://localhost:5173/callback')
    expect((await pixyJson<CreatedClient>(remove)).client.metadata.redirect_uris).toEqual([
      'https://a.example/cb',
    ])
    expect(await pixyError(1, remove)).toMatchObject({ reason: 'client_member_missing' })
    expect((await pixy(at('client', 'update', id))).code).toBe(2)
  })

  it('gives a client that becomes confidential a secret, and takes it from one that becomes public', async () => {
    const { at } = await anInstallation()
    const { client } = await pixyJson<CreatedClient>(at('client', 'create', '--type', 'spa'))
    const method = (name: string) =>
      at('client', 'update', client.client_id, '--token-endpoint-auth-method', name)
    expect(await pixyJson(method('client_secret_post'))).toMatchObject({ client_secret: expect.any(String) })
    expect((await pixyJson<CreatedClient>(method('none'))).client.secrets).toEqual([])
    expect(await pixyError(1, at('client', 'rotate-secret', client.client_id))).toMatchObject({
      reason: 'client_public',
    })
  })

  it('asks before it deletes, and does nothing without an answer', async () => {
    const { at } = await anInstallation()
    await pixyJson(at('client', 'create', '--type', 'spa', '--id', 'gone'))
    expect((await pixy(at('client', 'delete', 'gone'))).code).toBe(2)
    expect((await pixy(at('client', 'delete', 'gone'), { answers: [false] })).code).toBe(2)
    expect((await pixy(at('client', 'delete', 'gone'), { answers: [true] })).code).toBe(0)
  })

  it('prints lines for an environment file, and only the id with --quiet', async () => {
    const { at, server } = await anInstallation({ socket: true })
    const vite = await pixy(at('client', 'create', '--type', 'spa', '--id', 'ui', '--env', 'vite'))
    expect(vite.out).toContain(`VITE_AUTH_ISSUER=${server.url}\nVITE_AUTH_CLIENT_ID=ui\n`)
    const web = await pixy(at('client', 'create', '--type', 'web', '--id', 'shop', '--env', 'next'))
    expect(web.out).toMatch(/\nAUTH_CLIENT_SECRET=[A-Za-z0-9]{50}\n/)
    expect((await pixy(at('client', 'create', '--type', 'spa', '--quiet'))).out.trim()).toMatch(ID)
  })
})
