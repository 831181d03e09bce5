import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  expectRefused,
  open,
  openPage,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type AuthorizeOptions, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const DAY = 86_400
const config = testConfig({
  workspace: {
    signing_algs: ['ES256'],
    scopes: [
      { name: 'notes:read', description: 'See your notes' },
      { name: 'notes:write', description: 'Create and edit your notes' },
      { name: 'notes:audit', description: 'Keep a record of what you do', required: true },
      { name: 'notes:delete', description: 'Delete notes', sensitive: true },
    ],
  },
  clients: [
    { client_id: 'own', client_name: 'Our own app', redirect_uris: [CALLBACK], consent: 'implied' },
    {
      client_id: 'described',
      client_name: 'Described',
      redirect_uris: [CALLBACK],
      client_uri: 'https://app.example',
      policy_uri: 'https://app.example/policy',
      tos_uri: 'https://app.example/terms',
      logo_uri: 'https://app.example/logo.png',
    },
  ],
})
const ALL = 'openid profile offline_access notes:read notes:audit notes:delete'

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    /** The consent page of a person who has signed in. */
    async function consentPage(options: AuthorizeOptions = {}, person = aUser(as())) {
      const browser = options.browser ?? new FormBrowser()
      const { page } = await signIn(browser, await openPage(as(), browser, 'sign-in', options), await person)
      expect(pageName(page)).toBe('consent')
      return { browser, page }
    }
    const boxes = (page: Visit) =>
      readForm(page).checkboxes.map(({ name, value, checked, disabled }) => [name, value, checked, disabled])

    /** The scope of the tokens that come of pressing Allow with these boxes. */
    async function granted(options: AuthorizeOptions, ticked: readonly string[]) {
      const request = as().authorizationUrl(options)
      const browser = new FormBrowser()
      const { page } = await signIn(
        browser,
        await browser.visit(request.url).then((visit) => browser.visit(visit.headers.get('location') ?? '')),
        await aUser(as()),
      )
      const { response } = await press(
        browser,
        page,
        ['action', 'allow'],
        ...ticked.map((scope) => ['scope', scope] as const),
      )
      const code = response?.searchParams.get('code') ?? ''
      const { json } = await as().redeem({ ...request, code, url: new URL(request.url) })
      return json.scope
    }

    describe('GET /consent (contract §3)', () => {
      it('shows a box for each scope: ticked, but for sensitive ones; fixed for openid and required ones', async () => {
        const { page } = await consentPage({ scope: ALL, client: 'described' })
        expect(boxes(page)).toEqual([
          ['scope', 'openid', true, true],
          ['scope', 'profile', true, false],
          ['scope', 'offline_access', true, false],
          ['scope', 'notes:read', true, false],
          ['scope', 'notes:audit', true, true],
          ['scope', 'notes:delete', false, false],
        ])
      })

      it('says who asks, for which account, what for, and where the browser goes back to', async () => {
        const person = await aUser(as())
        const { page } = await consentPage(
          { scope: 'openid notes:read', client: 'described' },
          Promise.resolve(person),
        )
        for (const text of [
          'Described',
          person.username,
          'See your notes',
          'app.example',
          'https://app.example/policy',
          'https://app.example/terms',
        ]) {
          expect(page.body).toContain(text)
        }
        for (const id of [
          'consent-form',
          'consent-allow',
          'consent-deny',
          'client-name',
          'client-policy',
          'client-tos',
        ]) {
          expect(page.body).toContain(`id="${id}"`)
        }
      })

      it('shows a private-use scheme where a native app is the target', async () => {
        const { page } = await consentPage({ client: 'native', redirectUri: 'com.example.app:/callback' })
        expect(page.body).toContain('com.example.app:')
      })

      it('loads nothing from the client: its logo is not hot-linked', async () => {
        const { page } = await consentPage({ client: 'described' })
        expect(page.body).not.toContain('https://app.example/logo.png')
      })

      it('survives reload and a second look', async () => {
        const { browser, page } = await consentPage()
        const again = await browser.visit(page.url)
        expect(boxes(again)).toEqual(boxes(page))
        const { response } = await press(browser, page, ['action', 'allow'])
        expect(response?.searchParams.has('code')).toBe(true)
      })
    })

    describe('POST /consent (RFC 6749 §3.3)', () => {
      it('grants what is ticked, and fixed scopes in any case', async () => {
        expect(
          await granted({ scope: ALL, client: 'own', parameters: { prompt: 'consent' } }, ['notes:read']),
        ).toBe('openid notes:read notes:audit')
        expect(await granted({ scope: ALL, client: 'described' }, [])).toBe('openid notes:audit')
        expect(await granted({ scope: ALL, client: 'described' }, ['notes:delete', 'offline_access'])).toBe(
          'openid offline_access notes:audit notes:delete',
        )
      })

      it('can only narrow the request: scopes that were not asked for are not granted', async () => {
        const asked = { scope: 'openid notes:read', client: 'described' }
        expect(
          await granted(asked, [
            'notes:read',
            'notes:write',
            'email',
            'offline_access',
            'notes:read notes:delete',
          ]),
        ).toBe('openid notes:read')
      })

      it('takes allowing nothing for denying', async () => {
        const { browser, page } = await consentPage({ scope: 'notes:read notes:delete' })
        expectRefused(as(), await press(browser, page, ['action', 'allow']), {
          error: 'access_denied',
          reason: 'user_denied',
        })
      })
    })

    describe('remembered consent', () => {
      const wide = { scope: 'openid profile notes:read notes:delete' }

      it('is not asked for again: the same scopes, or fewer', async () => {
        const browser = await signedIn(as(), await aUser(as()), wide)
        for (const scope of [wide.scope, 'openid', 'openid notes:read']) {
          expect((await open(as(), browser, { scope })).response?.searchParams.has('code')).toBe(true)
        }
      })

      it('remembers what was unticked too, and neither grants it nor asks again', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const first = await as().login({ user, browser, ...wide, allow: ['profile'] })
        expect(first.scope).toBe('openid profile')
        const second = await as().login({ user, browser, ...wide, parameters: { prompt: 'none' } })
        expect(second.scope).toBe('openid profile')
      })

      it('asks for what is new alone, with the earlier answers as they were', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        await as().login({ user, browser, ...wide, allow: ['profile'] })
        const page = await openPage(as(), browser, 'consent', { scope: `${wide.scope} notes:write` })
        expect(boxes(page)).toEqual([
          ['scope', 'openid', true, true],
          ['scope', 'profile', true, false],
          ['scope', 'notes:read', false, false],
          ['scope', 'notes:delete', false, false],
          ['scope', 'notes:write', true, false],
        ])
        expect(page.body.match(/class="badge fresh"/g)).toHaveLength(1)
      })

      it('lets the user change their mind by prompt=consent', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        await as().login({ user, browser, ...wide, allow: [] })
        const changed = await as().login({
          user,
          browser,
          ...wide,
          allow: ['notes:read'],
          parameters: { prompt: 'consent' },
        })
        expect(changed.scope).toBe('openid notes:read')
        expect((await as().login({ user, browser, ...wide })).scope).toBe('openid notes:read')
      })

      it('is of one user for one client', async () => {
        const browser = await signedIn(as(), await aUser(as()), wide)
        await openPage(as(), browser, 'consent', { ...wide, client: 'described' })
        const other = await aUser(as())
        await consentPage({ ...wide, browser, parameters: { prompt: 'login' } }, Promise.resolve(other))
      })

      it('ends after 90 days', async () => {
        const user = await aUser(as())
        await signedIn(as(), user, wide)
        as().advance(89 * DAY)
        const browser = new FormBrowser()
        const known = await signIn(browser, await openPage(as(), browser, 'sign-in', wide), user)
        expect(known.response?.searchParams.has('code')).toBe(true)
        as().advance(DAY)
        await consentPage(wide, Promise.resolve(user))
      })
    })

    describe('implied consent (contract §2)', () => {
      it('asks nothing, and grants all that was asked for', async () => {
        const tokens = await as().login({
          user: await aUser(as()),
          client: 'own',
          scope: 'openid profile notes:read',
        })
        expect(tokens.scope).toBe('openid profile notes:read')
      })

      it('does not cover sensitive scopes', async () => {
        const { page } = await consentPage({ client: 'own', scope: 'openid notes:delete' })
        expect(boxes(page)).toContainEqual(['scope', 'notes:delete', false, false])
      })
    })
  },
  { config, hasher: quickHasher() },
)
