import { createHmac, createPublicKey } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientRecord } from '../../../src/store/records.ts'
import { aBench, aClient, aConfig } from '../../config/support.ts'
import { publishedKeys } from '../../support/jwt.ts'
import { forEachStore, headerOf, type TestAs } from '../../support/test-as.ts'
import {
  type AtmTokens,
  atmOptions,
  auth,
  CLIENT,
  deviationsOf,
  exchange,
  loginUrl,
  refresh,
  SECRET,
  tokensOf,
} from './support.ts'

/** Origin of the client `elsewhere` alone. */
const ELSEWHERE = 'https://elsewhere.example'
/** Wrong verifiers for one code that cost nothing. */
const FREE = 10

async function change(
  as: TestAs,
  clientId: string,
  metadata: Pick<ClientRecord['metadata'], 'web_origins' | 'refresh_token' | 'grant_types'>,
): Promise<void> {
  const { deps } = as.server.pixy
  const known = await deps.store.clients.find(deps.workspaces.list()[0]?.id ?? '', clientId)
  if (!known) throw new Error(`the configuration has no client ${clientId}`)
  await deps.store.clients.update({ ...known, metadata: { ...known.metadata, ...metadata } })
  await deps.workspaces.refresh()
}

forEachStore((start) => {
  describe('atm and who asks from another client’s origin', () => {
    it('tells nobody by CORS whether a client exists', async () => {
      const as = await start({ ...atmOptions, production: true })
      await change(as, 'strict', { web_origins: [ELSEWHERE] })
      const origin = { origin: ELSEWHERE }
      const asked = async (clientId: string) => {
        const body = JSON.stringify({ clientId, grant_types: 'authorization_code', code: 'x' })
        const headers = { ...origin, 'content-type': 'application/json' }
        const answers = [
          await as.request('/auth', { method: 'POST', headers, body }),
          await as.request('/auth/token', { method: 'POST', headers, body }),
          await as.token({ client_id: clientId, client_secret: 'x' }, origin),
        ]
        return answers.map((answer) => answer.headers.get('access-control-allow-origin'))
      }
      const unknown = await asked('nobody')
      for (const clientId of ['atm-disabled', 'web-post', 'strict'])
        expect(await asked(clientId), clientId).toEqual(unknown)
    })
  })

  describe('atm and who guesses a verifier', () => {
    const guess = (as: TestAs, code: unknown, code_verifier: string) =>
      exchange(as, code, { clientId: 'atm-spa', clientSecret: undefined, code_verifier })
    const codeOf = async (as: TestAs) => (await auth(as, { clientId: 'atm-spa' })).json.code
    let as: TestAs
    beforeEach(async () => {
      as = await start(atmOptions)
      as.server.clock.stop()
    })

    it('lets nobody try more than a few for one code', async () => {
      const code = await codeOf(as)
      for (let i = 0; i <= FREE; i++)
        expect((await guess(as, code, `guess ${i}`)).json.reason).toBe('code_verifier_mismatch')
      const blocked = await guess(as, code, '123456789')
      expect([blocked.status, blocked.json.reason]).toEqual([429, 'code_verifier_throttled'])
      expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await guess(as, await codeOf(as), '123456789')).status).toBe(200)
      as.advance(2)
      expect((await guess(as, code, '123456789')).status).toBe(200)
    })

    it('nor many at once', async () => {
      const code = await codeOf(as)
      const guesses = Array.from({ length: 40 }, (_, i) => guess(as, code, `guess ${i}`))
      const reasons = (await Promise.all(guesses)).map(({ json }) => json.reason)
      expect(reasons.filter((reason) => reason === 'code_verifier_mismatch')).toHaveLength(FREE + 1)
    })

    it('keeps nothing of guesses at codes that nobody has', async () => {
      for (let i = 0; i < FREE + 5; i++)
        expect((await guess(as, 'x'.repeat(50), `guess ${i}`)).json.reason).toBe('code_unknown')
    })
  })

  describe('atm and who got hold of refresh token and ID token', () => {
    it('asks for the secret where the refresh token would stay the same (RFC 9700 §4.14.2)', async () => {
      const as = await start(atmOptions)
      await change(as, CLIENT, { refresh_token: { policy: 'reuse' } })
      const tokens = await tokensOf(as)
      const bare = await refresh(as, tokens)
      expect([bare.status, bare.json.reason]).toEqual([401, 'client_authentication_missing'])
      const proven = await refresh(as, tokens, { clientSecret: SECRET })
      expect([proven.status, proven.json.refresh_token]).toEqual([200, tokens.refresh_token])
    })

    it('gives nothing once the grant has ended, and nothing by a key that was revoked', async () => {
      const as = await start(atmOptions)
      const ended = await tokensOf(as)
      await as.post('/oauth2/revoke', {
        token: ended.refresh_token,
        client_id: CLIENT,
        client_secret: SECRET,
      })
      expect((await refresh(as, ended)).json.error).toBe('invalid_grant')
      const tokens: AtmTokens = await tokensOf(as)
      const { deps } = as.server.pixy
      const kid = String(headerOf(tokens.id_token).kid)
      const workspaceId = deps.workspaces.list()[0]?.id ?? ''
      const times = { withdrawAt: deps.clock.now(), deleteAt: deps.clock.now() + 86_400 }
      await deps.store.keys.setState(workspaceId, kid, 'active', 'revoked', times)
      await deps.workspaces.refresh()
      const refused = await refresh(as, tokens)
      expect([refused.status, refused.json.reason]).toEqual([401, 'refresh_id_token_mismatch'])
    })
  })

  describe('atm and who brings a token that is not of this workspace', () => {
    it('takes none of another one, though client, user and iss have the same names there', async () => {
      const [here, there] = [await start(atmOptions), await start(atmOptions)]
      const [own, foreign] = [await tokensOf(here), await tokensOf(there)]
      expect((await here.userinfo(foreign.access_token)).status).toBe(401)
      const mixed = await refresh(here, { ...own, id_token: foreign.id_token })
      expect([mixed.status, mixed.json.reason]).toEqual([401, 'refresh_id_token_mismatch'])
      expect((await refresh(here, own)).status).toBe(200)
    })

    it('takes none whose header names another algorithm than its key has (RFC 8725 §3.1)', async () => {
      const as = await start(atmOptions)
      const { access_token, id_token, refresh_token } = await tokensOf(as)
      const keys = await publishedKeys(as)
      const forged = (jwt: string, alg: string) => {
        const key = keys.find(({ kid }) => kid === headerOf(jwt).kid)
        const pem = createPublicKey({ key: key as never, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        })
        const header = Buffer.from(JSON.stringify({ ...headerOf(jwt), alg })).toString('base64url')
        const input = `${header}.${jwt.split('.')[1]}`
        return `${input}.${alg === 'none' ? '' : createHmac('sha256', pem).update(input).digest('base64url')}`
      }
      for (const alg of ['none', 'HS256', 'PS256']) {
        expect((await as.userinfo(forged(access_token, alg))).status, alg).toBe(401)
        const own = { access_token, refresh_token, exp_access_token: 600, id_token: forged(id_token, alg) }
        expect((await refresh(as, own)).json.reason, alg).toBe('refresh_id_token_mismatch')
      }
    })
  })

  describe('atm and who makes a client look worse than it is', () => {
    it('counts nothing of a request whose redirect_uri is not the client’s', async () => {
      const as = await start(atmOptions)
      const { status } = await as.request(loginUrl(as, { redirect_uri: 'evil://x' }))
      expect(status).toBe(400)
      expect([...(await deviationsOf(as, CLIENT))]).toEqual([])
    })
  })

  describe('atm and clients that act for themselves', () => {
    it('gives them no token that says a client where APIs look for a user (RFC 9700 §4.15)', async () => {
      const as = await start(atmOptions)
      const grant_types = ['authorization_code', 'refresh_token', 'client_credentials']
      await change(as, CLIENT, { grant_types })
      const members = { code: undefined, code_verifier: undefined, grant_types: 'client_credentials' }
      const refused = await exchange(as, undefined, members)
      expect([refused.status, refused.json.reason]).toEqual([400, 'grant_type_unsupported'])
      expect(refused.json.fix).toContain('/oauth2/token')
      const form = { grant_type: 'client_credentials', client_id: CLIENT, client_secret: SECRET }
      expect((await as.token(form)).status).toBe(200)
    })
  })

  describe('atm in a workspace that has RS256 no more', () => {
    it('says what is missing, and leaves the code to its owner', async () => {
      const as = await start(atmOptions)
      const { deps } = as.server.pixy
      const code = (await auth(as)).json.code
      const [workspace] = deps.workspaces.list()
      if (!workspace) throw new Error('there is no workspace')
      const withAlgs = async (signing_algs: 'ES256'[] | ('ES256' | 'RS256')[]) => {
        const settings = { ...workspace.settings, signing_algs }
        await deps.store.workspaces.put({ ...workspace.record, settings })
        await deps.workspaces.refresh()
      }
      await withAlgs(['ES256'])
      const refused = await exchange(as, code)
      expect([refused.status, refused.json.error]).toEqual([500, 'server_error'])
      expect(refused.json.fix).toContain('Add "RS256" to signing_algs')
      expect(as.server.logs.join('\n')).not.toContain('a request failed')
      await withAlgs(['ES256', 'RS256'])
      expect((await exchange(as, code)).status).toBe(200)
    })

    it('warns of clients that the file does not name, when it takes the algorithm away', async () => {
      const bench = await aBench()
      const clients = (['atm', 'toki'] as const).map((name) => aClient({ client_id: name, dialects: [name] }))
      await bench.apply(aConfig({ clients }))
      for (const { client_id } of clients) {
        const known = await bench.store.clients.find('acme:main', client_id)
        if (known) await bench.store.clients.update({ ...known, owner: 'local' })
      }
      expect((await bench.report(aConfig())).warnings).toEqual([])
      const { warnings } = await bench.report(aConfig({ signing_algs: ['ES256'] }))
      expect(warnings).toEqual([expect.stringMatching(/^The client atm of acme:main .*Add "RS256"/)])
    })
  })
})
