import { describe, expect, it } from 'vitest'
import { createVault } from '../../src/adapters/vault.ts'
import type { PixyConfigInput } from '../../src/config/schema.ts'
import { hashHandle } from '../../src/core/handles.ts'
import { secretsContext } from '../../src/core/workspaces/directory.ts'
import { aBench, aClient, aConfig, problemsOfAsync, type Workspace } from './support.ts'

const FULL: Partial<Workspace> = {
  signing_algs: ['ES256'],
  scopes: [{ name: 'notes:read', description: 'See your notes' }],
  resources: [{ identifier: 'https://api.example', scopes: ['notes:read'] }],
  branding: { accent: '#0a7cff' },
  clients: [
    aClient({ client_id: 'spa' }),
    aClient({
      client_id: 'web',
      client_secret: 'secret one',
      client_secrets: [{ value: 'secret two', expires_at: 9_999_999_999 }],
    }),
  ],
  users: [
    {
      username: 'Alice@Example.com',
      password: 'first password',
      clients: ['spa'],
      claims: { email: 'alice@example.com', email_verified: true },
    },
    { username: 'bob' },
  ],
}

describe('applyConfig, the first time', () => {
  it('creates what the file names, owned by the file', async () => {
    const bench = await aBench()
    expect(await bench.apply(aConfig(FULL))).toEqual([
      'create tenant acme',
      'create workspace acme:main',
      'create client acme:main/spa',
      'create client acme:main/web',
      'create user acme:main/pool/alice@example.com',
      'create user acme:main/pool/bob',
    ])
    expect(await bench.store.tenants.list()).toEqual([
      { tenantId: 'acme', name: 'acme', url: null, hosts: [], owner: 'file' },
    ])
    const [workspace] = await bench.store.workspaces.list()
    expect(workspace).toMatchObject({
      workspaceId: 'acme:main',
      path: '/acme/main',
      owner: 'file',
      settings: {
        identity_sources: [{ id: 'pool', type: 'pool' }],
        sign_up: 'closed',
        branding: { accent: '#0a7cff' },
      },
    })
    expect((await bench.store.keys.list('acme:main')).map(({ alg }) => alg)).toEqual(['ES256'])
  })

  it('keeps an issuer at the root without a slash', async () => {
    const bench = await aBench()
    await bench.apply(aConfig({ ...FULL, path: '/' }))
    expect((await bench.store.workspaces.list())[0]?.path).toBe('')
  })

  it('seals what the workspace derives from, and never makes it anew', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const sealed = (await bench.store.workspaces.list())[0]?.secretsSealed ?? ''
    const secrets = JSON.parse(createVault('a secret of the tests').open(sealed, secretsContext('acme:main')))
    expect(secrets).toEqual({
      pairwiseSalt: expect.stringMatching(/^\w{43,}$/),
      tagKey: expect.stringMatching(/^\w{43,}$/),
    })
    expect(secrets.pairwiseSalt).not.toBe(secrets.tagKey)
    await bench.apply(aConfig({ ...FULL, name: 'Other' }))
    expect((await bench.store.workspaces.list())[0]).toMatchObject({ name: 'Other', secretsSealed: sealed })
  })

  it('stores hashes of client secrets alone', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const client = await bench.store.clients.find('acme:main', 'web')
    const secrets = client?.secrets.map(({ secretHash, expiresAt }) => [secretHash, expiresAt])
    expect(new Map(secrets as [string, number][])).toEqual(
      new Map([
        [hashHandle('secret one'), 0],
        [hashHandle('secret two'), 9_999_999_999],
      ]),
    )
    expect(JSON.stringify(client)).not.toContain('secret one')
    expect(client?.metadata).not.toHaveProperty('client_secrets')
    expect(client?.metadata).toMatchObject({
      client_id: 'web',
      require_pkce: true,
      token_endpoint_auth_method: 'client_secret_basic',
    })
  })

  it('hashes at most four passwords at once, and none where there is none', async () => {
    const bench = await aBench()
    const users = Array.from({ length: 20 }, (_, index) => ({
      username: `user${index}`,
      ...(index > 0 ? { password: 'p' } : {}),
    }))
    await bench.apply(aConfig({ signing_algs: ['ES256'], users }))
    expect(bench.hasher).toMatchObject({ hashed: 19, most: 4 })
    expect((await bench.store.users.findByUsername('acme:main', 'pool', 'user0'))?.passwordHash).toBeNull()
  })
})

