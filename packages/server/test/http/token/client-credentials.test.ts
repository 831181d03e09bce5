import { describe, expect, it } from 'vitest'
import { expectGoldenJson } from '../../support/golden.ts'
import { masked, verified } from '../../support/jwt.ts'
import { basic, claimsOf, forEachSharedStore, headerOf, type Tokens } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const config = testConfig({
  clients: [
    {
      client_id: 'opaque-machine',
      client_secret: WEB_SECRET,
      access_token_format: 'opaque',
      grant_types: ['client_credentials'],
      scope: 'notes:read',
    },
  ],
})
const web = basic('web', WEB_SECRET)

forEachSharedStore(
  (server) => {
    const request = (
      form: Readonly<Record<string, string>> = {},
      headers: Readonly<Record<string, string>> = web,
    ) => server().token({ grant_type: 'client_credentials', ...form }, headers)

    describe('POST /oauth2/token, client_credentials (RFC 6749 §4.4)', () => {
      it('TK-23: issues an access token for the client itself, without refresh or ID token', async () => {
        const as = server()
        const answer = await request({ scope: 'notes:read notes:write', resource: 'https://api.example' })
        expect(answer.status).toBe(200)
        expect(answer.json).not.toHaveProperty('refresh_token')
        expect(answer.json).not.toHaveProperty('id_token')
        expect(answer.json).toMatchObject({
          token_type: 'Bearer',
          expires_in: 600,
          scope: 'notes:read notes:write',
        })
        const { access_token } = answer.json as unknown as Tokens
        const claims = await verified(as, access_token, 'https://api.example', 'at+jwt')
        expect(claims.sub).toBe('web')
        expectGoldenJson('tokens/client-credentials.json', {
          header: masked(headerOf(access_token)),
          claims: { ...masked(claims), sub: claims.sub },
        })
      })

      it('TK-23: neither openid nor offline_access makes a user of a client', async () => {
        const as = server()
        const answer = await request({ scope: 'openid profile offline_access notes:read' })
        expect(answer).toMatchObject({ status: 200, json: { scope: 'notes:read' } })
        expect(answer.json).not.toHaveProperty('id_token')
        expect(answer.json).not.toHaveProperty('refresh_token')
        const refused = await as.userinfo(String(answer.json.access_token))
        expect(refused).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } })
        expect(
          (await as.userinfo(String((await request({ scope: 'openid' })).json.access_token))).status,
        ).toBe(403)
      })

      it('without scope and resource it is for the issuer, and holds no scope', async () => {
        const as = server()
        const { access_token, ...rest } = (await request()).json as unknown as Tokens
        expect(claimsOf(access_token)).toMatchObject({ aud: as.issuer, sub: 'web', client_id: 'web' })
        expect(claimsOf(access_token)).not.toHaveProperty('scope')
        // RFC 6749 App. A.4: a scope has at least one token, so an empty one is left out.
        expect(rest).not.toHaveProperty('scope')
      })

      it('TK-23: a public client is refused, and so is one that is not registered for it', async () => {
        const as = server()
        expect(await as.token({ grant_type: 'client_credentials', client_id: 'spa' })).toMatchObject({
          status: 400,
          json: { error: 'unauthorized_client' },
        })
        expect(
          await as.token({
            grant_type: 'client_credentials',
            client_id: 'web-post',
            client_secret: WEB_SECRET,
          }),
        ).toMatchObject({
          status: 400,
          json: { error: 'unauthorized_client' },
        })
      })

      it('TK-23: grants no unknown scope and none beyond the registration', async () => {
        expect(await request({ scope: 'unknown' })).toMatchObject({
          status: 400,
          json: { error: 'invalid_scope' },
        })
        expect((await request({ scope: 'notes:read unknown' })).json.scope).toBe('notes:read')
        const machine = basic('opaque-machine', WEB_SECRET)
        expect(await request({ scope: 'notes:read notes:write' }, machine)).toMatchObject({
          status: 400,
          json: { error: 'invalid_scope' },
        })
        expect(await request({ scope: 'notes:read\u0000' })).toMatchObject({ status: 400 })
        expect(await request({ scope: '"quoted"' })).toMatchObject({
          status: 400,
          json: { error: 'invalid_scope' },
        })
      })

      it('refuses unknown, malformed and several resources with invalid_target', async () => {
        for (const resource of [
          'https://evil.example',
          'api',
          'https://api.example#x',
          '/api',
          `https://api.example/${'x'.repeat(3000)}`,
        ]) {
          expect(await request({ resource }), resource).toMatchObject({
            status: 400,
            json: { error: 'invalid_target' },
          })
        }
        const form = new URLSearchParams({ grant_type: 'client_credentials' })
        form.append('resource', 'https://api.example')
        form.append('resource', 'https://other.example')
        expect(await server().token(form, web)).toMatchObject({
          status: 400,
          json: { error: 'invalid_target' },
        })
      })

      it('opaque tokens of a client live by introspection, and end by revocation', async () => {
        const as = server()
        const machine = basic('opaque-machine', WEB_SECRET)
        const token = String((await request({ scope: 'notes:read' }, machine)).json.access_token)
        expect(token).toMatch(/^pixy_at_[A-Za-z0-9]{50}$/)
        const introspect = async () => (await as.post('/oauth2/introspect', { token }, machine)).json
        expect(await introspect()).toMatchObject({
          active: true,
          sub: 'opaque-machine',
          client_id: 'opaque-machine',
          scope: 'notes:read',
          aud: as.issuer,
        })
        expect((await as.post('/oauth2/revoke', { token }, machine)).status).toBe(200)
        expect(await introspect()).toEqual({ active: false })
      })

      it('a JWT of a client ends by revocation too, as far as we are asked', async () => {
        const as = server()
        const token = String((await request()).json.access_token)
        expect((await as.post('/oauth2/introspect', { token }, web)).json.active).toBe(true)
        await as.post('/oauth2/revoke', { token }, web)
        expect((await as.post('/oauth2/introspect', { token }, web)).json).toEqual({ active: false })
      })
    })
  },
  { config },
)
