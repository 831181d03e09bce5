import { describe, expect, it } from 'vitest'
import type { Store } from '../store.ts'
import { anAccessToken, aRotation, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'
import { type Issued, insertGrant } from './issue.ts'

export function refreshTokenContract(engine: Engine): void {
  describe('refresh tokens', () => {
    it(
      'are found with their grant, in their workspace',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toEqual({ family, grant })
        expect(await store.refreshTokens.find(OTHER_WORKSPACE, family.familyHash)).toBeUndefined()
        expect(await store.refreshTokens.find(WORKSPACE, 'unknown')).toBeUndefined()
      }),
    )

    it(
      'rotate from the current one: the family remembers it, and the grant lives as long as the next',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        const accessToken = anAccessToken({ grantId: grant.grantId })
        const rotation = aRotation(family, { grantExpiresAt: NOW + 999_999, accessToken })
        expect(await store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation)).toBe(true)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toEqual({
          family: {
            ...family,
            generation: 2,
            currentHash: rotation.nextHash,
            previousHash: family.currentHash,
            successorSealed: rotation.successorSealed,
            rotatedAt: rotation.at,
            idleExpiresAt: rotation.idleExpiresAt,
          },
          grant: { ...grant, expiresAt: NOW + 999_999 },
        })
        expect(await store.accessTokens.find(WORKSPACE, accessToken.tokenHash)).toEqual(accessToken)
      }),
    )

    it(
      'never shorten the life of their grant',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        const rotation = aRotation(family, { grantExpiresAt: grant.expiresAt - 1 })
        await store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation)
        expect((await store.grants.find(WORKSPACE, grant.grantId))?.expiresAt).toBe(grant.expiresAt)
      }),
    )

    it.each(CALLERS)('rotate for one of %i callers, and store the access token of that one only', (callers) =>
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        const attempts = times(callers, () =>
          aRotation(family, { accessToken: anAccessToken({ grantId: grant.grantId }) }),
        )
        const won = await Promise.all(
          attempts.map((attempt) => store.refreshTokens.rotate(WORKSPACE, family.familyHash, attempt)),
        )
        expect(won.filter((each) => each)).toHaveLength(1)
        const found = await store.refreshTokens.find(WORKSPACE, family.familyHash)
        expect(found?.family.generation).toBe(2)
        expect(found?.family.currentHash).toBe(attempts[won.indexOf(true)]?.nextHash)
        const tokens = await Promise.all(
          attempts.map(({ accessToken }) => store.accessTokens.find(WORKSPACE, accessToken?.tokenHash ?? '')),
        )
        expect(tokens.map((token) => token !== undefined)).toEqual(won)
      })(),
    )

    it(
      'rotate a hundred times in one row',
      withStore(engine, async (store) => {
        const { family } = await insertGrant(store, {})
        let current = family.currentHash
        for (let generation = 2; generation <= 101; generation++) {
          const rotation = aRotation({ currentHash: current })
          expect(await store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation)).toBe(true)
          current = rotation.nextHash
        }
        expect((await store.refreshTokens.find(WORKSPACE, family.familyHash))?.family.generation).toBe(101)
      }),
    )

    it(
      'slide without changing, and keep their grant alive (policy `reuse`)',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        const token = anAccessToken({ grantId: grant.grantId })
        const slide = (until: number, accessToken?: typeof token) =>
          store.refreshTokens.slide(
            WORKSPACE,
            family.familyHash,
            family.currentHash,
            NOW + 5,
            until,
            until,
            accessToken,
          )
        expect(await slide(NOW + 500_000, token)).toBe(true)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toEqual({
          family: { ...family, idleExpiresAt: NOW + 500_000 },
          grant: { ...grant, expiresAt: NOW + 500_000 },
        })
        expect(await store.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
        expect(await winners(10, () => slide(NOW + 600_000))).toBe(10)
      }),
    )

    it(
      'neither rotate nor slide when they are not current, have ended, or live elsewhere',
      withStore(engine, async (store) => {
        const idle = await insertGrant(store, {}, WORKSPACE, { idleExpiresAt: NOW + 10 })
        const capped = await insertGrant(store, {}, WORKSPACE, { absoluteExpiresAt: NOW + 10 })
        const revoked = await insertGrant(store, {})
        await store.grants.revoke(WORKSPACE, revoked.grant.grantId, NOW, 'signed_out')
        const there = await insertGrant(store, {}, OTHER_WORKSPACE)
        const rotated = await insertGrant(store, {})
        await store.refreshTokens.rotate(WORKSPACE, rotated.family.familyHash, aRotation(rotated.family))

        for (const issued of [idle, capped, revoked, there, rotated]) {
          expect(await rotatesOrSlides(store, issued, NOW + 10)).toEqual([false, false])
        }
        for (const issued of [idle, capped]) {
          expect(await rotatesOrSlides(store, issued, NOW + 9)).toEqual([true, true])
        }
      }),
    )

    it(
      'stay as they were where the access token cannot be stored',
      withStore(engine, async (store) => {
        const { family, grant, token } = await insertGrant(store, {})
        const rotation = aRotation(family, { accessToken: token })
        await expect(store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation)).rejects.toThrow()
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toEqual({ family, grant })
      }),
    )
  })
}

async function rotatesOrSlides(
  { refreshTokens }: Store,
  { family }: Issued,
  at: number,
): Promise<readonly boolean[]> {
  const { familyHash, currentHash } = family
  const end = at + 1
  const slid = await refreshTokens.slide(WORKSPACE, familyHash, currentHash, at, end, end, undefined)
  return [await refreshTokens.rotate(WORKSPACE, familyHash, aRotation(family, { at })), slid]
}
