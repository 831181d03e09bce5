import { describe, expect, it } from 'vitest'
import { aSigningKey, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, winners, withStore } from './harness.ts'

export function signingKeyContract(engine: Engine): void {
  describe('signing keys', () => {
    it(
      'are listed as they were inserted, the oldest first, and not replaced',
      withStore(engine, async ({ keys }) => {
        const young = aSigningKey({ kid: 'a', createdAt: NOW + 1, withdrawAt: NOW + 2, deleteAt: NOW + 3 })
        const old = aSigningKey({ kid: 'b', alg: 'RS256', state: 'next', activateAt: NOW + 60 })
        await keys.insert(young)
        await keys.insert(old)
        await keys.insert(aSigningKey({ workspaceId: OTHER_WORKSPACE, kid: 'a' }))
        expect(await keys.list(WORKSPACE)).toEqual([old, young])
        await expect(keys.insert({ ...old, privateSealed: 'other' })).rejects.toThrow()
      }),
    )

    it(
      'move on from the state they are in, with the times that are given',
      withStore(engine, async ({ keys }) => {
        const key = aSigningKey({ state: 'next' })
        const there = aSigningKey({ kid: key.kid, state: 'next', workspaceId: OTHER_WORKSPACE })
        await keys.insert(key)
        await keys.insert(there)
        expect(await keys.setState(WORKSPACE, key.kid, 'active', 'retired', { deleteAt: NOW })).toBe(false)
        expect(await keys.setState(WORKSPACE, key.kid, 'next', 'active', { activateAt: NOW + 1 })).toBe(true)
        expect(await keys.list(WORKSPACE)).toEqual([{ ...key, state: 'active', activateAt: NOW + 1 }])
        const times = { withdrawAt: NOW + 2, deleteAt: NOW + 3 }
        expect(await keys.setState(WORKSPACE, key.kid, 'active', 'retired', times)).toBe(true)
        expect(await keys.list(WORKSPACE)).toEqual([
          { ...key, state: 'retired', activateAt: NOW + 1, ...times },
        ])
        expect(await keys.list(OTHER_WORKSPACE)).toEqual([there])
      }),
    )

    it.each(CALLERS)('move on for one of %i callers', (callers) =>
      withStore(engine, async ({ keys }) => {
        const { kid } = aSigningKey()
        await keys.insert(aSigningKey({ kid, state: 'next' }))
        expect(await winners(callers, () => keys.setState(WORKSPACE, kid, 'next', 'active', {}))).toBe(1)
      })(),
    )
  })
}
