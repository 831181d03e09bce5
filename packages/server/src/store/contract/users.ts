import { describe, expect, it } from 'vitest'
import { aConsent, aSession, aUser, NOW, OTHER_WORKSPACE, unique, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'
import { insertGrant } from './issue.ts'

export function userContract(engine: Engine): void {
  describe('users', () => {
    it(
      'are found by id and by name, as they were inserted',
      withStore(engine, async ({ users }) => {
        const user = aUser({ username: 'Ålice', passwordHash: null, clients: ['notes'], enabled: false })
        expect(await users.insert(user)).toBe(true)
        expect(await users.find(user.workspaceId, user.userId)).toEqual(user)
        expect(await users.findByUsername(user.workspaceId, 'local', 'ålice')).toEqual(user)
        expect(await users.findByUsername(user.workspaceId, 'other-source', 'ålice')).toBeUndefined()
        expect(await users.find(user.workspaceId, 'nobody')).toBeUndefined()
      }),
    )

    it(
      'refuse an id or a name that is taken; a name is taken within its source',
      withStore(engine, async ({ users }) => {
        const user = aUser({ username: 'alice' })
        await users.insert(user)
        expect(await users.insert(aUser({ userId: user.userId }))).toBe(false)
        expect(await users.insert(aUser({ username: 'alice' }))).toBe(false)
        expect(await users.insert(aUser({ username: 'alice', sourceId: 'sandbox' }))).toBe(true)
        expect(await users.insert(aUser({ username: 'alice', workspaceId: OTHER_WORKSPACE }))).toBe(true)
        expect(await users.find(user.workspaceId, user.userId)).toEqual(user)
      }),
    )

    it.each(CALLERS)('give a name to one of %i who sign up at once', (callers) =>
      withStore(engine, async ({ users }) => {
        expect(await winners(callers, () => users.insert(aUser({ username: 'alice' })))).toBe(1)
        expect(await users.list(WORKSPACE, { limit: 100 })).toHaveLength(1)
      })(),
    )

    it(
      'are replaced by an update, but not made by it, and not given the name of another',
      withStore(engine, async ({ users }) => {
        const user = aUser()
        expect(await users.update(user)).toBe(false)
        await users.insert(user)
        await users.insert(aUser({ username: 'bob' }))
        const changed = { ...user, username: 'Alicia', usernameKey: 'alicia', updatedAt: NOW + 1 }
        expect(await users.update(changed)).toBe(true)
        expect(await users.update({ ...changed, usernameKey: 'bob' })).toBe(false)
        expect(await users.find(user.workspaceId, user.userId)).toEqual(changed)
        expect(await users.findByUsername(user.workspaceId, user.sourceId, user.usernameKey)).toBeUndefined()
      }),
    )

    it(
      'are listed by id, a page at a time',
      withStore(engine, async ({ users }) => {
        const all = times(5, (index) => aUser({ userId: `usr-${index}` }))
        for (const user of all.toReversed()) await users.insert(user)
        await users.insert(aUser({ workspaceId: OTHER_WORKSPACE }))
        expect(await users.list(WORKSPACE, { limit: 2 })).toEqual(all.slice(0, 2))
        expect(await users.list(WORKSPACE, { limit: 2, after: 'usr-1' })).toEqual(all.slice(2, 4))
        expect(await users.list(WORKSPACE, { limit: 2, after: 'usr-3' })).toEqual(all.slice(4))
      }),
    )

    it(
      'are searched by how their name begins, in which no character is special',
      withStore(engine, async ({ users }) => {
        const names = ['al', 'alice', 'älice', 'a%ice', 'a_ice', 'bob', '山田']
        for (const [index, username] of names.entries()) {
          await users.insert(aUser({ username, userId: `usr-${index}` }))
        }
        const search = async (text: string) =>
          (await users.list(WORKSPACE, { limit: 10, search: text })).map(({ username }) => username)
        expect(await search('al')).toEqual(['al', 'alice'])
        expect(await search('a%')).toEqual(['a%ice'])
        expect(await search('a_')).toEqual(['a_ice'])
        expect(await search('山')).toEqual(['山田'])
        expect(await search('')).toEqual(names)
        expect(await search('c')).toEqual([])
      }),
    )

    it(
      'end with their sessions, consents, grants and tokens',
      withStore(engine, async (store) => {
        const user = aUser({ userId: unique('usr') })
        const { workspaceId, userId } = user
        await store.users.insert(user)
        const session = aSession({ userId })
        const consent = aConsent({ userId })
        await store.sessions.signIn(session, null)
        await store.consents.put(consent)
        const { grant, family, token } = await insertGrant(store, { userId })
        const others = await insertGrant(store, {})

        expect(await store.users.delete(workspaceId, userId)).toBe(true)
        expect(await store.users.delete(workspaceId, userId)).toBe(false)

        expect(await store.sessions.find(workspaceId, session.sid)).toBeUndefined()
        expect(await store.consents.find(workspaceId, userId, consent.clientId)).toBeUndefined()
        expect(await store.grants.find(workspaceId, grant.grantId)).toBeUndefined()
        expect(await store.refreshTokens.find(workspaceId, family.familyHash)).toBeUndefined()
        expect(await store.accessTokens.find(workspaceId, token.tokenHash)).toBeUndefined()
        expect(await store.grants.find(workspaceId, others.grant.grantId)).toEqual(others.grant)
      }),
    )
  })
}