describe('applyConfig, again', () => {
  it('changes nothing, and writes nothing', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const version = await bench.store.configurationVersion()
    bench.clock.advance(1000)
    expect(await bench.apply(aConfig(FULL))).toEqual([])
    expect(await bench.store.configurationVersion()).toBe(version)
    expect(bench.hasher.hashed).toBe(1)
  })

  it('updates what the file changed, and keeps ids, ages and passwords', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const before = await bench.store.clients.find('acme:main', 'web')
    const alice = await bench.store.users.findByUsername('acme:main', 'pool', 'alice@example.com')
    bench.clock.advance(1000)
    const changes = await bench.apply(
      aConfig({
        ...FULL,
        clients: [
          aClient({ client_id: 'spa' }),
          aClient({ client_id: 'web', client_secrets: [{ value: 'secret two' }, { value: 'three' }] }),
        ],
        users: [
          { username: 'alice@example.com', password: 'another password', claims: { email: 'a@example.com' } },
          { username: 'bob' },
        ],
      }),
    )
    expect(changes).toEqual(['update client acme:main/web', 'update user acme:main/pool/alice@example.com'])
    const after = await bench.store.clients.find('acme:main', 'web')
    expect(after?.createdAt).toBe(before?.createdAt)
    expect((after?.updatedAt ?? 0) - (before?.updatedAt ?? 0)).toBeGreaterThanOrEqual(1000)
    const two = (secrets: typeof before) =>
      secrets?.secrets.find(({ secretHash }) => secretHash === hashHandle('secret two'))
    expect(two(after)).toEqual({ ...two(before), expiresAt: 0 })
    expect(after?.secrets.map(({ secretHash }) => secretHash)).not.toContain(hashHandle('secret one'))
    expect(await bench.store.users.findByUsername('acme:main', 'pool', 'alice@example.com')).toMatchObject({
      userId: alice?.userId,
      username: 'alice@example.com',
      passwordHash: 'hash of first password',
      claims: { email: 'a@example.com' },
      clients: [],
    })
  })

  it('leaves alone what an absent section holds', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    expect(await bench.apply({ ...aConfig(FULL), tenants: undefined })).toEqual([])
    expect(await bench.apply({ tenants: [{ id: 'acme' }] })).toEqual([])
    expect(await bench.apply(aConfig({ signing_algs: ['ES256'] }))).toEqual([])
    expect((await bench.store.workspaces.list())[0]?.settings.scopes).toHaveLength(1)
  })

  it('keeps switched off what was switched off in an emergency, unless the file says otherwise', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const client = await bench.store.clients.find('acme:main', 'spa')
    const user = await bench.store.users.findByUsername('acme:main', 'pool', 'bob')
    if (!client || !user) throw new Error('not created')
    await bench.store.clients.update({ ...client, disabled: true })
    await bench.store.users.update({ ...user, enabled: false })
    expect(await bench.apply(aConfig(FULL))).toEqual([])
    const on = { ...FULL, clients: [aClient({ enabled: true })], users: [{ username: 'bob', enabled: true }] }
    await bench.apply(aConfig(on))
    expect((await bench.store.clients.find('acme:main', 'spa'))?.disabled).toBe(false)
    expect((await bench.store.users.findByUsername('acme:main', 'pool', 'bob'))?.enabled).toBe(true)
  })

  it('plans without changing anything', async () => {
    const bench = await aBench()
    expect(await bench.apply(aConfig(FULL), { plan: true })).toHaveLength(6)
    expect(await bench.store.tenants.list()).toEqual([])
    expect(bench.hasher.hashed).toBe(0)
  })
})

