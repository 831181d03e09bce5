import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { guardedFetcher } from '../../../src/adapters/fetcher.ts'
import { StoreUnavailable } from '../../../src/store/store.ts'
import { aUser } from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { ASSERTION_TYPE, assertion, foreignKey } from '../../support/jwt.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })

forEachStore((start) => {
  describe('review: what a stranger learns in production from a code or token that is not theirs', () => {
    it('answers a genuine one of another client like an invented one: no flow that gives it away', async () => {
      const as = await start({ config })
      const authorized = await as.authorize({ user: await aUser(as) })
      const tokens = await as.login({ user: await aUser(as) })
      const flowsOf = async (form: Record<string, string>) => {
        const answers = [await as.token(form), await as.token(form)]
        for (const answer of answers) expect(answer.json).toMatchObject({ error: 'invalid_grant' })
        return answers.map((answer) => answer.json.flow)
      }
      const code = {
        grant_type: 'authorization_code',
        client_id: 'spa-two',
        code_verifier: 'x'.repeat(43),
        code: authorized.code,
      }
      const [first, second] = await flowsOf(code)
      expect(first).not.toBe(second)
      const refresh = {
        grant_type: 'refresh_token',
        client_id: 'spa-two',
        refresh_token: tokens.refresh_token,
      }
      const [third, fourth] = await flowsOf(refresh)
      expect(third).not.toBe(fourth)
      expect((await as.redeem(authorized)).status).toBe(200)
    })
  })

  describe('review: a damaged refresh token', () => {
    it('harms nobody where its tag is spelled with other letters of the same low byte', async () => {
      const as = await start({ config })
      const { refresh_token } = await as.login({ user: await aUser(as) })
      const last = refresh_token.charCodeAt(refresh_token.length - 1)
      const damaged = refresh_token.slice(0, -1) + String.fromCharCode(last + 0x100)
      const refused = await as.refresh(damaged)
      expect(refused.json).toMatchObject({ error: 'invalid_grant', reason: 'refresh_token_unknown' })
      expect((await as.refresh(refresh_token)).status).toBe(200)
    })
  })

  describe('review: an answer whose CORS headers cannot be looked up', () => {
    it('still arrives: a code that was spent is not lost to a database that went away after it', async () => {
      const as = await start({ config })
      const { store, workspaces } = as.server.pixy.deps
      await workspaces.reload()
      const clients = store.clients as { list: typeof store.clients.list; find: typeof store.clients.find }
      const { list } = clients
      clients.list = () => Promise.reject(new StoreUnavailable('gone'))
      try {
        const answer = await as.request('/userinfo', { headers: { origin: 'https://app.example' } })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      } finally {
        clients.list = list
      }
    })
  })

  describe('review: outbound requests that strangers cause', () => {
    async function keyHost(respond: (count: number) => { status: number; body: unknown }, delay = 0) {
      let hits = 0
      const host = createServer((_request, response) => {
        hits += 1
        const { status, body } = respond(hits)
        setTimeout(
          () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
          delay,
        )
      })
      await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
      const address = `127.0.0.1:${(host.address() as AddressInfo).port}`
      return { host, address, hits: () => hits }
    }

    const startWith = (address: string): Promise<TestAs> => {
      const remote = {
        client_id: 'remote',
        redirect_uris: ['https://app.example/callback'],
        grant_types: ['client_credentials' as const],
        token_endpoint_auth_method: 'private_key_jwt' as const,
        jwks_uri: `http://${address}/jwks.json`,
      }
      const base = testConfig({ workspace: { signing_algs: ['ES256'] }, clients: [remote] })
      return start({ config: { ...base, allow_private_addresses: [address] } })
    }
    const send = async (as: TestAs, jwt: string) =>
      as.token({
        grant_type: 'client_credentials',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: jwt,
      })

    it('are one, for however many sign-ins of a client at once: none is refused for lack of a slot', async () => {
      const key = await foreignKey('ES256', 'es')
      const { host, address, hits } = await keyHost(() => ({ status: 200, body: { keys: [key.jwk] } }), 100)
      const as = await startWith(address)
      try {
        const jwts = await Promise.all(Array.from({ length: 30 }, () => assertion(as, key, 'remote')))
        const answers = await Promise.all(jwts.map((jwt) => send(as, jwt)))
        expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200))
        expect(hits()).toBe(1)
      } finally {
        host.close()
      }
    })

    it('are few where the keys cannot be read: forged assertions must not hold every slot', async () => {
      const key = await foreignKey('ES256', 'es')
      const { host, address, hits } = await keyHost((count) =>
        count === 1 ? { status: 500, body: {} } : { status: 200, body: { keys: [key.jwk] } },
      )
      const as = await startWith(address)
      try {
        for (let n = 0; n < 5; n++)
          expect((await send(as, await assertion(as, key, 'remote'))).status).toBe(401)
        expect(hits()).toBe(1)
        as.advance(11)
        expect((await send(as, await assertion(as, key, 'remote'))).status).toBe(200)
      } finally {
        host.close()
      }
    })

    it('end, whatever the other side does: no slot is held for ever', async () => {
      const host = createServer()
      host.on('connection', (socket) => {
        socket.on('error', () => {})
        socket.once('data', () =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
        )
      })
      await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
      const address = `127.0.0.1:${(host.address() as AddressInfo).port}`
      try {
        await expect(guardedFetcher({ allowPrivate: [address] }).json(`http://${address}/`)).rejects.toThrow()
      } finally {
        host.close()
      }
    }, 6000)
  })

  it('review: a Host header is compared without case, and with nothing added', async () => {
    const as = await start({ config })
    const { host } = new URL(as.issuer)
    for (const other of [`${host}.`, 'evil.example', `x${host}`, `${host}@evil.example`]) {
      const answer = await as.server.pixy.http.inject({
        url: '/.well-known/openid-configuration',
        headers: { host: other },
      })
      expect(answer.statusCode, other).toBe(421)
    }
    expect((await throughProxy(as)(`${as.issuer}/.well-known/openid-configuration`, {})).status).toBe(200)
  })
})
