import { describe, expect, it, vi } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { FEDERATED_ACR } from '../../../src/core/authorization/acr.ts'
import { reasons } from '../../../src/core/decisions/reasons.ts'
import { decisionsOf, lastRefusal } from '../../support/authorization.ts'
import {
  type Answer,
  basic,
  claimsOf,
  forEachSharedStore,
  forEachStore,
  TestAs,
} from '../../support/test-as.ts'
import { ALICE, WEB_SECRET } from '../../support/test-config.ts'
import {
  ACCESS_TOKEN,
  bystander,
  corpApi,
  exchange,
  exchangeConfig,
  exchanged,
  GRANT,
  loginForNotes,
  MAIL,
  mailApi,
  NOTES,
  notesApi,
  ORDERS,
  ownToken,
  support,
  VAULT,
} from './support.ts'

const config = exchangeConfig()
const app = { client_id: 'app' }

function expectRefused(answer: Answer, reason: keyof typeof reasons, what = ''): void {
  expect({ status: answer.status, reason: answer.json.reason, what }).toEqual({ status: 400, reason, what })
  expect(answer.json.error).toBe(reasons[reason].error)
  expect(answer.json).not.toHaveProperty('access_token')
}

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = () => loginForNotes(server(), browser)

    describe('POST /oauth2/token, token exchange: what is refused (RFC 8693 §2.2.2, §5)', () => {
      it('incomplete requests, with the fix', async () => {
        const as = server()
        const { access_token: token } = await login()
        expectRefused(await exchange(as, token, { ...app, subject_token: null }), 'subject_token_missing')
        expectRefused(await exchange(as, token, { ...app, subject_token: '' }), 'subject_token_missing')
        const untyped = await exchange(as, token, { ...app, subject_token_type: null })
        expectRefused(untyped, 'subject_token_type_missing')
        expect(untyped.json.fix).toContain(ACCESS_TOKEN)
        const actor = await ownToken(as, mailApi)
        expectRefused(
          await exchange(as, token, { actor_token_type: ACCESS_TOKEN }, notesApi),
          'actor_token_missing',
        )
        expectRefused(await exchange(as, token, { actor_token: actor }, notesApi), 'actor_token_type_missing')
      })

      it('other types of tokens than access tokens', async () => {
        const as = server()
        const { access_token: token, id_token, refresh_token } = await login()
        const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`
        for (const name of ['id_token', 'refresh_token', 'saml2', '']) {
          for (const [member, reason] of [
            ['subject_token_type', 'subject_token_type_unsupported'],
            ['requested_token_type', 'requested_token_type_unsupported'],
          ] as const)
            expectRefused(await exchange(as, token, { ...app, [member]: type(name) }), reason, name)
          expectRefused(
            await exchange(as, token, { actor_token: token, actor_token_type: type(name) }, notesApi),
            'actor_token_type_unsupported',
          )
        }
        expectRefused(
          await exchange(as, token, { ...app, subject_token_type: 'access_token' }),
          'subject_token_type_unsupported',
        )
        // Called access tokens, they are still what they are.
        for (const wrong of [id_token, refresh_token]) {
          expectRefused(await exchange(as, wrong, app), 'subject_token_invalid')
        }
      })

      it('whatever is not a live token of this issuer, as one and the same', async () => {
        const as = server()
        const { access_token: token, refresh_token } = await login()
        const [head, payload, signature] = token.split('.')
        const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
        const claims = { ...claimsOf(token), scope: 'vault:open', aud: VAULT }
        const forged = Buffer.from(JSON.stringify(claims)).toString('base64url')
        const wrong = [
          'x',
          'a.b.c',
          `${token}A`,
          token.slice(0, -1),
          `${none}.${payload}.`,
          `${head}.${forged}.${signature}`,
          `pixy_at_${'A'.repeat(50)}`,
          notesApi.authorization,
          'é',
          'A'.repeat(50_000),
        ]
        for (const value of wrong) {
          expectRefused(await exchange(as, value, app), 'subject_token_invalid', value.slice(0, 30))
          expectRefused(
            await exchange(as, token, { actor_token: value, actor_token_type: ACCESS_TOKEN }, notesApi),
            'actor_token_invalid',
            value.slice(0, 30),
          )
        }
        await as.post('/oauth2/revoke', { token, ...app })
        expectRefused(await exchange(as, token, app), 'subject_token_invalid', 'revoked')
        const fresh = (await as.refresh(refresh_token, app)).json
        const last = String(fresh.access_token)
        await as.post('/oauth2/revoke', { token: String(fresh.refresh_token), ...app })
        expectRefused(await exchange(as, last, app), 'subject_token_invalid', 'its grant was revoked')
      })

      it('a token that is not the client’s to present, and leads nobody to the login that it is from', async () => {
        const as = server()
        const { access_token: token } = await login()
        const plain = await as.login({ client: 'plain', scope: 'openid', browser })
        const answers = [
          await exchange(as, token, {}, bystander),
          await exchange(as, token, {}, mailApi),
          await exchange(as, plain.access_token, app),
          await exchange(as, plain.access_token, {}, support),
          await exchange(as, plain.access_token, {}, notesApi),
        ]
        for (const answer of answers) {
          expectRefused(answer, 'token_exchange_forbidden')
          // The flow in the answer is of this request alone.
          expect(await decisionsOf(as, String(answer.json.flow))).not.toContainEqual(
            expect.objectContaining({ rule: 'code_challenge_missing' }),
          )
        }
        const refusal = await lastRefusal(as)
        expect(refusal).toMatchObject({ rule: 'token_exchange_forbidden', param: 'subject_token' })
        expect(JSON.stringify(refusal)).not.toContain(plain.access_token)
      })

      it('a client’s own token: it has no user', async () => {
        const as = server()
        const own = await ownToken(as, bystander)
        expectRefused(await exchange(as, own, {}, bystander), 'subject_token_without_user')
      })

      it('more scope than the token has, than the user allowed, or than the client may have', async () => {
        const as = server()
        const { access_token: token } = await login()
        const narrow = await exchanged(as, token, { ...app, scope: 'notes:read' })
        const refusals = [
          await exchange(as, narrow, { ...app, scope: 'notes:read notes:write' }),
          await exchange(as, narrow, { ...app, scope: 'openid' }),
          await exchange(as, token, { ...app, scope: 'offline_access' }),
          await exchange(as, token, { ...app, scope: 'vault:open' }),
          await exchange(as, token, { ...app, scope: 'mail:send' }),
          await exchange(as, narrow, { scope: 'notes:write' }, notesApi),
          await exchange(as, token, { resource: MAIL, scope: 'notes:read' }, notesApi),
        ]
        for (const answer of refusals) expectRefused(answer, 'scope_exceeds_grant')
        expectRefused(await exchange(as, token, { ...app, scope: '"x"' }), 'scope_malformed')
        // Without a scope it is only what all three allow: mail-api may not have audit.
        const forMail = await exchanged(as, token, { resource: MAIL }, notesApi)
        expect(claimsOf(forMail).scope).toBe('openid audit mail:send')
        expect(claimsOf(await exchanged(as, forMail, {}, mailApi)).scope).toBe('openid mail:send')
      })

      it('scopes of a login in which the user left them out', async () => {
        const as = server()
        const { access_token: token } = await loginForNotes(as, browser, { scope: 'openid notes:read' })
        const answer = await exchange(as, token, { resource: MAIL }, notesApi)
        expect(answer.json.scope).toBe('openid')
        expectRefused(
          await exchange(as, token, { resource: MAIL, scope: 'mail:send' }, notesApi),
          'scope_exceeds_grant',
        )
      })

      it('another audience than the token has or the policy names', async () => {
        const as = server()
        const { access_token: token } = await login()
        for (const target of [{ resource: VAULT }, { audience: VAULT }, { resource: as.issuer }])
          expectRefused(await exchange(as, token, target, notesApi), 'resource_not_allowed')
        expectRefused(await exchange(as, token, { ...app, resource: MAIL }), 'resource_not_allowed')
        expectRefused(
          await exchange(as, token, { resource: 'https://evil.example' }, notesApi),
          'resource_unknown',
        )
        // What the client's own registration leaves out, it does not get by saying nothing either.
        const mailOnly = basic('mail-only', WEB_SECRET)
        for (const target of [{}, { resource: NOTES }])
          expectRefused(await exchange(as, token, target, mailOnly), 'resource_not_allowed')
        const audience = await exchange(as, token, { audience: 'mail-api' }, notesApi)
        expectRefused(audience, 'resource_unknown')
        expect(audience.json.param).toBe('audience')
        expectRefused(await exchange(as, token, { resource: 'mail' }, notesApi), 'resource_malformed')
        // Both parameters may be repeated (§2.1); a token is for one API all the same.
        for (const name of ['audience', 'resource'])
          expectRefused(
            await as.token(
              new URLSearchParams([
                ['grant_type', GRANT],
                ['subject_token', token],
                ['subject_token_type', ACCESS_TOKEN],
                [name, MAIL],
                [name, ORDERS],
              ]),
              notesApi,
            ),
            'resource_several',
            '',
          )
        expectRefused(
          await exchange(as, token, { resource: MAIL, audience: ORDERS }, notesApi),
          'resource_several',
        )
      })

      it('a way round by a chain: each step is bound by the one before', async () => {
        const as = server()
        const { access_token: token } = await login()
        const narrow = await exchanged(as, token, { ...app, scope: 'openid' })
        const forMail = await exchanged(as, narrow, { resource: MAIL, scope: 'openid' }, notesApi)
        expectRefused(
          await exchange(as, forMail, { scope: 'openid mail:send' }, mailApi),
          'scope_exceeds_grant',
        )
        // The token of another client's exchange is not the app's, though the login was.
        expectRefused(await exchange(as, forMail, app), 'token_exchange_forbidden')
        expectRefused(await exchange(as, forMail, {}, support), 'token_exchange_forbidden')
      })

      it('actors that the policy does not name, public clients with any, and actors who act for another', async () => {
        const as = server()
        const { access_token: token } = await login()
        const actor = { actor_token_type: ACCESS_TOKEN }
        const named = await ownToken(as, bystander)
        expectRefused(
          await exchange(as, token, { ...actor, actor_token: named }, notesApi),
          'token_exchange_forbidden',
        )
        for (const actor_token of [token, named]) {
          const answer = await exchange(as, token, { ...app, ...actor, actor_token })
          expectRefused(answer, 'token_exchange_forbidden')
          expect(answer.json.param).toBe('actor_token')
        }
        const delegated = await exchanged(as, token, {}, notesApi)
        expectRefused(
          await exchange(as, token, { ...actor, actor_token: delegated }, notesApi),
          'actor_token_invalid',
        )
      })

      it('pairwise subjects to clients that would learn from it who the user is (OIDC Core §8.1)', async () => {
        const as = server()
        const { access_token } = await as.login(
          { client: 'pairwise-app', browser, scope: 'openid notes:read', parameters: { resource: NOTES } },
          { resource: NOTES },
        )
        expectRefused(await exchange(as, access_token, {}, notesApi), 'token_exchange_forbidden')
      })

      it('users who are not assigned to the client that exchanges', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(as, access_token, {}, basic('assigned-api', WEB_SECRET))
        expectRefused(answer, 'token_exchange_forbidden')
        expect(answer.json.received).toContain('not assigned')
      })

      it('users of an identity source that the client that exchanges does not trust', async () => {
        const as = server()
        const { access_token } = await login()
        const answer = await exchange(as, access_token, {}, corpApi)
        expectRefused(answer, 'token_exchange_forbidden')
        expect(answer.json).toMatchObject({
          received: expect.stringContaining('pool'),
          expected: expect.stringContaining('corp'),
        })
      })

      it('clients without their credentials', async () => {
        const as = server()
        const { access_token } = await login()
        for (const headers of [{}, basic('notes-api', 'wrong')]) {
          const answer = await exchange(as, access_token, { client_id: 'notes-api' }, headers)
          expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        }
      })

      it('single claims that the user allowed the first client do not come along', async () => {
        const as = server()
        const claims = JSON.stringify({ userinfo: { email: null } })
        const { access_token } = await loginForNotes(as, browser, { parameters: { resource: NOTES, claims } })
        expect((await as.userinfo(access_token)).json).toHaveProperty('email')
        const token = await exchanged(as, access_token, {}, notesApi)
        expect((await as.userinfo(token)).json).toEqual({ sub: claimsOf(access_token).sub })
      })

      it('no token gets into the log', async () => {
        const as = server()
        const { access_token } = await login()
        const token = await exchanged(as, access_token, {}, notesApi)
        await exchange(as, access_token, { resource: VAULT }, notesApi)
        await as.server.pixy.flowLog.flush()
        const events = await as.server.pixy.deps.store.flowEvents.list(null, 100)
        const written = as.server.logs.join('\n') + JSON.stringify(events)
        expect(written).toContain('notes-api acts for')
        for (const secret of [access_token, token]) expect(written).not.toContain(secret.split('.')[2])
      })
    })
  },
  { config },
)

forEachStore((start) => {
  it('a token of another workspace is worth nothing, as subject and as actor', async () => {
    const [tenant] = config.tenants ?? []
    const [main] = tenant?.workspaces ?? []
    if (!tenant || !main) throw new Error('the configuration has no workspace')
    const lab = { ...main, id: 'lab', path: '/lab' }
    const { server } = await start({
      config: { ...config, tenants: [{ ...tenant, workspaces: [main, lab] }] },
    })
    const [here, there] = [new TestAs(server, server.url), new TestAs(server, `${server.url}/lab`)]
    expect(here.issuer).not.toBe(there.issuer)
    const [own, foreign] = [
      await loginForNotes(here, new FormBrowser()),
      await loginForNotes(there, new FormBrowser()),
    ]
    expect((await exchange(there, foreign.access_token, {}, notesApi)).status).toBe(200)
    expectRefused(await exchange(here, foreign.access_token, {}, notesApi), 'subject_token_invalid')
    const actor_token = await ownToken(there, notesApi)
    expectRefused(
      await exchange(here, own.access_token, { actor_token, actor_token_type: ACCESS_TOKEN }, notesApi),
      'actor_token_invalid',
    )
    const opaque = await exchanged(there, foreign.access_token, { resource: ORDERS }, notesApi)
    expectRefused(await exchange(here, opaque, {}, mailApi), 'subject_token_invalid')
  })

  it('a policy that was stored for a client that is public by now gives it nothing', async () => {
    const as = await start({ config })
    const { store, workspaces } = as.server.pixy.deps
    const client = await store.clients.find(workspaces.list()[0]?.id ?? '', 'app')
    if (!client) throw new Error('the client is not there')
    const token_exchange = { subject_clients: ['plain'], target_resources: [MAIL], impersonation: true }
    await store.clients.update({ ...client, metadata: { ...client.metadata, token_exchange } })
    await workspaces.refresh()
    const own = await loginForNotes(as, new FormBrowser())
    expectRefused(await exchange(as, own.access_token, { ...app, resource: MAIL }), 'resource_not_allowed')
    const plain = await as.login({ client: 'plain', scope: 'openid', browser: new FormBrowser() })
    expectRefused(await exchange(as, plain.access_token, app), 'token_exchange_forbidden')
  })

  it('a user who was taken off a client since: neither its tokens, nor what they were exchanged for, nor as an actor', async () => {
    const as = await start({ config })
    const { store, workspaces } = as.server.pixy.deps
    const first = await as.login(
      { client: 'assigned', scope: 'openid mail:send', parameters: { resource: NOTES } },
      { client_id: 'assigned', resource: NOTES },
    )
    const forMail = await exchanged(as, first.access_token, { resource: MAIL }, notesApi)
    const { access_token } = await loginForNotes(as, new FormBrowser())
    const other = await exchanged(as, access_token, { resource: MAIL }, notesApi)
    const actor = { actor_token: first.access_token, actor_token_type: ACCESS_TOKEN }
    expect((await exchange(as, forMail, {}, mailApi)).status).toBe(200)
    expect((await exchange(as, other, actor, mailApi)).status).toBe(200)

    const user = await store.users.findByUsername(workspaces.list()[0]?.id ?? '', 'pool', ALICE.username)
    if (!user) throw new Error('Alice is not there')
    await store.users.update({ ...user, clients: [] })
    expectRefused(await exchange(as, first.access_token, {}, notesApi), 'token_exchange_forbidden', '')
    expectRefused(await exchange(as, forMail, {}, mailApi), 'token_exchange_forbidden')
    expectRefused(await exchange(as, other, actor, mailApi), 'token_exchange_forbidden')
    expect((await exchange(as, other, {}, mailApi)).status).toBe(200)
  })

  it('a client trusts whom an application with the same identity sources let in', async () => {
    const as = await start({ config })
    const { store, workspaces } = as.server.pixy.deps
    const { access_token } = await loginForNotes(as, new FormBrowser())
    const app = await store.clients.find(workspaces.list()[0]?.id ?? '', 'app')
    if (!app) throw new Error('the client is not there')
    // As where the account of a pool is linked with one of another source.
    await store.clients.update({ ...app, metadata: { ...app.metadata, identity_sources: ['corp'] } })
    await workspaces.refresh()
    expect((await exchange(as, access_token, {}, corpApi)).status).toBe(200)
  })

  it('an account of a trusted source counts for it, unless another provider let its owner in', async () => {
    const as = await start({ config })
    const { store, workspaces } = as.server.pixy.deps
    const workspaceId = workspaces.list()[0]?.id ?? ''
    const { access_token } = await loginForNotes(as, new FormBrowser())
    const grantId = String(claimsOf(access_token).jti).split('.')[0] ?? ''
    const grant = await store.grants.find(workspaceId, grantId)
    const user = await store.users.findByUsername(workspaceId, 'pool', ALICE.username)
    if (!grant || !user) throw new Error('Alice’s grant is not there')
    vi.spyOn(store.users, 'find').mockResolvedValue({ ...user, sourceId: 'corp' })
    expect((await exchange(as, access_token, {}, corpApi)).status).toBe(200)
    const authorization = { ...grant.authorization, acr: FEDERATED_ACR }
    vi.spyOn(store.grants, 'find').mockResolvedValue({ ...grant, authorization })
    expectRefused(await exchange(as, access_token, {}, corpApi), 'token_exchange_forbidden')
  })

  it('whether a token has expired or never lived is for the owner alone', async () => {
    const as = await start({ config })
    const { access_token } = await loginForNotes(as, new FormBrowser())
    as.advance(601)
    const [expired, never] = [await exchange(as, access_token, app), await exchange(as, 'x', app)]
    for (const answer of [expired, never]) expectRefused(answer, 'subject_token_invalid')
    const told = ({ json }: Answer) => [json.error, json.error_description, json.reason]
    expect(told(expired)).toEqual(told(never))
    expect(expired.json.received).toBe('token_expired')
  })
})
