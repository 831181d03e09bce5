import { describe, expect, it } from 'vitest'
import { aLinkedIdentity, aSession, aUser, aWorkspace, NOW, OTHER_WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, winners, withStore } from './harness.ts'

export function linkedIdentityContract(engine: Engine): void {
  describe('linked identities', () => {
    it(
      'are found by workspace, source, issuer and subject together',
      withStore(engine, async ({ linkedIdentities }) => {
        const identity = aLinkedIdentity()
        expect(await linkedIdentities.insert(identity)).toBe(true)
        expect(await linkedIdentities.find(identity)).toEqual(identity)
        const others = [
          { workspaceId: OTHER_WORKSPACE },
          { sourceId: 'other' },
          { issuer: `${identity.issuer}/` },
          { subject: identity.subject.toUpperCase() },
        ]
        for (const other of others) {
          expect(await linkedIdentities.find({ ...identity, ...other })).toBeUndefined()
        }
      }),
    )

    it.each(CALLERS)('are linked to one account, however many of %i ask', (callers) =>
      withStore(engine, async ({ linkedIdentities }) => {
        const identity = aLinkedIdentity()
        const insert = (caller: number) => linkedIdentities.insert({ ...identity, userId: `usr-${caller}` })
        expect(await winners(callers, insert)).toBe(1)
      })(),
    )

    it.each(CALLERS)('come with one new account, however many of %i ask', (callers) =>
      withStore(engine, async ({ linkedIdentities, users }) => {
        const identity = aLinkedIdentity()
        const insert = (caller: number) => {
          const user = aUser({ userId: `usr-${caller}`, sourceId: 'corp', username: `name-${caller}` })
          return linkedIdentities.insertWithUser({ ...identity, userId: user.userId }, user)
        }
        expect(await winners(callers, insert)).toBe(1)
        const [only, ...more] = await users.list(identity.workspaceId, { limit: 10 })
        expect(more).toEqual([])
        expect((await linkedIdentities.find(identity))?.userId).toBe(only?.userId)
      })(),
    )

    it(
      'are not stored where the username of the new account is taken',
      withStore(engine, async ({ linkedIdentities, users }) => {
        await users.insert(aUser({ username: 'ada', sourceId: 'corp' }))
        const user = aUser({ username: 'Ada', sourceId: 'corp' })
        const identity = aLinkedIdentity({ userId: user.userId })
        expect(await linkedIdentities.insertWithUser(identity, user)).toBe(false)
        expect(await linkedIdentities.find(identity)).toBeUndefined()
        expect(await users.find(user.workspaceId, user.userId)).toBeUndefined()
      }),
    )

    it(
      'go with their user and with their workspace',
      withStore(engine, async ({ linkedIdentities, users, workspaces }) => {
        const user = aUser()
        const identity = aLinkedIdentity({ userId: user.userId })
        const other = aLinkedIdentity()
        await linkedIdentities.insertWithUser(identity, user)
        await linkedIdentities.insert(other)
        await users.delete(user.workspaceId, user.userId)
        expect(await linkedIdentities.find(identity)).toBeUndefined()
        expect(await linkedIdentities.find(other)).toEqual(other)
        const workspace = aWorkspace({ id: 'main' })
        await workspaces.put(workspace)
        await workspaces.delete(workspace.workspaceId)
        expect(await linkedIdentities.find(other)).toBeUndefined()
      }),
    )
  })

  describe('what a provider tells', () => {
    it(
      'replaces the claims of an account and nothing else, and only where they changed',
      withStore(engine, async ({ users }) => {
        const user = aUser({ enabled: false })
        const { workspaceId, userId } = user
        await users.insert(user)
        await users.refreshClaims(workspaceId, userId, user.claims, NOW + 5)
        expect(await users.find(workspaceId, userId)).toEqual(user)
        await users.refreshClaims(workspaceId, userId, { name: 'Ada' }, NOW + 9)
        const fresh = { ...user, claims: { name: 'Ada' }, updatedAt: NOW + 9 }
        expect(await users.find(workspaceId, userId)).toEqual(fresh)
      }),
    )

    it(
      'is remembered by the session it began',
      withStore(engine, async ({ sessions }) => {
        const session = aSession({ sourceId: 'corp', acr: 'urn:pixy:acr:federated', amr: ['fed'] })
        await sessions.signIn(session, null)
        expect(await sessions.find(session.workspaceId, session.sid)).toEqual(session)
        const { workspaceId, browserHash } = session
        expect(await sessions.findByBrowser(workspaceId, browserHash, NOW)).toEqual([session])
      }),
    )
  })
}
