import { afterEach, describe, expect, it, vi } from 'vitest'
import { aUser, lastRefusal } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type Answer, forEachSharedStore } from '../../support/test-as.ts'
import { APP, cloudentityConfig, raw, SCOPE, told, watchDeviations } from './config.ts'

afterEach(() => vi.restoreAllMocks())

forEachSharedStore(
  (as) => {
    const login = async (client: string, scope = SCOPE) =>
      as().login({ client, scope, user: await aUser(as()) })

    /** The SDK's call: the token in the header, and the same one in the body. */
    const revoke = (
      token: string,
      { bearer = token, more = '', headers = {} as Readonly<Record<string, string>> } = {},
    ): Promise<Answer> =>
      raw(as(), '/oauth2/revoke', `token=${encodeURIComponent(token)}${more}`, {
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        authorization: `Bearer ${bearer}`,
        ...headers,
      })
    const isAlive = async (token: string) => (await as().userinfo(token)).status === 200

    describe('POST /oauth2/revoke by the bearer of the token (RFC 7009 §2.1)', () => {
      it.each(['sdk', 'opaque'])(
        'S3-27 ends that access token, and nothing beside it (%s)',
        async (client) => {
          const counted = watchDeviations(as())
          const redirectUri = 'https://app.example/callback'
          const user = await aUser(as())
          const tokens = await as().login({ client, scope: SCOPE, user, redirectUri })
          const { status, headers, text } = await revoke(tokens.access_token, { headers: { origin: APP } })
          expect(status).toBe(200)
          expect(text).toBe('{}')
          expect(headers.get('access-control-allow-origin')).toBe(APP)
          expect(await isAlive(tokens.access_token)).toBe(false)
          const refreshed = await as().refresh(tokens.refresh_token, { client_id: client })
          expect(refreshed.status).toBe(200)
          expect(await isAlive(String(refreshed.json.access_token))).toBe(true)
          expect(counted).toEqual([`${client} cloudentity_self_revocation`])
        },
      )

      it('S3-27 answers the preflight that the header causes', async () => {
        const { status, headers } = await as().request('/oauth2/revoke', {
          method: 'OPTIONS',
          headers: {
            origin: APP,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        })
        expect(status).toBe(204)
        expect(headers.get('access-control-allow-origin')).toBe(APP)
        expect(headers.get('access-control-allow-headers')).toContain('authorization')
        expect(headers.get('access-control-allow-methods')).toContain('POST')
      })

      it('S3-27 strict: is told to name the client in the body', async () => {
        const counted = watchDeviations(as())
        const { access_token } = await login('strict')
        const { status, json } = await revoke(access_token)
        expect(status).toBe(401)
        expect(json).toMatchObject({ error: 'invalid_client', reason: 'authorization_header_malformed' })
        expect(json.fix).toContain('sends client_id in the body and no Authorization header')
        expect(await isAlive(access_token)).toBe(true)
        expect(counted).toEqual([])

        const standard = await as().post('/oauth2/revoke', { token: access_token, client_id: 'strict' })
        expect(standard.status).toBe(200)
        expect(await isAlive(access_token)).toBe(false)
      })

      it('needs the scope revoke_tokens', async () => {
        const { access_token } = await login('spa', 'openid profile')
        expect((await revoke(access_token)).status).toBe(401)
        expect(await isAlive(access_token)).toBe(true)
      })

      it('needs the same token in both places: nobody ends somebody else’s', async () => {
        const [own, other] = [await login('spa'), await login('spa')]
        for (const [token, bearer] of [
          [other.access_token, own.access_token],
          [own.refresh_token, own.access_token],
          [own.refresh_token, own.refresh_token],
          [own.id_token, own.id_token],
        ] as const) {
          expect((await revoke(token, { bearer })).status).toBe(401)
        }
        expect(await isAlive(own.access_token)).toBe(true)
        expect(await isAlive(other.access_token)).toBe(true)
        expect((await as().refresh(own.refresh_token)).status).toBe(200)
      })

      it('leaves requests that name the client, twice-sent tokens and query strings to core', async () => {
        const { access_token } = await login('spa')
        for (const more of ['&client_id=spa', '&client_secret=x', `&token=${access_token}`]) {
          expect((await revoke(access_token, { more })).status, more).toBeGreaterThanOrEqual(400)
        }
        const query = await raw(as(), '/oauth2/revoke?x=1', `token=${access_token}`, {
          authorization: `Bearer ${access_token}`,
        })
        expect(query.json.reason).toBe('parameters_in_query')
        expect(await isAlive(access_token)).toBe(true)
      })

      it('gives invented, dead and strict clients’ tokens one answer', async () => {
        const dead = await login('spa')
        expect((await revoke(dead.access_token)).status).toBe(200)
        const answers = [
          await revoke('invented'),
          await revoke(dead.access_token),
          await revoke((await login('strict')).access_token),
          await revoke((await login('spa', 'openid')).access_token),
        ].map(told)
        for (const answer of answers) expect(answer).toEqual(answers[0])
        expect(answers[0]).toMatchObject({ status: 401, error: 'invalid_client' })
      })

      it('keeps the token out of what is recorded', async () => {
        const { access_token } = await login('strict')
        await revoke(access_token)
        expect(JSON.stringify(await lastRefusal(as()))).not.toContain(access_token)
        expect(as().server.logs.join('\n')).not.toContain(access_token)
      })
    })
  },
  { config: cloudentityConfig(), hasher: quickHasher() },
)
