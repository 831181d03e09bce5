import { describe, expect, it } from 'vitest'
import { aClient, aDeviation, aWorkspace, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, withStore } from './harness.ts'

export function deviationContract(engine: Engine): void {
  describe('deviations', () => {
    it(
      'are added up, from the first use to the last, and listed with the last used first',
      withStore(engine, async ({ clients, deviations }) => {
        await clients.insert(aClient({ clientId: 'notes' }))
        const json = aDeviation({ deviation: 'atm_json_body', lastUsedAt: NOW + 5 })
        await deviations.addMany([aDeviation({ count: 3, lastUsedAt: NOW + 9 }), json])
        await deviations.addMany([aDeviation({ count: 2, firstUsedAt: NOW - 7, lastUsedAt: NOW - 1 })])
        const hex = aDeviation({ count: 5, firstUsedAt: NOW - 7, lastUsedAt: NOW + 9 })
        expect(await deviations.list(WORKSPACE, 'notes')).toEqual([hex, json])
      }),
    )

    it.each(CALLERS)('lose none of what %i add at once', (callers) =>
      withStore(engine, async ({ clients, deviations }) => {
        await clients.insert(aClient({ clientId: 'notes' }))
        await Promise.all(times(callers, (index) => deviations.addMany([aDeviation({ count: index + 1 })])))
        const [counted] = await deviations.list(WORKSPACE, 'notes')
        expect(counted?.count).toBe((callers * (callers + 1)) / 2)
      })(),
    )

    it(
      'belong to one client of one workspace, and are forgotten for it alone',
      withStore(engine, async ({ clients, deviations }) => {
        const owners = [
          { workspaceId: WORKSPACE, clientId: 'notes' },
          { workspaceId: WORKSPACE, clientId: 'shop' },
          { workspaceId: OTHER_WORKSPACE, clientId: 'notes' },
        ]
        for (const owner of owners) await clients.insert(aClient(owner))
        await deviations.addMany([
          ...owners.map(aDeviation),
          aDeviation({ deviation: 'atm_json_body', count: 4 }),
        ])
        expect(await deviations.clear(WORKSPACE, 'notes')).toBe(2)
        expect(await deviations.clear(WORKSPACE, 'notes')).toBe(0)
        const left = await Promise.all(owners.map((o) => deviations.list(o.workspaceId, o.clientId)))
        expect(left.map((list) => list.length)).toEqual([0, 1, 1])
      }),
    )

    it(
      'go with their client, and none are kept for one that is not there',
      withStore(engine, async ({ clients, deviations }) => {
        await deviations.addMany([])
        await clients.insert(aClient({ clientId: 'notes' }))
        await clients.insert(aClient({ clientId: 'shop' }))
        await deviations.addMany([aDeviation()])
        await clients.delete(WORKSPACE, 'notes')
        await deviations.addMany([aDeviation(), aDeviation({ clientId: 'shop' })])
        expect(await deviations.list(WORKSPACE, 'shop')).toHaveLength(1)
        await clients.insert(aClient({ clientId: 'notes' }))
        expect(await deviations.list(WORKSPACE, 'notes')).toEqual([])
      }),
    )

    it(
      'go with their workspace',
      withStore(engine, async ({ workspaces, clients, deviations }) => {
        const workspace = aWorkspace({ id: 'main' })
        await workspaces.put(workspace)
        await clients.insert(aClient({ clientId: 'notes' }))
        await deviations.addMany([aDeviation()])
        await workspaces.delete(workspace.workspaceId)
        expect(await deviations.list(WORKSPACE, 'notes')).toEqual([])
      }),
    )
  })
}
