import * as oidc from 'openid-client'
import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { updateClient } from '../../../src/admin-api/clients/update.ts'
import { verified } from '../../support/jwt.ts'
import { claimsOf, forEachSharedStore, forEachStore, type Tokens } from '../../support/test-as.ts'
import { BOB, WEB_SECRET } from '../../support/test-config.ts'
import {
  ACCESS_TOKEN,
  actOf,
  auditor,
  bystander,
  exchange,
  exchangeConfig,
  exchanged,
  GRANT,
  introspect,
  JWT,
  loginForNotes,
  MAIL,
  mailApi,
  NOTES,
  notesApi,
  ORDERS,
  ownToken,
  support,
} from './support.ts'

const config = exchangeConfig()

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = () => loginForNotes(server(), browser)

    describe('POST /oauth2/token, token exchange (RFC 8693)', () => {
      it('S3-30 other grants are selectable per client: token exchange for those that list it, and no others', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(as, access_token, { client_id: 'app' })
        expect(answer.status).toBe(200)
        for (const [form, headers] of [
          [{ client_id: 'plain' }, {}],
          [{}, { authorization: notesApi.authorization.replace(btoa('notes-api'), btoa('no-grant')) }],
        ] as const) {
          const refused = await exchange(as, access_token, form, headers)
          expect(refused.status).toBeGreaterThanOrEqual(400)
        }
        expect(await exchange(as, access_token, { client_id: 'plain' })).toMatchObject({
          status: 400,
          json: { error: 'unauthorized_client', reason: 'grant_type_not_allowed' },
        })
        const metadata = await as.request('/.well-known/openid-configuration')
        expect(metadata.json.grant_types_supported).toContain(
          'urn:ietf:params:oauth:grant-type:token-exchange',
        )
      })

      it('a public client narrows its own token: fewer scopes, the same user and API, no ID and no refresh token', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(as, access_token, { client_id: 'app', scope: 'notes:read' })
        expect(answer.headers.get('cache-control')).toBe('no-store')
        const { access_token: narrow, expires_in, ...rest } = answer.json as unknown as Tokens
        expect(rest).toEqual({ issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', scope: 'notes:read' })
        expect(expires_in).toBeLessThanOrEqual(600)
        const claims = await verified(as, narrow, NOTES, 'at+jwt')
        const before = claimsOf(access_token)
        expect(claims).toMatchObject({
          sub: before.sub,
          aud: NOTES,
          client_id: 'app',
          scope: 'notes:read',
          auth_time: before.auth_time,
        })
        expect(claims).not.toHaveProperty('act')
        expect(claims.jti).not.toBe(before.jti)
      })

      it('without scope it is what the presented token has, but for offline_access', async () => {
        const as = server()
        const { access_token } = await login()
        expect(claimsOf(access_token).scope).toContain('offline_access')
        const answer = await exchange(as, access_token, { client_id: 'app' })
        expect(answer.json.scope).toBe('openid notes:read notes:write audit')
        expect(answer.json).not.toHaveProperty('refresh_token')
        expect(answer.json).not.toHaveProperty('id_token')
        expect((await as.userinfo(String(answer.json.access_token))).status).toBe(200)
      })

      it('an API acts for the user at the next one, with what the user allowed there, and is named (§4.1)', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(
          as,
          access_token,
          { resource: MAIL, scope: 'mail:send', requested_token_type: ACCESS_TOKEN },
          notesApi,
        )
        expect(answer.json).toMatchObject({ scope: 'mail:send', issued_token_type: ACCESS_TOKEN })
        const token = String(answer.json.access_token)
        const claims = await verified(as, token, MAIL, 'at+jwt')
        expect(claims).toMatchObject({
          sub: claimsOf(access_token).sub,
          client_id: 'notes-api',
          act: { sub: 'notes-api' },
        })
        expect(await introspect(as, token, mailApi)).toMatchObject({
          active: true,
          client_id: 'notes-api',
          sub: claims.sub,
          aud: MAIL,
          scope: 'mail:send',
          act: { sub: 'notes-api' },
        })
        // The app that the login was in learns nothing of it, and cannot end it alone.
        const revoked = await as.post('/oauth2/revoke', { token, client_id: 'app' })
        expect(revoked).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
        expect((await introspect(as, token, mailApi)).active).toBe(true)
        await as.post('/oauth2/revoke', { token }, notesApi)
        expect(await introspect(as, token, mailApi)).toEqual({ active: false })
        expect((await introspect(as, access_token, notesApi)).active).toBe(true)
      })

      it('the audience may be named by audience as well, and the same twice is one', async () => {
        const as = server()
        const { access_token } = await login()
        for (const target of [{ audience: MAIL }, { audience: MAIL, resource: `${MAIL}/` }]) {
          const token = await exchanged(as, access_token, target, notesApi)
          expect(claimsOf(token).aud).toBe(MAIL)
        }
        const same = await exchanged(as, access_token, { audience: NOTES }, notesApi)
        expect(claimsOf(same)).toMatchObject({ aud: NOTES, act: { sub: 'notes-api' } })
      })

      it('of a new API it gets what the user allowed there, and nothing that is of the old one', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(as, access_token, { resource: MAIL }, notesApi)
        expect(answer.json.scope).toBe('openid audit mail:send')
      })

      it('the chain of actors grows, the newest outermost, and ends at five', async () => {
        const as = server()
        const { access_token } = await login()
        let token = await exchanged(as, access_token, { resource: MAIL }, notesApi)
        token = await exchanged(as, token, { resource: NOTES }, mailApi)
        expect(actOf(token)).toEqual({ sub: 'mail-api', act: { sub: 'notes-api' } })
        // Narrowing one's own token makes nobody act a second time.
        const narrowed = await exchanged(as, token, { scope: 'notes:read' }, mailApi)
        expect(actOf(narrowed)).toEqual(actOf(token))
        token = await exchanged(as, token, { resource: MAIL }, notesApi)
        token = await exchanged(as, token, { resource: NOTES }, mailApi)
        token = await exchanged(as, token, { resource: MAIL }, notesApi)
        expect(JSON.stringify(actOf(token)).match(/"sub"/g)).toHaveLength(5)
        expect(await exchange(as, token, { resource: NOTES }, mailApi)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request', reason: 'actor_chain_too_long' },
        })
      })

      it('actor_token names another actor: a client, or a person with the client they use', async () => {
        const as = server()
        const { access_token } = await login()
        const forMail = await exchanged(as, access_token, { resource: MAIL }, notesApi)
        const token = await exchanged(
          as,
          forMail,
          { actor_token: await ownToken(as, bystander), actor_token_type: ACCESS_TOKEN },
          mailApi,
        )
        expect(actOf(token)).toEqual({ sub: 'bystander', act: { sub: 'notes-api' } })

        const bob = await as.login(
          { client: 'support', user: BOB, scope: 'openid' },
          { client_id: null },
          support,
        )
        const asBob = await exchanged(
          as,
          access_token,
          { actor_token: bob.access_token, actor_token_type: JWT },
          support,
        )
        expect(actOf(asBob)).toEqual({ sub: claimsOf(bob.access_token).sub, client_id: 'support' })
        expect(claimsOf(asBob)).toMatchObject({ sub: claimsOf(access_token).sub, client_id: 'support' })
      })

      it('impersonation names nobody, only where the policy says so, and the log tells who it was', async () => {
        const as = server()
        const { access_token } = await login()
        const token = await exchanged(as, access_token, { scope: 'notes:read' }, support)
        expect(claimsOf(token)).toMatchObject({ client_id: 'support', sub: claimsOf(access_token).sub })
        expect(claimsOf(token)).not.toHaveProperty('act')
        const line = as.server.logs.findLast((text) => text.includes('token exchange: impersonated'))
        expect(JSON.parse(line ?? '{}')).toMatchObject({
          client: 'support',
          subject_client: 'app',
          user: claimsOf(access_token).sub,
        })
        expect(line).not.toContain(token)
        expect(line).not.toContain(access_token)
      })

      it('does not hide who acted before, even by impersonation', async () => {
        const as = server()
        const { access_token } = await login()
        const bob = await as.login(
          { client: 'support', user: BOB, scope: 'openid' },
          { client_id: null },
          support,
        )
        const asBob = await exchanged(
          as,
          access_token,
          { actor_token: bob.access_token, actor_token_type: ACCESS_TOKEN },
          support,
        )
        expect(actOf(await exchanged(as, asBob, {}, support))).toEqual(actOf(asBob))
      })

      it('the log tells who acts, not who acted before', async () => {
        const as = server()
        const { access_token } = await login()
        const lastLine = () => as.server.logs.findLast((text) => text.includes('token exchange: ')) ?? ''
        const delegated = await exchanged(as, access_token, {}, notesApi)
        expect(lastLine()).toContain('delegated')
        // A token of its own in the name of another actor is no mere narrowing.
        const actor = { actor_token: await ownToken(as, notesApi), actor_token_type: ACCESS_TOKEN }
        await exchanged(as, delegated, actor, notesApi)
        expect(lastLine()).toContain('delegated')
        await exchanged(as, delegated, {}, notesApi)
        expect(lastLine()).toContain('narrowed')
        await exchanged(as, delegated, {}, auditor)
        expect(lastLine()).toContain('impersonated')
      })

      it('jwt is a name for both tokens where they are JWTs; opaque ones are called access_token', async () => {
        const as = server()
        const { access_token } = await login()
        const both = await exchange(
          as,
          access_token,
          { subject_token_type: JWT, requested_token_type: JWT },
          notesApi,
        )
        expect(both.json.issued_token_type).toBe(JWT)
        const opaque = await exchanged(as, access_token, { resource: ORDERS }, notesApi)
        expect(opaque).toMatch(/^pixy_at_/)
        expect(
          await exchange(as, access_token, { resource: ORDERS, requested_token_type: JWT }, notesApi),
        ).toMatchObject({
          status: 400,
          json: { error: 'invalid_request', reason: 'requested_token_type_unsupported' },
        })
        expect(await exchange(as, opaque, { subject_token_type: JWT }, mailApi)).toMatchObject({
          status: 400,
          json: { error: 'invalid_request', reason: 'subject_token_invalid' },
        })
      })

      it('openid-client asks for it, and finds the grant type in the metadata', async () => {
        const as = server()
        const { access_token } = await login()
        const library = await oidc.discovery(
          new URL(as.issuer),
          'notes-api',
          undefined,
          oidc.ClientSecretBasic(WEB_SECRET),
          { execute: [oidc.allowInsecureRequests] },
        )
        expect(library.serverMetadata().grant_types_supported).toContain(GRANT)
        const tokens = await oidc.genericGrantRequest(library, GRANT, {
          subject_token: access_token,
          subject_token_type: ACCESS_TOKEN,
          audience: MAIL,
          scope: 'mail:send',
        })
        expect(tokens).toMatchObject({ issued_token_type: ACCESS_TOKEN, scope: 'mail:send' })
        expect(actOf(tokens.access_token)).toEqual({ sub: 'notes-api' })
      })

      it('opaque tokens hold the chain too', async () => {
        const as = server()
        const { access_token } = await login()
        const opaque = await exchanged(as, access_token, { resource: ORDERS }, notesApi)
        expect(await introspect(as, opaque, mailApi)).toMatchObject({
          active: true,
          client_id: 'notes-api',
          act: { sub: 'notes-api' },
        })
        const next = await exchanged(as, opaque, {}, mailApi)
        expect(await introspect(as, next, mailApi)).toMatchObject({
          act: { sub: 'mail-api', act: { sub: 'notes-api' } },
        })
        expect((await as.post('/oauth2/revoke', { token: next }, mailApi)).status).toBe(200)
        expect(await introspect(as, next, mailApi)).toEqual({ active: false })
        expect((await introspect(as, opaque, mailApi)).active).toBe(true)
      })
    })
  },
  { config },
)

