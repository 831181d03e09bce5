import { afterEach, expect, it } from 'vitest'
import { FormBrowser, type Transport } from '../../../../testing/src/browser.ts'
import { startTestServer } from '../../../src/test-server.ts'
import { throughProxy } from '../../support/inject.ts'
import { newSchema } from '../../support/postgres/schemas.ts'
import { startPostgres } from '../../support/postgres/server.ts'
import { describeOn } from '../../support/stores.ts'
import { type Authorized, TestAs, type Tokens } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const cleanups: (() => Promise<unknown>)[] = []
const SECRET = 'a master secret that all nodes of this test share with each other'

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function aNode(database: string, url?: string): Promise<TestAs> {
  const config = url === undefined ? testConfig() : { ...testConfig(), url }
  const server = await startTestServer({ database, secret: SECRET, config })
  cleanups.push(() => server.close())
  return new TestAs(server)
}

/** Two nodes behind one address. The second is reached as by a proxy. */
async function twoNodes() {
  const schema = await newSchema()
  cleanups.push(() => schema.drop())
  const one = await aNode(schema.url)
  const other = await aNode(schema.url, one.server.url)
  const send = throughProxy(other)
  const post = async (form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams(form)
    const response = await send(`${one.issuer}/oauth2/token`, { method: 'POST', body })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  return { one, send, post }
}

const redemption = ({ code, verifier, redirectUri, client }: Authorized) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  client_id: client,
  code_verifier: verifier,
})

describeOn('postgres', 'two nodes on one PostgreSQL', () => {
  it('serve one login between them: sign-in here, tokens there, refresh here, userinfo there', async () => {
    const { one, send, post } = await twoNodes()
    const redeemed = await post(redemption(await one.authorize()))
    expect(redeemed.status).toBe(200)
    const { refresh_token } = redeemed.json as unknown as Tokens
    const refreshed = await one.refresh(refresh_token)
    expect(refreshed.status).toBe(200)
    const authorization = `Bearer ${refreshed.json.access_token}`
    const userinfo = await send(`${one.issuer}/userinfo`, { headers: { authorization } })
    expect(userinfo.status).toBe(200)
  })

  it('know a browser that has signed in at the other', async () => {
    const { one, send } = await twoNodes()
    let balancer: Transport = fetch
    const browser = new FormBrowser((url, init) => balancer(url, init))
    await one.authorize({ browser, client: 'spa-implied' })
    balancer = send
    const again = await one.authorize({ browser, client: 'spa-implied', parameters: { prompt: 'none' } })
    expect(again.code).toMatch(/^[A-Za-z0-9]{50}$/)
  })

  it('redeem a code once, and rotate a refresh token once, however many ask both', async () => {
    const { one, post } = await twoNodes()
    for (let round = 0; round < 3; round++) {
      const authorized = await one.authorize()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          index % 2 === 0 ? one.redeem(authorized) : post(redemption(authorized)),
        ),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(answers.filter(({ json }) => json.error === 'invalid_grant')).toHaveLength(19)
    }

    const { refresh_token } = await one.login()
    const refresh = { grant_type: 'refresh_token', refresh_token, client_id: 'spa' }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? one.refresh(refresh_token) : post(refresh),
      ),
    )
    // Nobody is logged out by that: all get the one successor.
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ json }) => json.refresh_token)).size).toBe(1)
  })
})

describeOn('postgres', 'a PostgreSQL that is away', () => {
  it('is 503 with Retry-After and no invalid_grant, and the same requests succeed when it is back', async () => {
    const postgres = await startPostgres()
    cleanups.push(() => postgres.stop())
    const schema = await newSchema(postgres.url)
    const as = await aNode(schema.url)
    const authorized = await as.authorize()
    const { refresh_token, access_token } = await as.login()

    await postgres.restart('fast', async () => {
      for (const answer of [await as.redeem(authorized), await as.refresh(refresh_token)]) {
        expect(answer).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } })
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      }
      const ready = await as.request(`${as.server.url}/readyz`)
      expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '2'])
      // Keys and metadata are in memory.
      expect((await as.request('/.well-known/jwks.json')).status).toBe(200)
    })

    expect((await as.redeem(authorized)).status).toBe(200)
    expect((await as.refresh(refresh_token)).status).toBe(200)
    expect((await as.userinfo(access_token)).status).toBe(200)
    expect((await as.request(`${as.server.url}/readyz`)).status).toBe(200)
    expect(as.server.logs.join('\n')).not.toMatch(/server_failed|a request failed/)
  })
})
