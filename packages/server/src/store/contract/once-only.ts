import { describe, expect, it } from 'vitest'
import { NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, winners, withStore } from './harness.ts'

export function onceOnlyContract(engine: Engine): void {
  describe('names used once', () => {
    it(
      'are claimed once in a workspace, and known from then on',
      withStore(engine, async ({ onceOnly }) => {
        expect(await onceOnly.has(WORKSPACE, 'jti')).toBe(false)
        expect(await onceOnly.claim(WORKSPACE, 'jti', NOW)).toBe(true)
        expect(await onceOnly.claim(WORKSPACE, 'jti', NOW + 60)).toBe(false)
        expect(await onceOnly.has(WORKSPACE, 'jti')).toBe(true)
        expect(await onceOnly.has(OTHER_WORKSPACE, 'jti')).toBe(false)
        expect(await onceOnly.claim(OTHER_WORKSPACE, 'jti', NOW)).toBe(true)
      }),
    )

    it.each(CALLERS)('are claimed by one of %i callers', (callers) =>
      withStore(engine, async ({ onceOnly }) => {
        expect(await winners(callers, () => onceOnly.claim(WORKSPACE, 'jti', NOW))).toBe(1)
      })(),
    )
  })
}
