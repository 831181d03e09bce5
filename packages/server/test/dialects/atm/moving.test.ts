import { describe, expect, it } from 'vitest'
import { updateClient } from '../../../src/admin-api/clients/update.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import {
  atmConfig,
  atmOptions,
  auth,
  deviationsOf,
  exchange,
  login,
  refresh,
  SECRET,
  tokensOf,
} from './support.ts'

const CLIENT = 'atm-two'

/** Takes the dialect away, as `pixy client update atm-two --remove-dialect atm` does it. */
async function withoutDialect(as: TestAs): Promise<void> {
  const { deps } = as.server.pixy
  const workspaceId = deps.workspaces.list()[0]?.id ?? ''
  const record = await deps.store.clients.find(workspaceId, CLIENT)
  if (!record) throw new Error('the configuration has no such client')
  await deps.store.clients.update({ ...record, owner: 'local' })
  const input = { workspace: workspaceId, client_id: CLIENT, remove: { dialects: ['atm'] } }
  await updateClient.run(deps, updateClient.input.parse(input))
  await deps.workspaces.refresh()
}

forEachStore((start) => {
  describe('a client that moves from atm to the standard', () => {
    it('redeems a standard code at /auth/token, and refreshes at /oauth2/token', async () => {
      const as = await start(atmOptions)
      const { code, verifier } = await as.authorize({ client: CLIENT })
      const { status, json } = await exchange(as, code, { clientId: CLIENT, code_verifier: verifier })
      expect([status, json.exp_access_token]).toEqual([200, 600])
      const moved = await as.refresh(String(json.refresh_token), { client_id: CLIENT, client_secret: SECRET })
      expect(moved.json).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
    })

    it('is counted for less and less', async () => {
      const as = await start(atmOptions)
      await tokensOf(as, CLIENT)
      const before = await deviationsOf(as, CLIENT)
      expect(before.get('atm_short_verifier')).toBe(1)
      const { code, verifier } = await as.authorize({ client: CLIENT })
      await exchange(as, code, {
        clientId: undefined,
        clientSecret: undefined,
        grant_types: undefined,
        client_id: CLIENT,
        client_secret: SECRET,
        grant_type: 'authorization_code',
        code_verifier: verifier,
      })
      const after = await deviationsOf(as, CLIENT)
      const counted = [...after].filter(([id, count]) => count !== before.get(id)).map(([id]) => id)
      expect(counted.sort()).toEqual(['atm_access_token', 'atm_json_body', 'atm_token_response'])
    })

    it('is strict at once when the dialect is taken away; what it was given lives on', async () => {
      const as = await start({ ...atmOptions, config: atmConfig })
      const tokens = await tokensOf(as, CLIENT)
      await withoutDialect(as)
      expect((await auth(as, { clientId: CLIENT })).json.reason).toBe('dialect_off')
      expect((await refresh(as, tokens, { clientId: CLIENT })).json.reason).toBe('dialect_off')
      await expect(login(as, { clientId: CLIENT })).rejects.toThrow('400')
      expect((await as.userinfo(tokens.access_token)).status).toBe(200)
      const refreshed = await as.refresh(tokens.refresh_token, { client_id: CLIENT, client_secret: SECRET })
      expect(refreshed.status).toBe(200)
    })
  })
})
