import { describe, expect, it } from 'vitest'
import type { NewTenant, Store } from '../store.ts'
import {
  aClient,
  aClientSecret,
  aCode,
  aConsent,
  aFlowEvent,
  anInteraction,
  aSession,
  aSigningKey,
  aTenant,
  aUser,
  aWorkspace,
  NOW,
  unique,
} from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'

/** Different from every other in all but its ids. */
function aNewTenant(tenantId: string): NewTenant {
  const workspace = aWorkspace({ tenantId, id: 'demo', secretsSealed: unique('sealed') })
  const { workspaceId } = workspace
  return {
    tenant: aTenant({ tenantId, name: unique('Tenant') }),
    workspaces: [workspace],
    keys: [aSigningKey({ workspaceId })],
    clients: [aClient({ workspaceId, secrets: [aClientSecret()] }), aClient({ workspaceId })],
    users: [aUser({ workspaceId })],
  }
}

async function contentsOf(store: Store, workspaceId: string): Promise<NewTenant> {
  const [tenants, workspaces] = await Promise.all([store.tenants.list(), store.workspaces.list()])
  const [tenant = aTenant()] = tenants
  expect([tenants.length, workspaces.length]).toEqual([1, 1])
  const [keys, clients, users] = await Promise.all([
    store.keys.list(workspaceId),
    store.clients.list(workspaceId, { limit: 100 }),
    store.users.list(workspaceId, { limit: 100 }),
  ])
  return { tenant, workspaces, keys, clients, users }
}

