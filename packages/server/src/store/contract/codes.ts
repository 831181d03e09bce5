import { describe, expect, it } from 'vitest'
import type { Store } from '../store.ts'
import { aCode, anAuthorization, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'
import { type Issued, insertGrant, redeem, toIssue } from './issue.ts'

export function codeContract(engine: Engine): void {
  describe('authorization codes', () => {
    it(
      'are found as they were inserted',
      withStore(engine, async ({ codes }) => {
        const full = aCode()
        const bare = aCode({
          redirectUriSent: false,
          codeChallenge: null,
          authorization: anAuthorization({ claims: null, nonce: null, authTime: null, acr: null, amr: [] }),
        })
        await codes.insert(full)
        await codes.insert(bare)
        expect(await codes.find(WORKSPACE, full.codeHash)).toEqual(full)
        expect(await codes.find(WORKSPACE, bare.codeHash)).toEqual(bare)
        expect(await codes.find(OTHER_WORKSPACE, full.codeHash)).toBeUndefined()
      }),
    )

    it(
      'are redeemed once, and all that was issued is stored with that (RFC 6749 §4.1.2)',
      withStore(engine, async (store) => {
        const issued = toIssue({})
        await store.codes.insert(issued.code)
        expect(await redeem(store, issued, NOW + 7)).toBe(true)
        expect((await store.codes.find(WORKSPACE, issued.code.codeHash))?.consumedAt).toBe(NOW + 7)
        expect(await stored(store, issued)).toEqual([issued.grant, issued.family, issued.token])
        expect(await redeem(store, issued, NOW + 8)).toBe(false)
        expect((await store.codes.find(WORKSPACE, issued.code.codeHash))?.consumedAt).toBe(NOW + 7)
      }),
    )

    it(
      'store a grant alone, where no token needs a row',
      withStore(engine, async (store) => {
        const { code, grant } = toIssue({})
        await store.codes.insert(code)
        expect(await store.codes.redeem(WORKSPACE, code.codeHash, NOW, { grant })).toBe(true)
        expect(await store.grants.find(WORKSPACE, grant.grantId)).toEqual(grant)
      }),
    )

    it(
      'are not redeemed when they have ended, are unknown, or belong to another workspace',
      withStore(engine, async (store) => {
        const issued = toIssue({})
        await store.codes.insert(issued.code)
        const there = toIssue({}, OTHER_WORKSPACE)
        expect(await redeem(store, issued, issued.code.expiresAt)).toBe(false)
        expect(
          await redeem(store, { ...there, code: { ...there.code, codeHash: issued.code.codeHash } }),
        ).toBe(false)
        expect(await redeem(store, toIssue({}))).toBe(false)
        expect(await stored(store, issued)).toEqual([undefined, undefined, undefined])
        expect(await redeem(store, issued, issued.code.expiresAt - 1)).toBe(true)
      }),
    )

    it.each(CALLERS)('are redeemed by one of %i callers, and nothing of the others is stored', (callers) =>
      withStore(engine, async (store) => {
        const { code, ...first } = toIssue({})
        await store.codes.insert(code)
        const attempts: Issued[] = times(callers, (caller) =>
          caller === 0 ? { code, ...first } : { ...toIssue({}), code },
        )
        const won = await Promise.all(attempts.map((attempt) => redeem(store, attempt)))
        expect(won.filter((each) => each)).toHaveLength(1)
        for (const [caller, attempt] of attempts.entries()) {
          const expected = won[caller] ? [attempt.grant, attempt.family, attempt.token] : []
          expect((await stored(store, attempt)).filter((record) => record !== undefined)).toEqual(expected)
        }
      })(),
    )

    it(
      'stay unspent, and nothing is stored, where one of the records cannot be',
      withStore(engine, async (store) => {
        const earlier = await insertGrant(store, {})
        const issued = toIssue({})
        await store.codes.insert(issued.code)
        const unlucky = { ...issued, token: { ...issued.token, tokenHash: earlier.token.tokenHash } }
        await expect(redeem(store, unlucky)).rejects.toThrow()
        expect((await store.codes.find(WORKSPACE, issued.code.codeHash))?.consumedAt).toBeNull()
        expect(await stored(store, issued)).toEqual([undefined, undefined, undefined])
        expect(await redeem(store, issued)).toBe(true)
      }),
    )

    it(
      'fail one by one: those of others that come at the same time are redeemed',
      withStore(engine, async (store) => {
        const earlier = await insertGrant(store, {})
        const all = times(9, () => toIssue({}))
        await Promise.all(all.map(({ code }) => store.codes.insert(code)))
        const outcomes = await Promise.allSettled(
          all.map((issued, at) =>
            at % 3 === 1 ? redeem(store, { ...issued, family: earlier.family }) : redeem(store, issued),
          ),
        )
        for (const [at, issued] of all.entries()) {
          const lucky = at % 3 !== 1
          expect(outcomes[at]?.status).toBe(lucky ? 'fulfilled' : 'rejected')
          expect((await store.grants.find(WORKSPACE, issued.grant.grantId)) !== undefined).toBe(lucky)
        }
      }),
    )

    it(
      'are the same string in two workspaces without meeting',
      withStore(engine, async (store) => {
        const here = toIssue({})
        const there = toIssue({}, OTHER_WORKSPACE)
        const twin = { ...there, code: { ...there.code, codeHash: here.code.codeHash } }
        await store.codes.insert(here.code)
        await store.codes.insert(twin.code)
        expect(await winners(2, (caller) => redeem(store, caller === 0 ? here : twin))).toBe(2)
      }),
    )
  })
}

async function stored(store: Store, { grant, family, token }: Issued) {
  const { workspaceId, grantId } = grant
  return [
    await store.grants.find(workspaceId, grantId),
    (await store.refreshTokens.find(workspaceId, family.familyHash))?.family,
    await store.accessTokens.find(workspaceId, token.tokenHash),
  ]
}
