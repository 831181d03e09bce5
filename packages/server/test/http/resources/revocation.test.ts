import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { type Answer, type AuthorizeOptions, basic, forEachSharedStore } from '../../support/test-as.ts'
import { WEB_SECRET } from '../../support/test-config.ts'

const web = basic('web', WEB_SECRET)

forEachSharedStore((server) => {
  const browser = new FormBrowser()
  const login = (options: AuthorizeOptions = {}) => server().login({ browser, ...options })
  const revoke = (
    token: string,
    form: Readonly<Record<string, string>> = { client_id: 'spa' },
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => server().post('/oauth2/revoke', { token, ...form }, headers)
  const statusOf = async (accessToken: string) => (await server().userinfo(accessToken)).status

  describe('POST /oauth2/revoke (RFC 7009)', () => {
    it.each([
      ['JWT', 'spa'],
      ['opaque', 'opaque'],
    ])(
      'RV-01: a %s access token is dead at once, and the refresh token lives',
      async (_format, client_id) => {
        const { access_token, refresh_token } = await login({ client: client_id })
        const answer = await revoke(access_token, { client_id })
        expect([answer.status, answer.text]).toEqual([200, '{}'])
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(await statusOf(access_token)).toBe(401)
        const refreshed = await server().refresh(refresh_token, { client_id })
        expect(refreshed.status).toBe(200)
        expect(await statusOf(String(refreshed.json.access_token))).toBe(200)
      },
    )

    it('RV-01: a refresh token ends its whole grant: every access token and every other refresh token of it', async () => {
      const as = server()
      const first = await login()
      const second = (await as.refresh(first.refresh_token)).json
      expect((await revoke(String(second.refresh_token))).status).toBe(200)
      expect(await statusOf(first.access_token)).toBe(401)
      expect(await statusOf(String(second.access_token))).toBe(401)
      for (const token of [first.refresh_token, String(second.refresh_token)])
        expect((await as.refresh(token)).status).toBe(400)
    })

    it('RV-01: a refresh token that was rotated away ends its grant too', async () => {
      const first = await login()
      const second = (await server().refresh(first.refresh_token)).json
      expect((await revoke(first.refresh_token)).status).toBe(200)
      expect((await server().refresh(String(second.refresh_token))).status).toBe(400)
    })

    it('RV-01: unknown tokens, and the same one twice, answer 200', async () => {
      const { access_token, refresh_token, id_token } = await login()
      const tokens = [
        'x',
        'a.b.c',
        'pixy_at_',
        'pixy_rt_x',
        `${refresh_token}A`,
        `${access_token}A`,
        id_token,
        'A'.repeat(50_000),
        'é',
      ]
      for (const token of tokens) expect((await revoke(token)).status, token.slice(0, 20)).toBe(200)
      expect(await statusOf(access_token)).toBe(200)
      for (const token of [access_token, access_token, refresh_token, refresh_token])
        expect((await revoke(token)).status).toBe(200)
      expect(await statusOf(access_token)).toBe(401)
    })

    it('RV-02: another client cannot end a token', async () => {
      const { access_token, refresh_token } = await login()
      for (const token of [access_token, refresh_token]) {
        for (const answer of [await revoke(token, { client_id: 'spa-two' }), await revoke(token, {}, web)]) {
          expect([200, 400]).toContain(answer.status)
        }
      }
      expect(await statusOf(access_token)).toBe(200)
      expect((await server().refresh(refresh_token)).status).toBe(200)
    })

    it('RV-03: a public client needs its client_id, a confidential one its secret', async () => {
      const { access_token } = await login()
      expect(await server().post('/oauth2/revoke', { token: access_token })).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      })
      expect(await revoke(access_token, { client_id: 'web' })).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      })
      expect(await revoke(access_token, {}, basic('web', 'wrong'))).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      })
      expect(await statusOf(access_token)).toBe(200)
      expect((await revoke(access_token)).status).toBe(200)
      expect(await statusOf(access_token)).toBe(401)
    })

    it('RV-04: a wrong or unknown hint changes nothing', async () => {
      for (const token_type_hint of ['refresh_token', 'access_token', 'pancake', '']) {
        const { access_token, refresh_token } = await login()
        expect((await revoke(access_token, { client_id: 'spa', token_type_hint })).status).toBe(200)
        expect(await statusOf(access_token)).toBe(401)
        expect((await revoke(refresh_token, { client_id: 'spa', token_type_hint })).status).toBe(200)
        expect((await server().refresh(refresh_token)).status).toBe(400)
      }
    })

    it('RV-04: refuses a missing or repeated token, other methods and encodings, and parameters in the URL', async () => {
      const as = server()
      const { access_token: token } = await login()
      expect(await as.post('/oauth2/revoke', { client_id: 'spa' })).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
      const twice = new URLSearchParams([
        ['token', token],
        ['token', token],
        ['client_id', 'spa'],
      ])
      expect(await as.post('/oauth2/revoke', twice)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
      expect(await as.post(`/oauth2/revoke?token=${token}`, { client_id: 'spa' })).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect((await as.request(`/oauth2/revoke?token=${token}&client_id=spa`, { method })).status).toBe(405)
      }
      const json = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, client_id: 'spa' }),
      }
      expect(await as.request('/oauth2/revoke', json)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
      expect(await statusOf(token)).toBe(200)
    })

    it('an access token that was revoked stays dead until it has expired', async () => {
      const { access_token } = await login()
      await revoke(access_token)
      for (const seconds of [300, 299]) {
        server().advance(seconds)
        expect(await statusOf(access_token)).toBe(401)
      }
    })
  })
})
