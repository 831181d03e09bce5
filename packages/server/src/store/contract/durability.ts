import { describe, expect, it } from 'vitest'
import { type Store, StoreUnavailable } from '../store.ts'
import { aClient, aCode, anAccessToken, aUser, aWorkspace, NOW, WORKSPACE } from './builders.ts'
import { type Engine, times, winners, withStore } from './harness.ts'
import { insertGrant, redeem, toIssue } from './issue.ts'

export function durabilityContract(engine: Engine): void {
  const { openSame, breakCommits } = engine

  describe('migrations', () => {
    it('are pending until they ran, and run once', async () => {
      const store = await engine.open()
      const pending = await store.pendingMigrations()
      expect(pending.length).toBeGreaterThan(0)
      expect(await store.migrate()).toEqual(pending)
      expect(await store.pendingMigrations()).toEqual([])
      expect(await store.migrate()).toEqual([])
      await store.close()
    })

    it.skipIf(!openSame)('run once where several begin at the same time', async () => {
      const store = await engine.open()
      const pending = await store.pendingMigrations()
      const others = await Promise.all(times(3, () => another(engine, store)))
      const ran: string[] = []
      for (const each of [store, ...others]) ran.push(...(await each.migrate()))
      expect(ran).toEqual(pending)
      await Promise.all([store, ...others].map((each) => each.close()))
    })
  })

  describe('a database', () => {
    it(
      'answers a ping while it is open, and is unavailable once it is closed',
      withStore(engine, async (store) => {
        await store.ping()
        await store.close()
        await expect(store.ping()).rejects.toThrow(StoreUnavailable)
        await expect(store.codes.find(WORKSPACE, 'code')).rejects.toThrow(StoreUnavailable)
        await expect(store.clients.list(WORKSPACE, { limit: 1 })).rejects.toThrow(StoreUnavailable)
        await expect(store.codes.insert(aCode())).rejects.toThrow(StoreUnavailable)
        await expect(store.tenants.delete('acme')).rejects.toThrow(StoreUnavailable)
      }),
    )

    it(
      'finishes what is under way before it closes',
      withStore(engine, async (store) => {
        const tokens = times(40, () => anAccessToken())
        const inserts = tokens.map((token) => store.accessTokens.insert(token))
        await store.close()
        expect(await Promise.allSettled(inserts)).toEqual(
          times(40, () => ({ status: 'fulfilled', value: undefined })),
        )
      }),
    )

    it.skipIf(!openSame)('keeps everything when it is opened again', () =>
      withStore(engine, async (store) => {
        const user = aUser()
        const client = aClient()
        await store.users.insert(user)
        await store.clients.insert(client)
        const { grant, family, token } = await insertGrant(store, {})
        const version = await store.configurationVersion()
        await store.close()

        const again = await another(engine, store)
        expect(await again.pendingMigrations()).toEqual([])
        expect(await again.users.find(WORKSPACE, user.userId)).toEqual(user)
        expect(await again.clients.find(WORKSPACE, client.clientId)).toEqual(client)
        expect(await again.refreshTokens.find(WORKSPACE, family.familyHash)).toEqual({ family, grant })
        expect(await again.accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
        expect(await again.configurationVersion()).toBe(version)
        await again.close()
      })(),
    )

    it.skipIf(!openSame)(
      'tells another process of changed configuration, and shows it what was written',
      () =>
        withStore(engine, async (store) => {
          const other = await another(engine, store)
          const before = await other.configurationVersion()
          const workspace = aWorkspace()
          await store.workspaces.put(workspace)
          expect(await other.configurationVersion()).not.toBe(before)
          expect(await other.configurationVersion()).toBe(await store.configurationVersion())
          expect(await other.workspaces.list()).toEqual([workspace])
          await other.close()
        })(),
    )

    it.skipIf(!openSame)('redeems a code for one of fifty callers in two processes', () =>
      withStore(engine, async (store) => {
        const other = await another(engine, store)
        const { code } = toIssue({})
        await store.codes.insert(code)
        const attempt = (caller: number) =>
          redeem(caller % 2 === 0 ? store : other, { ...toIssue({}), code }, NOW)
        expect(await winners(50, attempt)).toBe(1)
        await other.close()
      })(),
    )

    it.skipIf(!breakCommits)('is unavailable while commits fail, stores nothing of them, and recovers', () =>
      withStore(engine, async (store) => {
        const issued = toIssue({})
        const { workspaceId, codeHash } = issued.code
        await store.codes.insert(issued.code)
        const version = await store.configurationVersion()

        const mend = await breakCommits?.(store)
        const outcomes = await Promise.allSettled([
          redeem(store, issued),
          store.accessTokens.insert(anAccessToken()),
          store.clients.insert(aClient()),
        ])
        for (const outcome of outcomes) {
          expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) })
          expect(outcome).toMatchObject({ reason: { cause: expect.any(Error) } })
        }
        expect((await store.codes.find(workspaceId, codeHash))?.consumedAt).toBeNull()
        expect(await store.grants.find(workspaceId, issued.grant.grantId)).toBeUndefined()
        expect(await store.configurationVersion()).toBe(version)

        await mend?.()
        expect(await redeem(store, issued)).toBe(true)
      })(),
    )
  })
}

async function another({ openSame }: Engine, store: Store): Promise<Store> {
  if (!openSame) throw new Error('This engine cannot be opened twice.')
  return openSame(store)
}
