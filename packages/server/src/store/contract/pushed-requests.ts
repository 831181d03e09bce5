import { describe, expect, it } from 'vitest'
import { aPushedRequest, NOW, OTHER_WORKSPACE, unique, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, winners, withStore } from './harness.ts'

export function pushedRequestContract(engine: Engine): void {
  describe('pushed requests', () => {
    it(
      'are found as they were inserted, in their workspace',
      withStore(engine, async ({ pushedRequests }) => {
        const pushed = aPushedRequest({ request: '{"state":"\\u0000 ü"}' })
        await pushedRequests.insert(pushed)
        expect(await pushedRequests.find(WORKSPACE, pushed.requestHash)).toEqual(pushed)
        expect(await pushedRequests.find(OTHER_WORKSPACE, pushed.requestHash)).toBeUndefined()
      }),
    )

    it.each(CALLERS)('are taken by exactly one of %i callers, and forget what was in them', (callers) =>
      withStore(engine, async ({ pushedRequests }) => {
        const pushed = aPushedRequest()
        const { requestHash } = pushed
        await pushedRequests.insert(pushed)
        expect(await pushedRequests.consume(OTHER_WORKSPACE, requestHash, NOW + 1)).toBe(false)
        const won = await winners(callers, () => pushedRequests.consume(WORKSPACE, requestHash, NOW + 1))
        expect(won).toBe(1)
        const spent = { ...pushed, consumedAt: NOW + 1, request: '' }
        expect(await pushedRequests.find(WORKSPACE, requestHash)).toEqual(spent)
        expect(await pushedRequests.consume(WORKSPACE, requestHash, NOW + 2)).toBe(false)
      })(),
    )

    it(
      'cannot be taken at or after their end, nor where there is none',
      withStore(engine, async ({ pushedRequests }) => {
        const pushed = aPushedRequest()
        await pushedRequests.insert(pushed)
        expect(await pushedRequests.consume(WORKSPACE, pushed.requestHash, pushed.expiresAt)).toBe(false)
        expect(await pushedRequests.consume(WORKSPACE, unique('nothing'), NOW)).toBe(false)
        expect(await pushedRequests.find(WORKSPACE, pushed.requestHash)).toEqual(pushed)
      }),
    )
  })
}
