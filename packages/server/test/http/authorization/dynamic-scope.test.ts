import { describe, expect, it } from 'vitest'
import { FormBrowser, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  decisionsOf,
  expectRefused,
  flowOf,
  lastRefusal,
  open,
  openPage,
  type Person,
  plain,
  press,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type AuthorizeOptions, basic, claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const BANK = 'https://bank.example'
const SHOP = 'https://shop.example'

const config = testConfig({
  workspace: {
    signing_algs: ['ES256'],
    default_scope: 'openid transfers.default',
    scopes: [
      { name: 'transfers.{account}', description: 'Transfer <b>money</b> from account {account}' },
      { name: 'transfers.all', description: 'Transfer from every account' },
      { name: 'audit/{account}', required: true },
      { name: 'close/{bank}/{account}', description: 'Close {account} at {bank}', sensitive: true },
      { name: 'notes:read' },
      { name: 'notes:write' },
      { name: 'notes:delete' },
    ],
    resources: [
      {
        identifier: BANK,
        scopes: ['transfers.{account}', 'close/{bank}/{account}'],
        introspection_clients: ['web'],
      },
      { identifier: SHOP, scopes: ['notes:read'] },
    ],
  },
  clients: [
    {
      client_id: 'bank-app',
      redirect_uris: [CALLBACK],
      scope:
        'openid profile offline_access transfers.{account} transfers.all audit/{account} close/{bank}/{account}',
    },
    { client_id: 'one-account', redirect_uris: [CALLBACK], scope: 'openid transfers.12345' },
    { client_id: 'every-scope', redirect_uris: [CALLBACK] },
    {
      client_id: 'own-bank',
      redirect_uris: [CALLBACK],
      consent: 'implied',
      scope: 'openid transfers.{account} close/{bank}/{account}',
    },
    {
      client_id: 'bank-job',
      client_secret: WEB_SECRET,
      grant_types: ['client_credentials'],
      scope: 'transfers.{account}',
    },
  ],
})

forEachSharedStore(
  (as) => {
    const at = (options: AuthorizeOptions): AuthorizeOptions => ({ client: 'bank-app', ...options })

    /** The consent page of somebody who has just signed in, or of a browser where somebody is. */
    async function consentPage(options: AuthorizeOptions, person?: Person) {
      const browser = options.browser ?? new FormBrowser()
      if (options.browser) return { browser, page: await openPage(as(), browser, 'consent', at(options)) }
      const signInPage = await openPage(as(), browser, 'sign-in', at(options))
      const { page } = await signIn(browser, signInPage, person ?? (await aUser(as())))
      return { browser, page }
    }
    const boxes = (page: Visit) => readForm(page).checkboxes.map((box) => box.value)
    const labels = (page: Visit) =>
      [...page.body.matchAll(/<label for="scope-\d+"[^>]*>([\s\S]*?)<\/label>/g)].map(([, html]) =>
        plain(html),
      )

    describe('dynamic scopes in an authorization request (RFC 6749 §3.3)', () => {
      it('S3-25 carry their value through consent, token response, access token, refresh and introspection', async () => {
        const scope = 'openid offline_access transfers.12345'
        const tokens = await as().login(
          at({ scope, user: await aUser(as()), parameters: { resource: BANK } }),
        )
        expect(tokens.scope).toBe(scope)
        expect(claimsOf(tokens.access_token)).toMatchObject({ scope, aud: BANK })
        const web = basic('web', WEB_SECRET)
        const { json } = await as().post('/oauth2/introspect', { token: tokens.access_token }, web)
        expect(json).toMatchObject({ active: true, scope })
        const refreshed = await as().refresh(tokens.refresh_token, { client_id: 'bank-app' })
        expect(refreshed.json.scope).toBe(scope)
        expect(claimsOf(String(refreshed.json.access_token)).scope).toBe(scope)
      })

      it('S3-25 leave userinfo as it is', async () => {
        const { access_token } = await as().login(
          at({ scope: 'openid profile transfers.12345', user: await aUser(as()) }),
        )
        const { status, json } = await as().userinfo(access_token)
        expect(status).toBe(200)
        expect(json).toMatchObject({ given_name: 'Alice' })
        expect(JSON.stringify(json)).not.toContain('12345')
      })

      it('S3-25 are listed as patterns in scopes_supported', async () => {
        const { json } = await as().request('/.well-known/openid-configuration')
        expect(json.scopes_supported).toEqual(
          expect.arrayContaining([
            'openid',
            'transfers.{account}',
            'transfers.all',
            'close/{bank}/{account}',
          ]),
        )
      })

      it.each([
        ['the pattern itself', 'transfers.{account}'],
        ['no value', 'transfers.'],
        ['a value with a dot', 'transfers.1.2'],
        ['a star', 'transfers.*'],
        ['65 characters', `transfers.${'1'.repeat(65)}`],
        ['half of two values', 'close/bank'],
      ])('S3-25 are unknown with %s', async (_what, scope) => {
        expectRefused(as(), await open(as(), new FormBrowser(), at({ scope })), {
          error: 'invalid_scope',
          reason: 'scope_unknown',
        })
        const page = await openPage(as(), new FormBrowser(), 'sign-in', at({ scope: `openid ${scope}` }))
        expect(await decisionsOf(as(), flowOf(page))).toContainEqual(
          expect.objectContaining({ rule: 'scope_ignored', outcome: 'noted' }),
        )
      })

      it('tell the owner of a client that asks for the pattern to put a value in', async () => {
        await open(as(), new FormBrowser(), at({ scope: 'transfers.{account}' }))
        expect((await lastRefusal(as())).fix).toContain('such as transfers.12345')
      })

      it('S3-25 are allowed by the pattern, or by one value, in the client’s registration', async () => {
        for (const [client, scope, allowed] of [
          ['bank-app', 'openid transfers.77', true],
          ['every-scope', 'openid transfers.77', true],
          ['one-account', 'openid transfers.12345', true],
          ['one-account', 'openid transfers.77', false],
          ['one-account', 'openid transfers.all', false],
          ['spa', 'openid transfers.12345', false],
        ] as const) {
          const arrival = await open(as(), new FormBrowser(), { client, scope })
          if (allowed) expect(arrival.response?.href, `${client} ${scope}`).toBeUndefined()
          else expectRefused(as(), arrival, { error: 'invalid_scope', reason: 'scope_not_allowed' })
        }
      })

      it('S3-25 may stand in the default scope with a value, for clients that may have it', async () => {
        const { page } = await consentPage({ parameters: { scope: null } })
        expect(boxes(page)).toEqual(['openid', 'transfers.default'])
        const narrow = await consentPage({ client: 'one-account', parameters: { scope: null } })
        expect(boxes(narrow.page)).toEqual(['openid'])
      })

      it('S3-25 are at most 20 in one request, and 20 are not too many', async () => {
        const values = (count: number) =>
          Array.from({ length: count }, (_, index) => `transfers.${index}`).join(' ')
        const { page } = await consentPage({ scope: `openid transfers.all ${values(20)}` })
        expect(boxes(page)).toHaveLength(22)
        const refused = await open(as(), new FormBrowser(), at({ scope: `openid ${values(21)}` }))
        expectRefused(as(), refused, { error: 'invalid_scope', reason: 'scope_values_too_many' })
      })

      it('S3-25 serve a client on its own behalf too', async () => {
        const job = basic('bank-job', WEB_SECRET)
        const form = { grant_type: 'client_credentials', resource: BANK }
        const { json } = await as().token({ ...form, scope: 'transfers.4711' }, job)
        expect(json).toMatchObject({ scope: 'transfers.4711' })
        const refused = await as().token({ ...form, scope: 'close/bank/4711' }, job)
        expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_scope' } })
      })
    })

    describe('dynamic scopes on the consent page', () => {
      it('S3-25 show the description with the value in it, escaped; a name of its own goes before the pattern', async () => {
        const { page } = await consentPage({
          scope: 'openid transfers.12345 transfers.all close/AT-1/77 audit/9',
        })
        expect(labels(page).slice(1)).toEqual([
          'Transfer <b>money</b> from account 12345',
          'Transfer from every account',
          'Close 77 at AT-1',
          'audit/9',
        ])
        expect(page.body).toContain('Transfer &lt;b>money&lt;/b> from account 12345')
        expect(page.body).not.toContain('<b>money')
      })

      it('S3-25 are required or sensitive as their pattern is', async () => {
        const { page } = await consentPage({ scope: 'openid transfers.1 audit/1 close/a/1' })
        expect(readForm(page).checkboxes.map(({ checked, disabled }) => [checked, disabled])).toEqual([
          [true, true],
          [true, false],
          [true, true],
          [false, false],
        ])
      })

      it('asks for a sensitive one also where consent is implied, and for no other', async () => {
        const implied = await as().login({
          client: 'own-bank',
          scope: 'openid transfers.1',
          user: await aUser(as()),
        })
        expect(implied.scope).toBe('openid transfers.1')
        const { page } = await consentPage({ client: 'own-bank', scope: 'openid close/a/1' })
        expect(boxes(page)).toEqual(['openid', 'close/a/1'])
      })

      it('S3-25 S3-26 remember each value by itself: another one asks again, marked new, and prompt=none does not get it', async () => {
        const browser = new FormBrowser()
        await as().authorize(at({ scope: 'openid transfers.1', user: await aUser(as()), browser }))
        const again = await open(as(), browser, at({ scope: 'openid transfers.1' }))
        expect(again.response?.searchParams.has('code')).toBe(true)

        const silent = { scope: 'openid transfers.2', parameters: { prompt: 'none' } }
        expectRefused(as(), await open(as(), browser, at(silent)), { error: 'consent_required' })
        const { page } = await consentPage({ scope: 'openid transfers.1 transfers.2', browser })
        const rows = page.body.split('<li class="scope">').slice(1)
        expect(rows.map((row) => row.includes('badge fresh'))).toEqual([false, false, true])

        await press(browser, page, ['action', 'allow'], ['scope', 'transfers.1'], ['scope', 'transfers.2'])
        const granted = await open(as(), browser, at(silent))
        expect(granted.response?.searchParams.has('code')).toBe(true)
      })

      it('S3-25 give only the values that were ticked', async () => {
        const request = as().authorizationUrl(at({ scope: 'openid transfers.1 transfers.2' }))
        const browser = new FormBrowser()
        const signInPage = await browser.follow(await browser.visit(request.url), () => false)
        const { page } = await signIn(browser, signInPage.visit, await aUser(as()))
        const { response } = await press(browser, page, ['action', 'allow'], ['scope', 'transfers.2'])
        const code = response?.searchParams.get('code') ?? ''
        const { json } = await as().redeem({ ...request, code, url: new URL(request.url) })
        expect(json.scope).toBe('openid transfers.2')
      })

      it('S3-25 forget the oldest of more than 100 values of one pattern, and nothing else', async () => {
        const person = await aUser(as())
        const browser = new FormBrowser()
        const values = (from: number) =>
          Array.from({ length: 20 }, (_, index) => `transfers.${from + index}`).join(' ')
        const ask = { user: person, browser }
        await as().authorize(at({ ...ask, scope: 'openid profile transfers.all audit/1' }))
        for (let from = 0; from < 120; from += 20)
          await as().authorize(at({ ...ask, scope: `openid ${values(from)}` }))

        const { deps } = as().server.pixy
        const workspaceId = deps.workspaces.list()[0]?.id ?? ''
        const consent = await deps.store.consents.find(workspaceId, person.userId, 'bank-app')
        const remembered = consent?.scope.filter((scope) => /^transfers\.\d/.test(scope)) ?? []
        expect(remembered).toHaveLength(100)
        expect(remembered).not.toContain('transfers.19')
        expect(remembered).toContain('transfers.20')
        expect(consent?.scope).toEqual(
          expect.arrayContaining(['openid', 'profile', 'transfers.all', 'audit/1']),
        )
      })
    })

    describe('dynamic scopes at the token endpoint', () => {
      it('S3-04 S3-25 narrow to some of the values granted, at redemption and at refresh, and to no other', async () => {
        const options = at({
          scope: 'openid offline_access transfers.1 transfers.2',
          user: await aUser(as()),
        })
        const narrowed = await as().redeem(await as().authorize(options), {
          scope: 'openid offline_access transfers.2',
        })
        expect(narrowed.json.scope).toBe('openid offline_access transfers.2')
        expect(claimsOf(String(narrowed.json.access_token)).scope).toBe('openid offline_access transfers.2')

        const tokens = await as().login(options)
        const refresh = (scope: string) =>
          as().refresh(tokens.refresh_token, { client_id: 'bank-app', scope })
        for (const scope of ['transfers.3', 'transfers.{account}', 'transfers.all']) {
          expect(await refresh(scope), scope).toMatchObject({ status: 400, json: { error: 'invalid_scope' } })
        }
        expect((await refresh('transfers.1')).json.scope).toBe('transfers.1')
      })

      it('S3-25 go to the resource that lists their pattern, and to no other', async () => {
        const options = at({ scope: 'openid transfers.1 audit/1', user: await aUser(as()) })
        const bank = await as().login({ ...options, parameters: { resource: BANK } })
        expect(bank.scope).toBe('openid transfers.1 audit/1')
        const shop = await as().login({ ...options, parameters: { resource: SHOP } })
        expect(shop.scope).toBe('openid audit/1')
      })
    })
  },
  { config, hasher: quickHasher() },
)
