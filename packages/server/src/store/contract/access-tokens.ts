import { describe, expect, it } from 'vitest'
import { anAccessToken, OTHER_WORKSPACE, WORKSPACE } from './builders.ts'
import { type Engine, withStore } from './harness.ts'

export function accessTokenContract(engine: Engine): void {
  describe('access tokens', () => {
    it(
      'are found as they were inserted, until they are deleted',
      withStore(engine, async ({ accessTokens }) => {
        const token = anAccessToken()
        const actor = { sub: 'second', act: { sub: 'usr_1', client_id: 'first' } }
        const empty = anAccessToken({ scope: [], userId: 'usr', actor })
        await accessTokens.insert(token)
        await accessTokens.insert(empty)
        expect(await accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
        expect(await accessTokens.find(WORKSPACE, empty.tokenHash)).toEqual(empty)
        expect(await accessTokens.find(OTHER_WORKSPACE, token.tokenHash)).toBeUndefined()
        await accessTokens.delete(OTHER_WORKSPACE, token.tokenHash)
        await accessTokens.delete(WORKSPACE, empty.tokenHash)
        await accessTokens.delete(WORKSPACE, empty.tokenHash)
        expect(await accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
        expect(await accessTokens.find(WORKSPACE, empty.tokenHash)).toBeUndefined()
      }),
    )

    it(
      'are not replaced by another with the same hash',
      withStore(engine, async ({ accessTokens }) => {
        const token = anAccessToken()
        await accessTokens.insert(token)
        await expect(accessTokens.insert({ ...token, clientId: 'other' })).rejects.toThrow()
        expect(await accessTokens.find(WORKSPACE, token.tokenHash)).toEqual(token)
      }),
    )
  })
}
