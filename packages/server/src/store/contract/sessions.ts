import { describe, expect, it } from 'vitest'
import { aSession, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { type Engine, withStore } from './harness.ts'

export function sessionContract(engine: Engine): void {
  describe('sessions', () => {
    it(
      'are found as they were signed in',
      withStore(engine, async ({ sessions }) => {
        const session = aSession({ persistent: true, amr: ['pwd', 'otp'] })
        await sessions.signIn(session, null)
        expect(await sessions.find(WORKSPACE, session.sid)).toEqual(session)
        expect(await sessions.find(OTHER_WORKSPACE, session.sid)).toBeUndefined()
      }),
    )

    it(
      'of one browser are listed while they live, the last used first',
      withStore(engine, async ({ sessions }) => {
        const browserHash = 'browser'
        const old = aSession({ browserHash, lastUsedAt: NOW + 1 })
        const recent = aSession({ browserHash, lastUsedAt: NOW + 2 })
        const ended = aSession({ browserHash, expiresAt: NOW + 5 })
        for (const session of [old, recent, ended]) await sessions.signIn(session, null)
        await sessions.signIn(aSession(), null)
        await sessions.signIn(aSession({ browserHash, workspaceId: OTHER_WORKSPACE }), null)
        expect(await sessions.findByBrowser(WORKSPACE, browserHash, NOW + 5)).toEqual([recent, old])
        await sessions.touch(WORKSPACE, old.sid, NOW + 3)
        await sessions.touch(WORKSPACE, old.sid, NOW - 3) // late, and earlier: changes nothing
        const [first] = await sessions.findByBrowser(WORKSPACE, browserHash, NOW + 5)
        expect(first).toEqual({ ...old, lastUsedAt: NOW + 3 })
      }),
    )

    it(
      'move to the new cookie at a sign-in, and the same person is not there twice',
      withStore(engine, async ({ sessions }) => {
        const alice = aSession({ browserHash: 'before' })
        const bob = aSession({ browserHash: 'before' })
        const elsewhere = aSession({ browserHash: 'phone', userId: alice.userId })
        for (const session of [alice, bob, elsewhere]) await sessions.signIn(session, null)

        const again = aSession({ browserHash: 'after', userId: alice.userId, lastUsedAt: NOW + 1 })
        await sessions.signIn(again, 'before')

        expect(await sessions.findByBrowser(WORKSPACE, 'before', NOW)).toEqual([])
        expect(await sessions.findByBrowser(WORKSPACE, 'after', NOW)).toEqual([
          again,
          { ...bob, browserHash: 'after' },
        ])
        expect(await sessions.find(WORKSPACE, alice.sid)).toBeUndefined()
        expect(await sessions.find(WORKSPACE, elsewhere.sid)).toEqual(elsewhere)
      }),
    )

    it(
      'may keep their sid when the same person proves who they are again',
      withStore(engine, async ({ sessions }) => {
        const session = aSession()
        await sessions.signIn(session, null)
        const renewed = { ...session, browserHash: 'after', authTime: NOW + 9 }
        await sessions.signIn(renewed, session.browserHash)
        expect(await sessions.findByBrowser(WORKSPACE, 'after', NOW)).toEqual([renewed])
      }),
    )

    it(
      'may keep their sid also where another sign-in at once has moved it to its own cookie',
      withStore(engine, async ({ sessions }) => {
        const session = aSession()
        await sessions.signIn(session, null)
        const one = { ...session, browserHash: `${session.browserHash}-one` }
        const two = { ...session, browserHash: `${session.browserHash}-two` }
        await Promise.all([one, two].map((renewed) => sessions.signIn(renewed, session.browserHash)))
        expect(await sessions.findByBrowser(WORKSPACE, session.browserHash, NOW)).toEqual([])
        expect(await sessions.find(WORKSPACE, session.sid)).toEqual(two)
      }),
    )

    it(
      'end alone, with their browser, or with their user',
      withStore(engine, async ({ sessions }) => {
        const [one, two] = [aSession({ browserHash: 'b' }), aSession({ browserHash: 'b' })]
        const [three, four] = [aSession({ userId: 'u' }), aSession({ userId: 'u' })]
        const there = aSession({ userId: 'u', browserHash: 'b', workspaceId: OTHER_WORKSPACE })
        for (const session of [one, two, three, four, there]) await sessions.signIn(session, null)

        await sessions.delete(WORKSPACE, one.sid)
        expect(await sessions.find(WORKSPACE, one.sid)).toBeUndefined()
        expect(await sessions.deleteByBrowser(WORKSPACE, 'b')).toEqual([two])
        expect(await sessions.deleteByBrowser(WORKSPACE, 'b')).toEqual([])
        expect(await sessions.find(WORKSPACE, three.sid)).toEqual(three)
        await sessions.deleteByUser(WORKSPACE, 'u')
        expect(await sessions.find(WORKSPACE, three.sid)).toBeUndefined()
        expect(await sessions.find(WORKSPACE, four.sid)).toBeUndefined()
        expect(await sessions.find(OTHER_WORKSPACE, there.sid)).toEqual(there)
      }),
    )
  })
}
