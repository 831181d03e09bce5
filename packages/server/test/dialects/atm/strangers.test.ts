import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { decisionsOf } from '../../support/authorization.ts'
import { type Answer, forEachStore, type StartAs, s256, type TestAs } from '../../support/test-as.ts'
import {
  type AtmTokens,
  atmOptions,
  auth,
  CALLBACK,
  CLIENT,
  exchange,
  hex,
  login,
  loginUrl,
  postJson,
  refresh,
  SECRET,
  tokensOf,
  VERIFIER,
} from './support.ts'

/** As it is served to the public, with a client that registered itself, which claims the dialect. */
async function inProduction(start: StartAs): Promise<TestAs> {
  const as = await start({ ...atmOptions, production: true })
  const { deps } = as.server.pixy
  const workspaceId = deps.workspaces.list()[0]?.id ?? ''
  const known = await deps.store.clients.find(workspaceId, CLIENT)
  if (!known) throw new Error('the configuration has no client of atm')
  await deps.store.clients.insert({ ...known, clientId: 'dynamic', owner: 'dynamic' })
  return as
}

/** What a stranger learns, but for ids and times. */
const learned = ({ status, text, headers }: Answer) => ({
  status,
  text: text.replace(/flow_[A-Za-z0-9]+/g, '…').replace(/clientId=[\w-]+/g, '…'),
  names: [...headers.keys()].filter((name) => name !== 'content-length'),
})

forEachStore((start) => {
  describe('atm and clients that it is not for', () => {
    it('answers alike to unknown, strict, disabled, self-registered and (at /auth) foreign ones', async () => {
      const as = await inProduction(start)
      const clients = ['strict', 'atm-disabled', 'dynamic', 'web']
      const doors: Readonly<Record<string, (clientId: string) => Promise<Answer>>> = {
        '/login': (clientId) => as.request(loginUrl(as, { clientId })),
        '/auth': (clientId) => auth(as, { clientId }),
        'a code at /auth/token': (clientId) => exchange(as, 'x'.repeat(50), { clientId }),
        'a refresh at /auth/token': (clientId) =>
          postJson(as, '/auth/token', { clientId, grantType: 'refresh_token', refresh_token: 'x' }),
      }
      for (const [door, knock] of Object.entries(doors)) {
        const unknown = learned(await knock('nobody'))
        expect(unknown.text, door).not.toMatch(/strict|expected|received|--add-dialect/)
        for (const clientId of clients)
          expect(learned(await knock(clientId)), `${door} ${clientId}`).toEqual(unknown)
      }
      expect(learned(await auth(as, { clientId: 'atm-third' }))).toEqual(
        learned(await auth(as, { clientId: 'nobody' })),
      )
    })

    it('tells the owner all the same, in the flow', async () => {
      const as = await inProduction(start)
      const { json } = await auth(as, { clientId: 'atm-disabled' })
      const refused = (await decisionsOf(as, String(json.flow))).find(({ outcome }) => outcome === 'refused')
      expect(refused).toMatchObject({ rule: 'dialect_off', received: 'POST /auth' })
    })
  })

  describe('atm and who has seen a code and its challenge', () => {
    it('S0-03 gives nothing for them at any endpoint, and everything to who has the verifier', async () => {
      const as = await inProduction(start)
      const challenge = hex(VERIFIER)
      const browser = new FormBrowser()
      const seen = await login(as, { code_challenge: challenge }, { browser })
      const code = seen.searchParams.get('code') ?? ''
      const guesses = [challenge, s256(challenge), challenge.slice(0, 43), hex(challenge), s256(code)]
      for (const code_verifier of guesses) {
        const stolen = [
          await exchange(as, code, { code_verifier }),
          await as.token({
            grant_type: 'authorization_code',
            client_id: CLIENT,
            client_secret: SECRET,
            redirect_uri: CALLBACK,
            code,
            code_verifier,
          }),
        ]
        for (const { status, json } of stolen) {
          expect([status, json.error]).toEqual([400, 'invalid_grant'])
          expect(json).not.toHaveProperty('access_token')
        }
      }
      expect((await exchange(as, code)).status).toBe(200)
    })

    it('gives codes of two workspaces different derived challenges, though the digest is the same', async () => {
      const as = await inProduction(start)
      const other = await inProduction(start)
      const challengeOf = async (at: TestAs) => {
        const { deps } = at.server.pixy
        const { json } = await auth(at)
        const stored = await deps.store.codes.find(
          deps.workspaces.list()[0]?.id ?? '',
          s256(String(json.code)),
        )
        return stored?.codeChallenge
      }
      const [one, two] = [await challengeOf(as), await challengeOf(other)]
      expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(two).not.toBe(one)
      expect(await challengeOf(as)).toBe(one)
    })

    it('tells a stranger nothing of whether a code or a refresh token is genuine', async () => {
      const as = await inProduction(start)
      const code = String((await auth(as)).json.code)
      const other = { clientId: 'atm-two' }
      expect(learned(await exchange(as, code, other))).toEqual(
        learned(await exchange(as, 'x'.repeat(50), other)),
      )
      const tokens = await tokensOf(as)
      const wrong = { id_token: 'x' }
      expect(learned(await refresh(as, tokens, wrong))).toEqual(
        learned(await refresh(as, tokens, { ...wrong, refresh_token: 'x' })),
      )
    })
  })

  describe('atm and what is written down', () => {
    it('keeps passwords, secrets, codes, verifiers and tokens out of logs and flows', async () => {
      const as = await start(atmOptions)
      const { json } = await auth(as)
      const code = String(json.code)
      await auth(as, { password: 'a wrong password 123' })
      await auth(as, { loginId: 'a wrong password 123', password: SECRET })
      await exchange(as, code, { code_verifier: 'a wrong verifier 123' })
      await exchange(as, code, { clientSecret: 'a wrong secret 123' })
      await exchange(as, code, { clientId: SECRET, clientSecret: CLIENT })
      const tokens = (await exchange(as, code)).json as unknown as AtmTokens
      await postJson(as, '/auth/token', { clientId: CLIENT, grantType: tokens.access_token })
      await refresh(as, { ...tokens, id_token: tokens.access_token })
      await as.server.pixy.flowLog.flush()
      const events = await as.server.pixy.deps.store.flowEvents.list(null, 500)
      const written = `${as.server.logs.join('\n')}\n${JSON.stringify(events)}`
      expect(written).toContain('dialect_used')
      const secrets = [
        'a wrong password 123',
        'a wrong verifier 123',
        'a wrong secret 123',
        code,
        tokens.access_token,
        tokens.refresh_token,
        tokens.id_token,
      ]
      for (const secret of secrets) expect(written).not.toContain(secret)
    })
  })
})
