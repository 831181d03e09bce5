import { describe, expect, it } from 'vitest'
import type { DeviceCodeRecord } from '../records.ts'
import type { Store } from '../store.ts'
import { aDeviceCode, anAuthorization, anInteraction, NOW, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { CALLERS, type Engine, times, winners, withStore } from './harness.ts'
import { insertGrant, toIssue } from './issue.ts'

const DAY = 86_400

export function deviceCodeContract(engine: Engine): void {
  describe('device codes', () => {
    it(
      'are found by either code as they were inserted, in their workspace',
      withStore(engine, async ({ deviceCodes }) => {
        const pending = aDeviceCode({ resources: ['https://api.example.com'] })
        const allowed = aDeviceCode({ answeredAt: NOW, authorization: anAuthorization(), lastPolledAt: NOW })
        for (const code of [pending, allowed]) expect(await deviceCodes.insert(code)).toBe(true)
        for (const code of [pending, allowed]) {
          expect(await deviceCodes.find(WORKSPACE, code.codeHash)).toEqual(code)
          expect(await deviceCodes.findByUserCode(WORKSPACE, code.userCodeHash)).toEqual(code)
        }
        expect(await deviceCodes.find(OTHER_WORKSPACE, pending.codeHash)).toBeUndefined()
        expect(await deviceCodes.findByUserCode(OTHER_WORKSPACE, pending.userCodeHash)).toBeUndefined()
      }),
    )

    it.each(CALLERS)('take a user code once of %i callers, and again in another workspace', (callers) =>
      withStore(engine, async ({ deviceCodes }) => {
        const { userCodeHash } = aDeviceCode()
        const insert = () => deviceCodes.insert(aDeviceCode({ userCodeHash }))
        expect(await winners(callers, insert)).toBe(1)
        expect(await deviceCodes.insert(aDeviceCode({ userCodeHash, workspaceId: OTHER_WORKSPACE }))).toBe(
          true,
        )
      })(),
    )

    it(
      'are polled at their interval, which grows with each poll that comes too early (RFC 8628 §3.5)',
      withStore(engine, async ({ deviceCodes }) => {
        const { codeHash } = await inserted(deviceCodes, { interval: 5 })
        const poll = (at: number) => deviceCodes.poll(WORKSPACE, codeHash, at, 5)
        expect(await poll(NOW)).toBe(true)
        expect(await poll(NOW + 5)).toBe(true)
        expect(await poll(NOW + 9)).toBe(false)
        expect(await deviceCodes.find(WORKSPACE, codeHash)).toMatchObject({
          interval: 10,
          lastPolledAt: NOW + 9,
        })
        expect(await poll(NOW + 18)).toBe(false)
        expect(await poll(NOW + 33)).toBe(true)
        expect((await deviceCodes.find(WORKSPACE, codeHash))?.interval).toBe(15)
      }),
    )

    it.each(CALLERS)('are polled in time by one of %i callers at once', (callers) =>
      withStore(engine, async ({ deviceCodes }) => {
        const { codeHash } = await inserted(deviceCodes)
        expect(await winners(callers, () => deviceCodes.poll(WORKSPACE, codeHash, NOW, 5))).toBe(1)
      })(),
    )

    it(
      'are counted by network and client, answered or not, until they are redeemed or end',
      withStore(engine, async (store) => {
        const count = (at = NOW) => store.deviceCodes.countUnspent(WORKSPACE, 'client', '192.0.2.1', at)
        expect(await count()).toEqual({ count: 0, firstEnd: null })
        await inserted(store.deviceCodes, { expiresAt: NOW + 20 })
        await inserted(store.deviceCodes, { expiresAt: NOW + 10, answeredAt: NOW })
        await inserted(store.deviceCodes, { network: '192.0.2.2' })
        await inserted(store.deviceCodes, { clientId: 'other' })
        await inserted(store.deviceCodes, { workspaceId: OTHER_WORKSPACE })
        const { codeHash } = await inserted(store.deviceCodes, { ...allowed(), expiresAt: NOW + 5 })
        expect(await count()).toEqual({ count: 3, firstEnd: NOW + 5 })
        await redeem(store, codeHash, toIssue({}))
        expect(await count()).toEqual({ count: 2, firstEnd: NOW + 10 })
        expect(await count(NOW + 10)).toEqual({ count: 1, firstEnd: NOW + 20 })
      }),
    )

    it.each(CALLERS)('are answered by one of %i callers, whose interaction ends with that', (callers) =>
      withStore(engine, async (store) => {
        const { codeHash } = await inserted(store.deviceCodes)
        const flows = times(callers, () => anInteraction())
        for (const flow of flows) await store.interactions.insert(flow)
        const won = await Promise.all(
          flows.map(({ flowId }, caller) => {
            const authorization = caller % 2 === 0 ? anAuthorization({ flowId }) : null
            return store.deviceCodes.answer(WORKSPACE, codeHash, NOW + 1, flowId, authorization)
          }),
        )
        expect(won.filter((each) => each)).toHaveLength(1)
        const winner = won.indexOf(true)
        const found = await store.deviceCodes.find(WORKSPACE, codeHash)
        expect(found?.answeredAt).toBe(NOW + 1)
        expect(found?.authorization?.flowId).toBe(winner % 2 === 0 ? flows[winner]?.flowId : undefined)
        for (const [caller, { flowId }] of flows.entries()) {
          const { finishedAt } = (await store.interactions.find(WORKSPACE, flowId)) ?? {}
          expect(finishedAt).toBe(caller === winner ? NOW + 1 : null)
        }
      })(),
    )

    it(
      'are not answered when they have ended, nor in an interaction that is over',
      withStore(engine, async (store) => {
        const code = await inserted(store.deviceCodes)
        const { flowId } = anInteraction()
        await store.interactions.insert(anInteraction({ flowId }))
        const answer = (at: number) =>
          store.deviceCodes.answer(WORKSPACE, code.codeHash, at, flowId, anAuthorization())
        expect(await answer(code.expiresAt)).toBe(false)
        await store.interactions.finish(WORKSPACE, flowId, NOW, undefined)
        expect(await answer(NOW)).toBe(false)
        expect(await store.deviceCodes.find(WORKSPACE, code.codeHash)).toEqual(code)
      }),
    )

    it.each(CALLERS)('are redeemed by one of %i callers, and nothing of the others is stored', (callers) =>
      withStore(engine, async (store) => {
        const { codeHash } = await inserted(store.deviceCodes, allowed())
        const attempts = times(callers, () => toIssue({}))
        const won = await Promise.all(attempts.map((issued) => redeem(store, codeHash, issued)))
        expect(won.filter((each) => each)).toHaveLength(1)
        for (const [caller, { grant, family, token }] of attempts.entries()) {
          const stored = [
            await store.grants.find(WORKSPACE, grant.grantId),
            (await store.refreshTokens.find(WORKSPACE, family.familyHash))?.family,
            await store.accessTokens.find(WORKSPACE, token.tokenHash),
          ]
          expect(stored).toEqual(won[caller] ? [grant, family, token] : [undefined, undefined, undefined])
        }
      })(),
    )

    it(
      'are not redeemed while they wait, when they were denied, or when they have ended',
      withStore(engine, async (store) => {
        const waiting = await inserted(store.deviceCodes)
        const denied = await inserted(store.deviceCodes, { answeredAt: NOW })
        const ended = await inserted(store.deviceCodes, allowed())
        expect(await redeem(store, waiting.codeHash, toIssue({}))).toBe(false)
        expect(await redeem(store, denied.codeHash, toIssue({}))).toBe(false)
        expect(await redeem(store, ended.codeHash, toIssue({}), ended.expiresAt)).toBe(false)
        expect(await redeem(store, ended.codeHash, toIssue({}), ended.expiresAt - 1)).toBe(true)
      }),
    )

    it(
      'stay unspent where what was issued cannot be stored',
      withStore(engine, async (store) => {
        const { codeHash } = await inserted(store.deviceCodes, allowed())
        const { token } = await insertGrant(store, {})
        await expect(redeem(store, codeHash, { ...toIssue({}), token })).rejects.toThrow()
        expect((await store.deviceCodes.find(WORKSPACE, codeHash))?.consumedAt).toBeNull()
        expect(await redeem(store, codeHash, toIssue({}))).toBe(true)
      }),
    )

    it(
      'end with the session, the user, the grant and the client they belong to, until they are redeemed',
      withStore(engine, async (store) => {
        const of = (over: Parameters<typeof anAuthorization>[0]) =>
          inserted(store.deviceCodes, allowed(anAuthorization(over)))
        const here = async ({ codeHash }: DeviceCodeRecord) =>
          (await store.deviceCodes.find(WORKSPACE, codeHash)) !== undefined
        const online = await of({ sid: 'ses_1' })
        const offline = await of({ sid: 'ses_1', scope: ['offline_access'] })
        await store.grants.revokeBySession(WORKSPACE, 'ses_1', NOW, 'signed_out')
        expect([await here(online), await here(offline)]).toEqual([false, true])

        const waiting = await inserted(store.deviceCodes)
        const spent = await of({ userId: 'usr_1' })
        await redeem(store, spent.codeHash, toIssue({}))
        const unspent = await of({ userId: 'usr_1' })
        await store.grants.revokeByUser(WORKSPACE, 'usr_1', null, NOW, 'user_disabled')
        expect([await here(waiting), await here(spent), await here(unspent)]).toEqual([true, true, false])

        await store.grants.revoke(WORKSPACE, waiting.grantId, NOW, 'revoked')
        expect(await here(waiting)).toBe(false)
      }),
    )

    it(
      'stay for a day after their end, so that a replay still ends the grant',
      withStore(engine, async (store) => {
        const code = await inserted(store.deviceCodes)
        await store.sweep(code.expiresAt + DAY - 1, 10)
        expect(await store.deviceCodes.find(WORKSPACE, code.codeHash)).toEqual(code)
        await store.sweep(code.expiresAt + DAY, 10)
        expect(await store.deviceCodes.find(WORKSPACE, code.codeHash)).toBeUndefined()
      }),
    )
  })
}

function allowed(authorization = anAuthorization()): Partial<DeviceCodeRecord> {
  return { answeredAt: NOW, authorization }
}

async function inserted(
  deviceCodes: Store['deviceCodes'],
  over: Partial<DeviceCodeRecord> = {},
): Promise<DeviceCodeRecord> {
  const code = aDeviceCode(over)
  await deviceCodes.insert(code)
  return code
}

function redeem(
  store: Store,
  codeHash: string,
  { grant, family, token }: ReturnType<typeof toIssue>,
  at = NOW,
): Promise<boolean> {
  return store.deviceCodes.redeem(WORKSPACE, codeHash, at, {
    grant,
    refreshFamily: family,
    accessToken: token,
  })
}
