import { describe, expect, it } from 'vitest'
import { NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { type Engine, times, withStore } from './harness.ts'

const LIMIT = { free: 3, window: 900, longest: 60 }

export function throttleContract(engine: Engine): void {
  describe('throttles', () => {
    it(
      'block for twice as long with each failure past the free ones, up to the longest',
      withStore(engine, async ({ throttles }) => {
        const blocked: number[] = []
        for (let failure = 0; failure < 12; failure++) {
          const { blockedUntil } = await throttles.fail(WORKSPACE, 'alice', NOW, LIMIT)
          blocked.push(blockedUntil === 0 ? 0 : blockedUntil - NOW)
        }
        expect(blocked).toEqual([0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60, 60])
        const found = await throttles.find(WORKSPACE, ['alice', 'bob'])
        expect(found).toEqual(new Map([['alice', { failures: 12, blockedUntil: NOW + 60 }]]))
      }),
    )

    it(
      'do not overflow after very many failures',
      withStore(engine, async ({ throttles }) => {
        const limit = { ...LIMIT, longest: 86_400 * 365 }
        await Promise.all(times(200, () => throttles.fail(WORKSPACE, 'alice', NOW, limit)))
        const last = await throttles.fail(WORKSPACE, 'alice', NOW, limit)
        expect(last).toEqual({ failures: 201, blockedUntil: NOW + limit.longest })
      }),
    )

    it(
      'begin again when the window has passed since the last failure',
      withStore(engine, async ({ throttles }) => {
        for (const at of [0, 1, 2, 800]) await throttles.fail(WORKSPACE, 'alice', NOW + at, LIMIT)
        const late = await throttles.fail(WORKSPACE, 'alice', NOW + 800 + 899, LIMIT)
        expect(late.failures).toBe(5)
        const later = await throttles.fail(WORKSPACE, 'alice', NOW + 800 + 899 + 900, LIMIT)
        expect(later).toEqual({ failures: 1, blockedUntil: 0 })
      }),
    )

    it(
      'count every one of fifty failures that come at once',
      withStore(engine, async ({ throttles }) => {
        const counted = await Promise.all(times(50, () => throttles.fail(WORKSPACE, 'alice', NOW, LIMIT)))
        expect(counted.map(({ failures }) => failures).toSorted((a, b) => a - b)).toEqual(
          times(50, (index) => index + 1),
        )
      }),
    )

    it(
      'are cleared by key, or all at once, and hold in their workspace',
      withStore(engine, async ({ throttles }) => {
        for (const key of ['alice', 'bob']) await throttles.fail(WORKSPACE, key, NOW, LIMIT)
        await throttles.fail(OTHER_WORKSPACE, 'alice', NOW, LIMIT)
        await throttles.clear(WORKSPACE, 'alice')
        const keys = async (workspace: string) => [
          ...(await throttles.find(workspace, ['alice', 'bob', 'carol'])).keys(),
        ]
        expect(await keys(WORKSPACE)).toEqual(['bob'])
        expect(await keys(OTHER_WORKSPACE)).toEqual(['alice'])
        expect(await throttles.find(WORKSPACE, [])).toEqual(new Map())
        await throttles.clearAll()
        expect(await keys(WORKSPACE)).toEqual([])
        expect(await keys(OTHER_WORKSPACE)).toEqual([])
      }),
    )
  })
}