describe('applyConfig, what the file no longer names', () => {
  it('deletes clients that it made, and no others', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const spa = await bench.store.clients.find('acme:main', 'spa')
    if (!spa) throw new Error('not created')
    await bench.store.clients.insert({ ...spa, clientId: 'made-here', owner: 'local' })
    await bench.store.clients.insert({ ...spa, clientId: 'registered', owner: 'dynamic' })
    expect(await bench.apply(aConfig({ ...FULL, clients: [] }))).toEqual([
      'delete client acme:main/spa',
      'delete client acme:main/web',
    ])
    expect(
      (await bench.store.clients.list('acme:main', { limit: 10 })).map(({ clientId }) => clientId),
    ).toEqual(['made-here', 'registered'])
  })

  it('disables users that it made, hands them over, and enables them when it names them again', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    expect(await bench.apply(aConfig({ ...FULL, users: [{ username: 'bob' }] }))).toEqual([
      'disable user acme:main/pool/alice@example.com',
    ])
    const alice = await bench.store.users.findByUsername('acme:main', 'pool', 'alice@example.com')
    expect(alice).toMatchObject({ enabled: false, owner: 'local' })
    await bench.apply(aConfig(FULL))
    expect(await bench.store.users.findByUsername('acme:main', 'pool', 'alice@example.com')).toMatchObject({
      userId: alice?.userId,
      enabled: true,
      owner: 'file',
      passwordHash: 'hash of first password',
    })
  })

  it('signs out whom it disables', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const user = await bench.store.users.findByUsername('acme:main', 'pool', 'bob')
    if (!user) throw new Error('not created')
    const now = bench.clock.now()
    const session = {
      workspaceId: 'acme:main',
      sid: 'sid',
      browserHash: 'b',
      userId: user.userId,
      authTime: now,
      acr: '0',
      amr: [],
    }
    await bench.store.sessions.signIn(
      { ...session, persistent: false, createdAt: now, lastUsedAt: now, expiresAt: now + 60, sourceId: null },
      null,
    )
    await bench.apply(aConfig({ ...FULL, users: [] }))
    expect(await bench.store.sessions.find('acme:main', 'sid')).toBeUndefined()
  })

  it('leaves users of others alone', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const bob = await bench.store.users.findByUsername('acme:main', 'pool', 'bob')
    if (!bob) throw new Error('not created')
    await bench.store.users.insert({
      ...bob,
      userId: 'usr_own',
      username: 'carol',
      usernameKey: 'carol',
      owner: 'local',
    })
    await bench.apply(aConfig({ ...FULL, users: [] }))
    expect((await bench.store.users.find('acme:main', 'usr_own'))?.enabled).toBe(true)
  })

  it('manages a sandbox by its own list', async () => {
    const bench = await aBench()
    const sandbox = (...names: string[]): PixyConfigInput =>
      aConfig({
        signing_algs: ['ES256'],
        identity_sources: [
          { id: 'pool', type: 'pool' },
          { id: 'sandbox', type: 'sandbox', users: names.map((username) => ({ username, password: 'p' })) },
        ],
      })
    expect(await bench.apply(sandbox('tester', 'other'))).toContain('create user acme:main/sandbox/tester')
    expect(await bench.apply(sandbox('tester'))).toEqual(['disable user acme:main/sandbox/other'])
  })

  it('deletes an empty workspace and its tenant', async () => {
    const bench = await aBench()
    await bench.apply(aConfig({ ...FULL, users: [] }))
    expect(await bench.apply({ tenants: [] })).toEqual(['delete workspace acme:main', 'delete tenant acme'])
    expect(await bench.store.workspaces.list()).toEqual([])
    expect(await bench.store.tenants.list()).toEqual([])
  })

  it('keeps a workspace that holds users: closed, and handed over', async () => {
    const bench = await aBench()
    await bench.apply(aConfig({ ...FULL, path: '/', sign_up: 'open', registration: 'open' }))
    const other: PixyConfigInput = {
      tenants: [{ id: 'new', workspaces: [{ id: 'main', path: '/', signing_algs: ['ES256'] }] }],
    }
    const { changes, warnings } = await bench.report(other)
    const made = changes
      .filter(({ kind }) => kind !== 'signing_key')
      .map(({ action, id }) => `${action} ${id}`)
    expect(made).toEqual([
      'create new',
      'delete acme:main/spa',
      'delete acme:main/web',
      'disable acme:main/pool/alice@example.com',
      'disable acme:main/pool/bob',
      'release acme:main',
      'create new:main',
      'release acme',
    ])
    expect(warnings).toEqual([
      expect.stringMatching(
        /acme:main is no longer in the configuration file\..* It is now at \/acme\/main\.$/,
      ),
    ])
    const [kept, fresh] = await bench.store.workspaces.list()
    expect(kept).toMatchObject({
      path: '/acme/main',
      owner: 'local',
      settings: { sign_up: 'closed', registration: 'off' },
    })
    expect(fresh).toMatchObject({ workspaceId: 'new:main', path: '' })
    expect(await bench.apply(other)).toEqual([])
  })
})

