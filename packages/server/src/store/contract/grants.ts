import { describe, expect, it } from 'vitest'
import type { Store } from '../store.ts'
import { aCode, anAccessToken, NOW, OTHER_WORKSPACE, unique, WORKSPACE } from './builders.ts'
import { type Engine, times, withStore } from './harness.ts'
import { type Issued, insertGrant, redeem, toIssue } from './issue.ts'

export function grantContract(engine: Engine): void {
  describe('grants', () => {
    it(
      'end with every token of theirs, and remember why',
      withStore(engine, async (store) => {
        const issued = await insertGrant(store, {})
        const others = await insertGrant(store, {})
        const { workspaceId, grantId } = issued.grant
        await store.grants.revoke(workspaceId, grantId, NOW + 5, 'code_replayed')
        const grant = await store.grants.find(workspaceId, grantId)
        expect(grant).toMatchObject({ revokedAt: NOW + 5, revokedReason: 'code_replayed' })
        expect(await alive(store, issued)).toBe(false)
        expect(await alive(store, others)).toBe(true)
        expect(await store.accessTokens.find(workspaceId, issued.token.tokenHash)).toBeUndefined()
        const found = await store.refreshTokens.find(workspaceId, issued.family.familyHash)
        expect(found?.family.revokedAt).toBe(NOW + 5)
        expect(found?.grant.revokedAt).toBe(NOW + 5)
      }),
    )

    it(
      'are revoked once: the first time and reason stay, and what is not there is harmless',
      withStore(engine, async (store) => {
        const { grant } = await insertGrant(store, {})
        await store.grants.revoke(WORKSPACE, grant.grantId, NOW + 5, 'first')
        await store.grants.revoke(WORKSPACE, grant.grantId, NOW + 9, 'second')
        await store.grants.revoke(WORKSPACE, unique('grant'), NOW, 'nothing')
        await store.grants.revoke(OTHER_WORKSPACE, grant.grantId, NOW, 'elsewhere')
        const found = await store.grants.find(WORKSPACE, grant.grantId)
        expect(found).toMatchObject({ revokedAt: NOW + 5, revokedReason: 'first' })
      }),
    )

    it(
      'take no access token any more once they are revoked',
      withStore(engine, async (store) => {
        const { grant } = await insertGrant(store, {})
        await store.grants.revoke(WORKSPACE, grant.grantId, NOW, 'signed_out')
        const late = anAccessToken({ grantId: grant.grantId })
        await store.accessTokens.insert(late)
        expect(await store.accessTokens.find(WORKSPACE, late.tokenHash)).toBeUndefined()
      }),
    )

    it(
      'of a user end together, with one client or with all, and with codes that wait to be redeemed',
      withStore(engine, async (store) => {
        const userId = unique('usr')
        const notes = await insertGrant(store, { userId, clientId: 'notes' })
        const mail = await insertGrant(store, { userId, clientId: 'mail' })
        const someone = await insertGrant(store, { userId: unique('usr'), clientId: 'notes' })
        const there = await insertGrant(store, { userId, clientId: 'notes' }, OTHER_WORKSPACE)
        const waiting = toIssue({ userId, clientId: 'mail' })
        await store.codes.insert(waiting.code)

        await store.grants.revokeByUser(WORKSPACE, userId, 'notes', NOW, 'consent_withdrawn')
        expect(await Promise.all([notes, mail, someone, there].map((each) => alive(store, each)))).toEqual([
          false,
          true,
          true,
          true,
        ])
        await store.grants.revokeByUser(WORKSPACE, userId, null, NOW, 'password_changed')
        expect(await Promise.all([mail, someone, there].map((each) => alive(store, each)))).toEqual([
          false,
          true,
          true,
        ])
        expect(await redeem(store, waiting)).toBe(false)
      }),
    )

    it(
      'of a session end with it, but for those with offline access (OIDC Core §11)',
      withStore(engine, async (store) => {
        const sid = unique('sid')
        const online = await insertGrant(store, { sid })
        const offline = await insertGrant(store, { sid, scope: ['openid', 'offline_access'] })
        const other = await insertGrant(store, { sid: unique('sid') })
        const waiting = aCode({ authorization: online.grant.authorization })
        await store.codes.insert(waiting)
        await store.grants.revokeBySession(WORKSPACE, sid, NOW, 'signed_out')
        expect(await Promise.all([online, offline, other].map((each) => alive(store, each)))).toEqual([
          false,
          true,
          true,
        ])
        expect(await store.codes.find(WORKSPACE, waiting.codeHash)).toBeUndefined()
      }),
    )

    it(
      'that are revoked while their refresh token rotates end in every case',
      withStore(engine, async (store) => {
        const issued = await insertGrant(store, {})
        await Promise.all([
          alive(store, issued),
          store.grants.revoke(WORKSPACE, issued.grant.grantId, NOW, 'signed_out'),
          alive(store, issued),
        ])
        const { family } = (await store.refreshTokens.find(WORKSPACE, issued.family.familyHash)) ?? {}
        expect(family?.revokedAt).toBe(NOW)
      }),
    )

    it(
      'that begin, or get a token, while all of their user are revoked leave nothing that lives',
      withStore(engine, async (store) => {
        const userId = unique('user')
        const redeemed = times(20, () => toIssue({ userId }))
        const begun = await Promise.all(times(20, () => insertGrant(store, { userId })))
        await Promise.all(redeemed.map(({ code }) => store.codes.insert(code)))
        const added = begun.map(({ grant }) => anAccessToken({ grantId: grant.grantId, userId }))
        const works = times(20, (index) => [
          () => redeem(store, redeemed[index] ?? toIssue({})),
          () => store.accessTokens.insert(added[index] ?? anAccessToken()),
        ]).flat()
        works.splice(20, 0, () => store.grants.revokeByUser(WORKSPACE, userId, null, NOW, 'disabled'))
        await Promise.all(works.map((work) => work()))

        for (const issued of redeemed) {
          // Redeemed before: revoked with the others. After: the code was gone.
          expect(await alive(store, issued)).toBe(false)
          expect(await store.accessTokens.find(WORKSPACE, issued.token.tokenHash)).toBeUndefined()
        }
        for (const { tokenHash } of [...added, ...begun.map(({ token }) => token)]) {
          expect(await store.accessTokens.find(WORKSPACE, tokenHash)).toBeUndefined()
        }
      }),
    )
  })
}

/** Whether the refresh token still works; tried without changing anything but its idle end. */
function alive({ refreshTokens }: Store, { family, grant }: Issued): Promise<boolean> {
  const { workspaceId, familyHash, currentHash } = family
  return refreshTokens.slide(
    workspaceId,
    familyHash,
    currentHash,
    NOW,
    family.idleExpiresAt,
    grant.expiresAt,
    undefined,
  )
}
