import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import { aClient, aConfig, problemsOf } from '../../config/support.ts'
import { aUser, expectRefused, open, openPage, press, signedIn, signIn } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { basic, claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { ALICE, WEB_SECRET } from '../../support/test-config.ts'
import { CALLBACK, cloudentityConfig } from './config.ts'

const TESTER = { username: 'tester@sandbox.example', password: 'a sandbox has long passwords too' }
/** The same name as Alice's in the other pool, with a password of its own. */
const PARTNER_ALICE = { ...ALICE, password: 'another person of the same name' }

const base = cloudentityConfig().tenants?.[0]?.workspaces?.[0]
const config = cloudentityConfig({
  identity_sources: [
    { id: 'pool', type: 'pool' },
    { id: 'partners', type: 'pool', name: 'Partners' },
    { id: 'sandbox', type: 'sandbox', users: [{ ...TESTER, claims: { name: 'Tess Tester' } }] },
  ],
  users: [
    ...(base?.users ?? []),
    { source: 'partners', ...PARTNER_ALICE, claims: { name: 'Alice Partner' } },
  ],
  clients: [
    ...(base?.clients ?? []),
    {
      client_id: 'trial',
      redirect_uris: [CALLBACK],
      identity_sources: ['sandbox'],
      dialects: ['cloudentity'],
    },
    { client_id: 'partner-app', redirect_uris: [CALLBACK], identity_sources: ['partners'] },
  ],
})

forEachSharedStore(
  (as) => {
    describe('identity sources of a client', () => {
      it('S3-20 the sandbox has users for tests, for the clients that name it', async () => {
        const { id_token, access_token } = await as().login({
          client: 'trial',
          user: TESTER,
          scope: 'openid profile',
        })
        expect(claimsOf(id_token).sub).toMatch(/./)
        expect((await as().userinfo(access_token)).json.name).toBe('Tess Tester')
        for (const [client, user] of [
          ['spa', TESTER],
          ['trial', ALICE],
        ] as const) {
          const browser = new FormBrowser()
          const { page, response } = await signIn(
            browser,
            await openPage(as(), browser, 'sign-in', { client }),
            user,
          )
          expect(response).toBeUndefined()
          expect(pageName(page)).toBe('sign-in')
        }
      })

      it('S3-20 the sandbox never goes into production', () => {
        const sandbox = aConfig({ identity_sources: [{ id: 'sandbox', type: 'sandbox' }], clients: [] })
        expect(problemsOf(sandbox)).toEqual([])
        expect(problemsOf(sandbox, true)).toEqual([expect.stringContaining('sandbox')])
      })

      it('S3-22 identity pools are stores of their own: the same name in two is two people', async () => {
        const one = await as().login({ client: 'spa', user: ALICE, scope: 'openid profile' })
        const other = await as().login({
          client: 'partner-app',
          user: PARTNER_ALICE,
          scope: 'openid profile',
        })
        expect(claimsOf(one.id_token).sub).not.toBe(claimsOf(other.id_token).sub)
        expect((await as().userinfo(one.access_token)).json.name).toBe('Alice Adams')
        expect((await as().userinfo(other.access_token)).json.name).toBe('Alice Partner')
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', { client: 'partner-app' })
        expect(pageName((await signIn(browser, page, ALICE)).page)).toBe('sign-in')
      })

      it('S3-22 a session of one pool is none for a client of another', async () => {
        const browser = await signedIn(as(), ALICE, { client: 'spa', scope: 'openid' })
        const silent = { client: 'partner-app', scope: 'openid', parameters: { prompt: 'none' } }
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })
      })
    })

    describe('settings of a client', () => {
      it('S3-01 S3-23 S3-24 PKCE is enforced unless the owner of a confidential client switches it off', async () => {
        const none = { parameters: { code_challenge: null, code_challenge_method: null } }
        for (const client of ['spa', 'web']) {
          expectRefused(as(), await open(as(), new FormBrowser(), { client, ...none }), {
            error: 'invalid_request',
            reason: 'code_challenge_missing',
          })
        }
        const { status } = await as().redeem(
          await as().authorize({ client: 'web-no-pkce', user: await aUser(as()), ...none }),
          { code_verifier: null, client_secret: WEB_SECRET },
        )
        expect(status).toBe(200)
      })

      it('S3-23 S3-24 the switch is locked for public clients, and method none needs it', () => {
        expect(
          problemsOf(
            aConfig({ clients: [aClient({ token_endpoint_auth_method: 'none', require_pkce: false })] }),
          ),
        ).toEqual([expect.stringMatching(/require_pkce.*PKCE is all that protects its codes/)])
        expect(problemsOf(aConfig({ clients: [aClient({ token_endpoint_auth_method: 'none' })] }))).toEqual(
          [],
        )
      })

      it('S3-24 a client with method none has no secret to send', async () => {
        const one = await as().authorize({ client: 'spa', user: await aUser(as()) })
        const refused = await as().redeem(one, { client_secret: 'something' })
        expect(refused).toMatchObject({ status: 401, json: { reason: 'client_secret_unexpected' } })
      })

      it('S3-30 grant types are chosen for each client', async () => {
        const user = await aUser(as())
        const scope = 'openid offline_access'
        const { json } = await as().redeem(await as().authorize({ client: 'code-only', user, scope }))
        expect(json).not.toHaveProperty('refresh_token')
        const { refresh_token } = await as().login({ client: 'spa', user: await aUser(as()), scope })
        expect(refresh_token).toMatch(/./)
        expect(await as().refresh(refresh_token, { client_id: 'code-only' })).toMatchObject({
          status: 400,
          json: { error: 'unauthorized_client', reason: 'grant_type_not_allowed' },
        })
        const machine = { grant_type: 'client_credentials', client_id: 'machine', client_secret: WEB_SECRET }
        expect((await as().token({ ...machine, scope: 'notes:read' })).json).toMatchObject({
          scope: 'notes:read',
        })
        const web = { ...machine, client_id: 'web' }
        expect((await as().token(web)).json).toMatchObject({ reason: 'grant_type_not_allowed' })
        const method = await as().token({ grant_type: 'client_credentials' }, basic('machine', WEB_SECRET))
        expect(method.status).toBe(401)
      })
    })

    describe('the consent form', () => {
      it('S3-26 follows the scopes: one that is new asks again, says so, and leaves the others as they were', async () => {
        const browser = new FormBrowser()
        const user = await aUser(as())
        await as().authorize({ scope: 'openid profile', user, browser })
        const silent = await open(as(), browser, { scope: 'openid profile' })
        expect(silent.response?.searchParams.get('code')).toMatch(/./)

        const page = await openPage(as(), browser, 'consent', { scope: 'openid profile notes:read' })
        expect(readForm(page).checkboxes.map(({ value }) => value)).toEqual([
          'openid',
          'profile',
          'notes:read',
        ])
        const rows = page.body.split('<li class="scope">').slice(1)
        expect(rows.map((row) => row.includes('badge fresh'))).toEqual([false, false, true])
        expect(page.body).toContain('See your notes')

        const { response } = await press(browser, page, ['action', 'allow'], ['scope', 'profile'])
        expect(response?.searchParams.get('code')).toMatch(/./)
        // Declined is an answer too: it is not asked again.
        const again = await open(as(), browser, { scope: 'openid profile notes:read' })
        expect(again.response?.searchParams.get('code')).toMatch(/./)
      })

      it('S3-26 its words are the workspace’s, and change with it', async () => {
        const { pixy } = as().server
        const workspace = pixy.deps.workspaces.list()[0]
        if (!workspace) throw new Error('there is no workspace')
        const { record } = workspace
        const scopes = [{ name: 'notes:read', description: 'Read all that you wrote', sensitive: true }]
        await pixy.deps.store.workspaces.put({ ...record, settings: { ...record.settings, scopes } })
        await pixy.deps.workspaces.reload()
        try {
          const browser = new FormBrowser()
          const { page } = await signIn(
            browser,
            await openPage(as(), browser, 'sign-in', { scope: 'openid notes:read notes:write' }),
            await aUser(as()),
          )
          expect(page.body).toContain('Read all that you wrote')
          expect(readForm(page).checkboxes.map(({ value, checked }) => [value, checked])).toEqual([
            ['openid', true],
            ['notes:read', false],
          ])
        } finally {
          await pixy.deps.store.workspaces.put(record)
          await pixy.deps.workspaces.reload()
        }
      })
    })
  },
  { config, hasher: quickHasher() },
)