describe('applyConfig and what was made elsewhere', () => {
  it('takes a client, a user and a workspace of the same name over', async () => {
    const bench = await aBench()
    await bench.apply(aConfig(FULL))
    const [tenant] = await bench.store.tenants.list()
    const [workspace] = await bench.store.workspaces.list()
    const client = await bench.store.clients.find('acme:main', 'spa')
    const user = await bench.store.users.findByUsername('acme:main', 'pool', 'bob')
    if (!tenant || !workspace || !client || !user) throw new Error('not created')
    await bench.store.tenants.put({ ...tenant, owner: 'local' })
    await bench.store.workspaces.put({ ...workspace, owner: 'local' })
    await bench.store.clients.update({ ...client, owner: 'local', disabled: true })
    await bench.store.users.update({ ...user, owner: 'local', enabled: false })
    expect(await bench.apply(aConfig(FULL))).toEqual([
      'update tenant acme',
      'update workspace acme:main',
      'update client acme:main/spa',
      'update user acme:main/pool/bob',
    ])
    expect(await bench.store.clients.find('acme:main', 'spa')).toMatchObject({
      owner: 'file',
      disabled: false,
    })
    expect(await bench.store.users.find('acme:main', user.userId)).toMatchObject({
      owner: 'file',
      enabled: true,
    })
  })

  it('refuses a path that belongs to a workspace of somebody else, and changes nothing', async () => {
    const bench = await aBench()
    await bench.apply(aConfig({ ...FULL, path: '/' }))
    const [workspace] = await bench.store.workspaces.list()
    if (!workspace) throw new Error('not created')
    await bench.store.workspaces.put({ ...workspace, owner: 'local' })
    const other: PixyConfigInput = {
      url: 'https://auth.example',
      tenants: [{ id: 'new', workspaces: [{ id: 'main', path: '/' }] }],
    }
    expect(await problemsOfAsync(() => bench.apply(other))).toEqual([
      expect.stringMatching(
        /^tenants\[0\]\.workspaces\[0\]\.path: received "\/", which is the path of the workspace acme:main/,
      ),
    ])
    expect(await bench.store.tenants.list()).toHaveLength(1)
  })
})

describe('applyConfig at scale', () => {
  it('applies 1,000 clients and 1,000 users, and finds nothing to change the second time', async () => {
    const bench = await aBench()
    const config = aConfig({
      signing_algs: ['ES256'],
      clients: Array.from({ length: 1000 }, (_, index) =>
        aClient({ client_id: `client-${index}`, client_secret: `secret ${index}` }),
      ),
      users: Array.from({ length: 1000 }, (_, index) => ({
        username: `user-${index}`,
        password: `password ${index}`,
      })),
    })
    expect(await bench.apply(config)).toHaveLength(2002)
    expect(await bench.apply(config)).toEqual([])
  })
})