export function configurationContract(engine: Engine): void {
  describe('tenants', () => {
    it(
      'are kept as they were put, and replaced when put again',
      withStore(engine, async ({ tenants }) => {
        const acme = aTenant({
          tenantId: 'acme',
          url: 'https://id.acme.example',
          hosts: ['id.acme.example:8443'],
        })
        const bolt = aTenant({ tenantId: 'bolt', owner: 'file' })
        await tenants.put(bolt)
        await tenants.put(acme)
        expect(await tenants.list()).toEqual([acme, bolt])
        await tenants.put({ ...acme, url: null, hosts: [] })
        expect(await tenants.list()).toEqual([{ ...acme, url: null, hosts: [] }, bolt])
      }),
    )

    it(
      'are created with all that they begin with',
      withStore(engine, async (store) => {
        const made = aNewTenant('acme')
        const before = await store.configurationVersion()
        expect(await store.tenants.create(made)).toBe(true)
        expect(await store.configurationVersion()).toBeGreaterThan(before)
        expect(await contentsOf(store, 'acme:demo')).toEqual(made)
      }),
    )

    it.each(CALLERS)('are created by one of %i who want the id at once, and nothing is mixed', (callers) =>
      withStore(engine, async (store) => {
        const all = times(callers, () => aNewTenant('acme'))
        expect(
          await winners(callers, (caller) => store.tenants.create(all[caller] ?? aNewTenant('acme'))),
        ).toBe(1)
        expect(all).toContainEqual(await contentsOf(store, 'acme:demo'))
      })(),
    )

    it(
      'are gone once deleted, and deleting what is not there is harmless',
      withStore(engine, async ({ tenants }) => {
        await tenants.put(aTenant({ tenantId: 'acme' }))
        await tenants.delete('nobody')
        await tenants.delete('acme')
        expect(await tenants.list()).toEqual([])
      }),
    )
  })

  describe('workspaces', () => {
    it(
      'are kept as they were put, with every setting',
      withStore(engine, async ({ workspaces }) => {
        const workspace = aWorkspace()
        await workspaces.put(workspace)
        expect(await workspaces.list()).toEqual([workspace])
      }),
    )

    it(
      'keep the secrets of the first put for ever: subjects and tags derive from them',
      withStore(engine, async ({ workspaces }) => {
        const workspace = aWorkspace()
        await workspaces.put(workspace)
        await workspaces.put({ ...workspace, name: 'Renamed', path: '/renamed', secretsSealed: 'others' })
        expect(await workspaces.list()).toEqual([{ ...workspace, name: 'Renamed', path: '/renamed' }])
      }),
    )

    it(
      'take everything in them along when they are deleted, and nothing of others',
      withStore(engine, async (store) => {
        const gone = aWorkspace()
        const kept = aWorkspace()
        for (const { workspaceId } of [gone, kept]) await fill(store, workspaceId)
        await store.workspaces.put(gone)
        await store.workspaces.put(kept)
        await store.workspaces.delete(gone.workspaceId)
        expect(await store.workspaces.list()).toEqual([kept])
        expect(await contents(store, gone.workspaceId)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
        expect(await contents(store, kept.workspaceId)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
      }),
    )
  })

  describe('configurationVersion', () => {
    it(
      'changes with every change of tenants, workspaces, clients, secrets and keys',
      withStore(engine, async (store) => {
        const client = aClient()
        const { workspaceId, clientId } = client
        const key = aSigningKey({ state: 'next' })
        const secret = aClientSecret()
        const changes: readonly (() => Promise<unknown>)[] = [
          () => store.tenants.put(aTenant({ tenantId: 'acme' })),
          () => store.tenants.delete('acme'),
          () => store.workspaces.put(aWorkspace({ workspaceId: 'acme:w' })),
          () => store.workspaces.delete('acme:w'),
          () => store.clients.insert(client),
          () => store.clients.update({ ...client, disabled: true }),
          () => store.clients.addSecret(workspaceId, clientId, secret),
          () => store.clients.removeSecret(workspaceId, clientId, secret.secretId),
          () => store.clients.delete(workspaceId, clientId),
          () => store.keys.insert(key),
          () => store.keys.setState(key.workspaceId, key.kid, 'next', 'retired', { deleteAt: NOW }),
          () => store.sweep(NOW, 10), // takes the key along
        ]
        const seen = new Set([await store.configurationVersion()])
        for (const change of changes) {
          await change()
          seen.add(await store.configurationVersion())
        }
        expect(seen.size).toBe(1 + changes.length)
      }),
    )

    it(
      'stays where nothing of them has changed',
      withStore(engine, async (store) => {
        const client = aClient()
        await store.clients.insert(client)
        const before = await store.configurationVersion()
        await store.clients.insert(client) // refused: taken
        await store.clients.update(aClient())
        await store.keys.setState('acme:main', 'nobody', 'next', 'active', {})
        await store.users.insert(aUser())
        await store.codes.insert(aCode())
        await store.sweep(NOW, 10)
        expect(await store.configurationVersion()).toBe(before)
      }),
    )
  })
}

const IDS = { userId: 'u', sid: 's', flowId: 'f', clientId: 'c', codeHash: 'h', browserHash: 'b' }

async function fill(store: Store, workspaceId: string): Promise<void> {
  const at = { workspaceId, ...IDS }
  await store.clients.insert(aClient({ ...at, secrets: [aClientSecret()] }))
  await store.users.insert(aUser(at))
  await store.sessions.signIn(aSession(at), null)
  await store.interactions.insert(anInteraction(at))
  await store.consents.put(aConsent(at))
  await store.codes.insert(aCode(at))
  await store.onceOnly.claim(workspaceId, 'jti', NOW)
  await store.flowEvents.insertMany([aFlowEvent(at)])
}

async function contents(store: Store, workspaceId: string): Promise<readonly number[]> {
  const found = await Promise.all([
    store.clients.find(workspaceId, IDS.clientId),
    store.users.find(workspaceId, IDS.userId),
    store.sessions.find(workspaceId, IDS.sid),
    store.interactions.find(workspaceId, IDS.flowId),
    store.consents.find(workspaceId, IDS.userId, IDS.clientId),
    store.codes.find(workspaceId, IDS.codeHash),
    store.onceOnly.has(workspaceId, 'jti'),
    store.flowEvents.list(workspaceId, 1).then(([event]) => event),
  ])
  return found.map((each) => (each ? 1 : 0))
}
