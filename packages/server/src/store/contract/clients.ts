import { describe, expect, it } from 'vitest'
import {
  aClient,
  aClientSecret,
  aCode,
  aConsent,
  anAccessToken,
  NOW,
  OTHER_WORKSPACE,
  WORKSPACE,
} from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'
import { insertGrant } from './issue.ts'

export function clientContract(engine: Engine): void {
  describe('clients', () => {
    it(
      'are found as they were inserted, with their secrets',
      withStore(engine, async ({ clients }) => {
        const client = aClient({
          secrets: [aClientSecret(), aClientSecret({ expiresAt: NOW + 5 })],
          disabled: true,
        })
        expect(await clients.insert(client)).toBe(true)
        expect(await clients.find(client.workspaceId, client.clientId)).toEqual(client)
        expect(await clients.find(client.workspaceId, 'another')).toBeUndefined()
      }),
    )

    it(
      'refuse an id that is taken, and keep the first with its secrets',
      withStore(engine, async ({ clients }) => {
        const first = aClient({ secrets: [aClientSecret()] })
        await clients.insert(first)
        expect(await clients.insert(aClient({ clientId: first.clientId, secrets: [aClientSecret()] }))).toBe(
          false,
        )
        expect(await clients.find(first.workspaceId, first.clientId)).toEqual(first)
      }),
    )

    it.each(CALLERS)('give one id to one of %i who register it at once', (callers) =>
      withStore(engine, async ({ clients }) => {
        const register = () => clients.insert(aClient({ clientId: 'notes', secrets: [aClientSecret()] }))
        expect(await winners(callers, register)).toBe(1)
        expect((await clients.find(WORKSPACE, 'notes'))?.secrets).toHaveLength(1)
      })(),
    )

    it(
      'are replaced with all their secrets, and not made by an update',
      withStore(engine, async ({ clients }) => {
        const client = aClient({ secrets: [aClientSecret(), aClientSecret()] })
        expect(await clients.update(client)).toBe(false)
        await clients.insert(client)
        const changed = { ...client, secrets: [aClientSecret()], updatedAt: NOW + 1, disabled: true }
        expect(await clients.update(changed)).toBe(true)
        expect(await clients.find(client.workspaceId, client.clientId)).toEqual(changed)
      }),
    )

    it(
      'gain and lose single secrets',
      withStore(engine, async ({ clients }) => {
        const [old, young] = [aClientSecret(), aClientSecret({ createdAt: NOW + 1 })]
        const client = aClient({ secrets: [old] })
        const { workspaceId, clientId } = client
        await clients.insert(client)
        await clients.addSecret(workspaceId, clientId, young)
        expect((await clients.find(workspaceId, clientId))?.secrets).toEqual([old, young])
        expect(await clients.removeSecret(workspaceId, clientId, old.secretId)).toBe(true)
        expect(await clients.removeSecret(workspaceId, clientId, old.secretId)).toBe(false)
        expect((await clients.find(workspaceId, clientId))?.secrets).toEqual([young])
        await expect(clients.addSecret(workspaceId, 'nobody', aClientSecret())).rejects.toThrow()
      }),
    )

    it(
      'are listed by id, a page at a time',
      withStore(engine, async ({ clients }) => {
        const all = times(7, (index) => aClient({ clientId: `client-${index}`, secrets: [aClientSecret()] }))
        for (const client of all.toReversed()) await clients.insert(client)
        await clients.insert(aClient({ workspaceId: OTHER_WORKSPACE, clientId: 'client-3' }))
        expect(await clients.list(WORKSPACE, { limit: 3 })).toEqual(all.slice(0, 3))
        expect(await clients.list(WORKSPACE, { limit: 3, after: 'client-2' })).toEqual(all.slice(3, 6))
        expect(await clients.list(WORKSPACE, { limit: 3, after: 'client-5' })).toEqual(all.slice(6))
        expect(await clients.list(WORKSPACE, { limit: 3, after: 'client-6' })).toEqual([])
      }),
    )

    it(
      'live in their workspace only',
      withStore(engine, async ({ clients }) => {
        const here = aClient({ clientId: 'notes', secrets: [aClientSecret()] })
        const there = aClient({ clientId: 'notes', workspaceId: OTHER_WORKSPACE, secrets: [aClientSecret()] })
        expect(await clients.insert(here)).toBe(true)
        expect(await clients.insert(there)).toBe(true)
        expect(await clients.delete(WORKSPACE, 'notes')).toBe(true)
        expect(await clients.find(WORKSPACE, 'notes')).toBeUndefined()
        expect(await clients.find(OTHER_WORKSPACE, 'notes')).toEqual(there)
      }),
    )

    it(
      'end with their secrets, consents, codes, grants and tokens',
      withStore(engine, async (store) => {
        const client = aClient({ secrets: [aClientSecret()] })
        const { workspaceId, clientId } = client
        await store.clients.insert(client)
        const mine = await insertGrant(store, { clientId })
        const others = await insertGrant(store, {})
        const code = aCode({ authorization: mine.grant.authorization })
        const token = anAccessToken({ clientId })
        const consent = aConsent({ clientId })
        await store.codes.insert(code)
        await store.accessTokens.insert(token)
        await store.consents.put(consent)

        expect(await store.clients.delete(workspaceId, clientId)).toBe(true)
        expect(await store.clients.delete(workspaceId, clientId)).toBe(false)

        expect(await store.grants.find(workspaceId, mine.grant.grantId)).toBeUndefined()
        expect(await store.refreshTokens.find(workspaceId, mine.family.familyHash)).toBeUndefined()
        expect(await store.accessTokens.find(workspaceId, mine.token.tokenHash)).toBeUndefined()
        expect(await store.accessTokens.find(workspaceId, token.tokenHash)).toBeUndefined()
        expect(await store.codes.find(workspaceId, code.codeHash)).toBeUndefined()
        expect(await store.consents.find(workspaceId, consent.userId, clientId)).toBeUndefined()
        expect(await store.grants.find(workspaceId, others.grant.grantId)).toEqual(others.grant)

        await store.clients.insert({ ...client, secrets: [] })
        expect((await store.clients.find(workspaceId, clientId))?.secrets).toEqual([])
      }),
    )
  })
}
