import { describe, expect, it } from 'vitest'
import type { Store } from '../store.ts'
import {
  aConsent,
  aFlowEvent,
  anAccessToken,
  anInteraction,
  aPushedRequest,
  aRotation,
  aSession,
  aSigningKey,
  NOW,
  unique,
  WORKSPACE,
} from './builders.ts'
import { type Engine, times, withStore } from './harness.ts'
import { type Issued, insertGrant, redeem, toIssue } from './issue.ts'

const DAY = 86_400
const HOUR = 3600

export function sweepContract(engine: Engine): void {
  describe('sweep', () => {
    it(
      'deletes all that has ended, a bounded number of each kind at a time, and nothing else',
      withStore(engine, async (store) => {
        const ended = await fill(store, 7, NOW)
        const alive = await fill(store, 3, NOW + 1)
        const swept: number[] = []
        do swept.push(await store.sweep(NOW, 2))
        while (swept.at(-1) !== 0)

        // Nine kinds end on their own, a grant takes its refresh family along, and a code goes a day later.
        expect(swept).toEqual([22, 22, 22, 11, 0])
        expect(await left(store, ended)).toEqual({ here: 7, gone: 70 })
        expect(await left(store, alive)).toEqual({ here: 33, gone: 0 })
      }),
    )

    it(
      'keeps codes for a day after their end, spent or not: a replay still ends the grant (RFC 6749 §4.1.2)',
      withStore(engine, async (store) => {
        const spent = toIssue({})
        const unspent = toIssue({})
        for (const { code } of [spent, unspent]) await store.codes.insert(code)
        await redeem(store, spent)
        const hashes = [spent.code.codeHash, unspent.code.codeHash]
        const found = () => Promise.all(hashes.map((hash) => store.codes.find(WORKSPACE, hash)))
        await store.sweep(spent.code.expiresAt + DAY - 1, 10)
        expect((await found()).map((code) => code?.codeHash)).toEqual(hashes)
        await store.sweep(spent.code.expiresAt + DAY, 10)
        expect(await found()).toEqual([undefined, undefined])
      }),
    )

    it(
      'keeps a grant and its family while refreshes move its end',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        const until = grant.expiresAt + DAY
        const rotation = aRotation(family, { grantExpiresAt: until, idleExpiresAt: until })
        await store.refreshTokens.rotate(WORKSPACE, family.familyHash, rotation)
        await store.sweep(grant.expiresAt, 10)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toBeDefined()
        await store.sweep(until, 10)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toBeUndefined()
        expect(await store.grants.find(WORKSPACE, grant.grantId)).toBeUndefined()
      }),
    )

    it(
      'keeps what was revoked for a day, however long it would have lived',
      withStore(engine, async (store) => {
        const { family, grant } = await insertGrant(store, {})
        await store.refreshTokens.slide(
          WORKSPACE,
          family.familyHash,
          family.currentHash,
          NOW,
          NOW + 90 * DAY,
          NOW + 90 * DAY,
          undefined,
        )
        await store.grants.revoke(WORKSPACE, grant.grantId, NOW, 'signed_out')
        await store.sweep(NOW + DAY - 1, 10)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toBeDefined()
        await store.sweep(NOW + DAY, 10)
        expect(await store.refreshTokens.find(WORKSPACE, family.familyHash)).toBeUndefined()
        expect(await store.grants.find(WORKSPACE, grant.grantId)).toBeUndefined()
      }),
    )

    it(
      'forgets failures when they have faded and nothing is blocked any more',
      withStore(engine, async ({ throttles, sweep }) => {
        const limit = { free: 0, window: 100, longest: 1000 }
        await throttles.fail(WORKSPACE, 'alice', NOW, limit)
        await sweep(NOW + 999, 10)
        expect((await throttles.find(WORKSPACE, ['alice'])).size).toBe(1)
        await sweep(NOW + 1000, 10)
        expect((await throttles.find(WORKSPACE, ['alice'])).size).toBe(0)
      }),
    )

    it(
      'claims a name again once it was swept',
      withStore(engine, async ({ onceOnly, sweep }) => {
        await onceOnly.claim(WORKSPACE, 'jti', NOW)
        await sweep(NOW, 10)
        expect(await onceOnly.has(WORKSPACE, 'jti')).toBe(false)
        expect(await onceOnly.claim(WORKSPACE, 'jti', NOW + 60)).toBe(true)
      }),
    )
  })
}

type Find = (store: Store) => Promise<unknown>

/** So many of each kind, all of which end at `end`; resolves with how to find them. */
async function fill(store: Store, count: number, end: number): Promise<readonly Find[]> {
  const finds: Find[] = []
  for (const index of times(count, (each) => each)) {
    const session = aSession({ expiresAt: end })
    // Interactions, pushed requests and opaque tokens stay for an hour, so that people are told that they expired.
    const interaction = anInteraction({ expiresAt: end - HOUR })
    const pushed = aPushedRequest({ expiresAt: end - HOUR })
    const consent = aConsent({ expiresAt: end })
    const token = anAccessToken({ expiresAt: end - HOUR })
    const key = aSigningKey({ state: 'retired', deleteAt: end })
    const event = aFlowEvent({ expiresAt: end })
    const name = unique('jti')
    const issued = toIssueUntil(end)

    await store.sessions.signIn(session, null)
    await store.interactions.insert(interaction)
    await store.pushedRequests.insert(pushed)
    await store.consents.put(consent)
    await store.accessTokens.insert(token)
    await store.keys.insert(key)
    await store.flowEvents.insertMany([event])
    await store.onceOnly.claim(WORKSPACE, name, end)
    await store.throttles.fail(WORKSPACE, `${name}-${index}`, end - 100, {
      free: 0,
      window: 100,
      longest: 60,
    })
    await store.codes.insert(issued.code)
    await store.codes.redeem(WORKSPACE, issued.code.codeHash, issued.code.issuedAt, {
      grant: issued.grant,
      refreshFamily: issued.family,
    })
    finds.push(
      ({ sessions }) => sessions.find(WORKSPACE, session.sid),
      ({ interactions }) => interactions.find(WORKSPACE, interaction.flowId),
      ({ pushedRequests }) => pushedRequests.find(WORKSPACE, pushed.requestHash),
      ({ consents }) => consents.find(WORKSPACE, consent.userId, consent.clientId),
      ({ accessTokens }) => accessTokens.find(WORKSPACE, token.tokenHash),
      async ({ keys }) => (await keys.list(WORKSPACE)).find(({ kid }) => kid === key.kid),
      async ({ flowEvents }) => (await flowEvents.findByFlow(event.eventId))[0],
      async ({ onceOnly }) => (await onceOnly.has(WORKSPACE, name)) || undefined,
      async ({ throttles }) => (await throttles.find(WORKSPACE, [`${name}-${index}`])).values().next().value,
      ({ refreshTokens }) => refreshTokens.find(WORKSPACE, issued.family.familyHash),
      ({ codes }) => codes.find(WORKSPACE, issued.code.codeHash),
    )
  }
  return finds
}

function toIssueUntil(end: number): Issued {
  const issued = toIssue({}, WORKSPACE, { idleExpiresAt: end })
  return {
    ...issued,
    code: { ...issued.code, issuedAt: end - 60, expiresAt: end },
    grant: { ...issued.grant, expiresAt: end },
  }
}

async function left(store: Store, finds: readonly Find[]): Promise<{ here: number; gone: number }> {
  const found = await Promise.all(finds.map((find) => find(store)))
  const here = found.filter((each) => each !== undefined).length
  return { here, gone: found.length - here }
}
