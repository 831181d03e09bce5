import { describe, expect, it } from 'vitest'
import { aConsent, NOW, OTHER_WORKSPACE } from './builders.ts'
import { type Engine, withStore } from './harness.ts'

export function consentContract(engine: Engine): void {
  describe('consents', () => {
    it(
      'are found as they were put, and replaced when put again',
      withStore(engine, async ({ consents }) => {
        const consent = aConsent({ scope: [], declined: ['notes:write'] })
        const { workspaceId, userId, clientId } = consent
        await consents.put(consent)
        expect(await consents.find(workspaceId, userId, clientId)).toEqual(consent)
        const wider = { ...consent, scope: ['openid', 'notes:write'], declined: [], grantedAt: NOW + 1 }
        await consents.put(wider)
        expect(await consents.find(workspaceId, userId, clientId)).toEqual(wider)
      }),
    )

    it(
      'are withdrawn once, and hold for their workspace, user and client only',
      withStore(engine, async ({ consents }) => {
        const consent = aConsent()
        const { workspaceId, userId, clientId } = consent
        await consents.put(consent)
        expect(await consents.find(OTHER_WORKSPACE, userId, clientId)).toBeUndefined()
        expect(await consents.find(workspaceId, 'other', clientId)).toBeUndefined()
        expect(await consents.find(workspaceId, userId, 'other')).toBeUndefined()
        expect(await consents.delete(OTHER_WORKSPACE, userId, clientId)).toBe(false)
        expect(await consents.delete(workspaceId, userId, clientId)).toBe(true)
        expect(await consents.delete(workspaceId, userId, clientId)).toBe(false)
        expect(await consents.find(workspaceId, userId, clientId)).toBeUndefined()
      }),
    )
  })
}