forEachStore((start) => {
  describe('the life of an exchanged token', () => {
    it('never outlives the token that was presented', async () => {
      const as = await start({ config })
      const { access_token } = await loginForNotes(as, new FormBrowser())
      as.advance(590)
      const answer = await exchange(as, access_token, { resource: MAIL }, notesApi)
      expect(answer.json.expires_in).toBeLessThanOrEqual(10)
      const token = String(answer.json.access_token)
      expect(claimsOf(token).exp).toBe(claimsOf(access_token).exp)
      const opaque = await exchanged(as, access_token, { resource: ORDERS }, notesApi)
      expect((await introspect(as, opaque, mailApi)).exp).toBe(claimsOf(access_token).exp)
      as.advance(10)
      expect(await introspect(as, token, mailApi)).toEqual({ active: false })
      expect(await introspect(as, opaque, mailApi)).toEqual({ active: false })
      expect(await exchange(as, access_token, {}, notesApi)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'subject_token_invalid' },
      })
    })

    it('ends with the grant of the user, JWT and opaque', async () => {
      const as = await start({ config })
      const { access_token, refresh_token } = await loginForNotes(as, new FormBrowser())
      const tokens = [
        await exchanged(as, access_token, { resource: MAIL }, notesApi),
        await exchanged(as, access_token, { resource: ORDERS }, notesApi),
      ]
      for (const token of tokens) expect((await introspect(as, token, mailApi)).active).toBe(true)
      await as.post('/oauth2/revoke', { token: refresh_token, client_id: 'app' })
      for (const token of tokens) expect(await introspect(as, token, mailApi)).toEqual({ active: false })
      expect(await exchange(as, tokens[0] ?? '', {}, mailApi)).toMatchObject({ status: 400 })
    })

    it('ends when the client of the login is disabled, the one that exchanged it, or the user', async () => {
      const as = await start({ config })
      const { deps } = as.server.pixy
      const { access_token } = await loginForNotes(as, new FormBrowser())
      const token = await exchanged(as, access_token, { resource: MAIL }, notesApi)
      const set = async (client_id: string, enabled: boolean) => {
        await updateClient.run(deps, { client_id, enabled })
        await deps.workspaces.refresh()
      }
      for (const client of ['app', 'notes-api']) {
        await set(client, false)
        expect(await introspect(as, token, mailApi), client).toEqual({ active: false })
        await set(client, true)
        expect((await introspect(as, token, mailApi)).active).toBe(true)
      }
      await as.request(`${as.server.url}/__test/users`, {
        method: 'POST',
        body: JSON.stringify({ username: 'alice@example.com', enabled: false }),
      })
      expect(await introspect(as, token, mailApi)).toEqual({ active: false })
      expect(await exchange(as, access_token, {}, notesApi)).toMatchObject({
        status: 400,
        json: { reason: 'subject_token_invalid' },
      })
    })
  })
})
