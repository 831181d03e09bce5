import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { type Answer, claimsOf, forEachSharedStore, type Tokens } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const PEOPLE = Array.from({ length: 40 }, (_, index) => ({
  username: `user-${index}@example.com`,
  password: `password number ${index} is long`,
}))
// ES256, since the signatures are not what is raced here.
const base = testConfig({ workspace: { signing_algs: ['ES256'] } })
const config = {
  ...base,
  tenants: base.tenants?.map((tenant) => ({
    ...tenant,
    workspaces: (tenant.workspaces ?? []).map((workspace) => ({
      ...workspace,
      users: [
        ...(workspace.users ?? []),
        ...PEOPLE.map((person) => ({ source: 'pool', ...person, claims: { email: person.username } })),
      ],
    })),
  })),
}

const race = <T>(times: number, run: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => run(index)))
const tokensOf = (answer: Answer | undefined) => answer?.json as unknown as Tokens

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()

    describe('races for what may be used once (OAuth 2.1 §4.1.3, §4.3.1)', () => {
      it.each([
        ['ten', 10, 'spa-implied'],
        ['fifty', 50, 'spa-implied'],
        ['fifty', 50, 'opaque'],
      ])(
        'TK-16: of %s parallel redemptions of one code exactly one succeeds, five rounds',
        async (_name, times, client) => {
          const as = server()
          for (let round = 0; round < 5; round++) {
            const authorized = await as.authorize({ browser, client })
            const answers = await race(times, () => as.redeem(authorized))
            const winners = answers.filter(({ status }) => status === 200)
            expect(winners).toHaveLength(1)
            const losers = answers.filter(({ status }) => status !== 200)
            for (const loser of losers)
              expect(loser).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
            // The others were replays, so what the first use issued is dead (RFC 6749 §4.1.2).
            const { access_token, refresh_token } = tokensOf(winners[0])
            expect((await as.userinfo(access_token)).status).toBe(401)
            expect((await as.refresh(refresh_token, { client_id: client })).status).toBe(400)
          }
        },
      )

      it.each([
        ['ten', 10],
        ['fifty', 50],
      ])(
        'RT-02: %s parallel refreshes with one token get one and the same successor, five rounds',
        async (_name, times) => {
          const as = server()
          let current = (await as.login({ browser })).refresh_token
          for (let round = 0; round < 5; round++) {
            const answers = await race(times, () => as.refresh(current))
            expect(answers.map(({ status }) => status)).toEqual(Array(times).fill(200))
            const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token))
            expect(successors.size).toBe(1)
            const [successor = ''] = successors
            expect(successor).not.toBe(current)
            expect(new Set(answers.map((answer) => tokensOf(answer).access_token)).size).toBe(times)
            current = successor
          }
          expect((await as.refresh(current)).status).toBe(200)
        },
      )

      it('RT-02: with opaque access tokens every answer of the race holds a live one', async () => {
        const as = server()
        const { refresh_token } = await as.login({ browser, client: 'opaque' })
        const answers = await race(20, () => as.refresh(refresh_token, { client_id: 'opaque' }))
        for (const answer of answers)
          expect((await as.userinfo(tokensOf(answer).access_token)).status).toBe(200)
      })

      it('RT-02: fifty parallel refreshes by policy reuse keep the token', async () => {
        const as = server()
        const credentials = { client_id: 'reuse', client_secret: WEB_SECRET }
        const { refresh_token } = await as.login({ browser, client: 'reuse' }, { client_secret: WEB_SECRET })
        const answers = await race(50, () => as.refresh(refresh_token, credentials))
        for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { refresh_token } })
      })

      it('a refresh that races a revocation leaves no token alive, ten rounds', async () => {
        const as = server()
        for (let round = 0; round < 10; round++) {
          const { refresh_token } = await as.login({ browser, client: 'opaque' })
          const credentials = { client_id: 'opaque' }
          const [refreshed, revoked] = await Promise.all([
            as.refresh(refresh_token, credentials),
            as.post('/oauth2/revoke', { token: refresh_token, ...credentials }),
          ])
          expect(revoked.status).toBe(200)
          expect((await as.refresh(refresh_token, credentials)).status).toBe(400)
          if (refreshed.status !== 200) continue
          expect((await as.refresh(tokensOf(refreshed).refresh_token, credentials)).status).toBe(400)
          expect((await as.userinfo(tokensOf(refreshed).access_token)).status).toBe(401)
        }
      })

      it('a redemption that races a wrong verifier, a stranger and a wrong redirect_uri succeeds, ten rounds', async () => {
        const as = server()
        for (let round = 0; round < 10; round++) {
          const authorized = await as.authorize({ browser, client: 'spa-implied' })
          const [, , , right] = await Promise.all([
            as.redeem(authorized, { code_verifier: 'x'.repeat(43) }),
            as.redeem(authorized, { client_id: 'spa' }),
            as.redeem(authorized, { redirect_uri: 'https://evil.example' }),
            as.redeem(authorized),
          ])
          expect(right?.status).toBe(200)
          expect((await as.userinfo(tokensOf(right).access_token)).status).toBe(200)
        }
      })
    })

    describe('many users at once', () => {
      it('TK-30: of 40 parallel logins each gets its own user, and no two a token alike', async () => {
        const as = server()
        const browsers = PEOPLE.map(() => new FormBrowser())
        const login = (user: (typeof PEOPLE)[number], index: number) =>
          as.login({ client: 'spa-implied', user, browser: browsers[index] ?? new FormBrowser() })
        // Passwords cost a core each: so many at a time as a small machine checks in two seconds.
        for (let at = 0; at < PEOPLE.length; at += 10) {
          await Promise.all(PEOPLE.slice(at, at + 10).map((user, index) => login(user, at + index)))
        }
        const logins = await Promise.all(PEOPLE.map(login))
        const people = await Promise.all(logins.map(({ access_token }) => as.userinfo(access_token)))
        expect(people.map(({ json }) => json.email)).toEqual(PEOPLE.map(({ username }) => username))
        expect(logins.map(({ id_token }) => claimsOf(id_token).sub)).toEqual(
          people.map(({ json }) => json.sub),
        )
        for (const name of ['access_token', 'refresh_token', 'id_token'] as const) {
          expect(new Set(logins.map((tokens) => tokens[name])).size).toBe(PEOPLE.length)
        }
        expect(new Set(logins.map(({ id_token }) => claimsOf(id_token).sid)).size).toBe(PEOPLE.length)
      })
    })
  },
  { config },
)
