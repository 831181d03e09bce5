import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  expectErrorPage,
  expectRefused,
  flowOf,
  open,
  openPage,
  openUrl,
  plain,
  press,
  signIn,
} from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const GOOD = 'seven green bicycles'
const config = testConfig({ workspace: { signing_algs: ['ES256'] } })
const closed = testConfig({ workspace: { signing_algs: ['ES256'], sign_up: 'closed' } })

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    let newcomers = 0
    const newName = () => `newcomer-${++newcomers}@example.com`
    const create = { parameters: { prompt: 'create' } }

    interface Filled {
      readonly username?: string
      readonly name?: string
      readonly password?: string
      readonly confirmation?: string
      readonly browser?: FormBrowser
    }

    /** Fills in the sign-up page in a fresh browser. */
    async function signUp({
      username = newName(),
      name = '',
      password = GOOD,
      confirmation = password,
      browser = new FormBrowser(),
    }: Filled = {}) {
      const page = await openPage(as(), browser, 'sign-up', create)
      const values = { username, name, password, password_confirm: confirmation }
      return { browser, username, password, ...(await press(browser, page, ...Object.entries(values))) }
    }
    const problemOn = (page: Visit) =>
      plain(/id="form-error"[^>]*>([\s\S]*?)<\/div>/.exec(page.body)?.[1]) ?? ''
    const accountOf = (username: string) => {
      const { store, workspaces } = as().server.pixy.deps
      return store.users.findByUsername(workspaces.list()[0]?.id ?? '', 'pool', username.toLowerCase())
    }
    const canSignIn = async (username: string, password: string) => {
      const browser = new FormBrowser()
      const { page } = await signIn(browser, await openPage(as(), browser, 'sign-in'), { username, password })
      return pageName(page) === 'consent'
    }

    describe('POST /sign-up, passwords (NIST SP 800-63B-4 §3.1.1.2)', () => {
      it.each([
        ['short', 'fourteen chars', /15/],
        ['empty', '', /15/],
        ['short in letters that take many bytes', '日本語の合言葉', /15/],
        ['one that everybody uses', 'passwordpassword', /common|guess/i],
        ['one letter repeated', 'a'.repeat(20), /common|guess/i],
        ['one word repeated', 'abcabcabcabcabcabc', /common|guess/i],
        ['a run of digits', '12345678901234567890', /common|guess/i],
        ['a walk over the keyboard', 'qwertyuiopasdfgh', /common|guess/i],
        ['the e-mail address itself', 'newcomer@example.com', /common|guess/i],
        ['the name of the person', 'Nora Newcomer-Smith', /common|guess/i],
        ['1,025 bytes', `${'ab '.repeat(341)}abc`.slice(0, 1025), /long/i],
      ])('PW-01 refuses a password that is %s', async (what, password, problem) => {
        const username = what === 'the e-mail address itself' ? password : newName()
        const { page } = await signUp({ username, password, name: 'Nora Newcomer-Smith' })
        expect(page.status).toBe(400)
        expect(pageName(page)).toBe('sign-up')
        expect(problemOn(page)).toMatch(problem)
        expect(await accountOf(username)).toBeUndefined()
      })

      it.each([
        ['lower-case letters alone', 'quietlymoonridesgrey'],
        ['blanks, also at the ends', '  slow brown turtle  '],
        ['exactly fifteen characters', 'vex tulip drab9'],
        ['long Unicode', 'Der Fluß fließt über alle Berge — 川は流れる 🌊🌊'],
        ['1,024 bytes', 'turtles all the way down, '.repeat(40).slice(0, 1024)],
      ])(
        'PW-01 accepts %s, without rules on kinds of characters, and keeps all of it',
        async (_what, password) => {
          const { page, username } = await signUp({ password })
          expect(pageName(page), problemOn(page)).toBe('consent')
          expect(await canSignIn(username, password)).toBe(true)
          expect(await canSignIn(username, password.slice(0, -1))).toBe(false)
          expect(await canSignIn(username, `${password.slice(0, -1)}\u00a7`)).toBe(false)
        },
      )

      it('refuses a confirmation that differs', async () => {
        const { page, username } = await signUp({ confirmation: `${GOOD} ` })
        expect(page.status).toBe(400)
        expect(await accountOf(username)).toBeUndefined()
      })

      it('fills in again what was typed, but for the passwords', async () => {
        const { page } = await signUp({ username: 'again@example.com', name: '"><b>', password: 'too short' })
        const values = Object.fromEntries(readForm(page).values)
        expect(values).toMatchObject({ username: 'again@example.com', name: '"><b>' })
        expect(page.body).not.toContain('too short"')
        expect(page.body).not.toContain('"><b>"')
      })
    })

    describe('POST /sign-up, accounts', () => {
      it('makes an account whose address is not verified, and signs in', async () => {
        const username = newName()
        const { page } = await signUp({ username: ` ${username.toUpperCase()} `, name: '  Nora New  ' })
        expect(pageName(page)).toBe('consent')
        expect(page.body).toContain('Nora New')
        expect(await accountOf(username)).toMatchObject({
          username: username.toUpperCase(),
          claims: { email: username.toUpperCase(), email_verified: false, name: 'Nora New' },
          enabled: true,
          clients: [],
          owner: 'local',
        })
      })

      it.each([
        '',
        '   ',
        'nobody',
        'a@',
        '@b',
        'a b@example.com',
        'a@b@c',
        'a\u0007@example.com',
        `${'x'.repeat(400)}@example.com`,
      ])('refuses the address %j', async (username) => {
        const { page } = await signUp({ username })
        expect(page.status).toBe(400)
        expect(pageName(page)).toBe('sign-up')
      })

      it('refuses a name that is taken, in any spelling, and leaves that account as it is', async () => {
        const owner = await aUser(as())
        const before = await accountOf(owner.username)
        for (const username of [
          owner.username,
          owner.username.toUpperCase(),
          ` ${owner.username}`,
          owner.username.replace('p', 'ｐ'),
        ]) {
          const { page } = await signUp({ username })
          expect(page.status).toBe(400)
          expect(page.headers.getSetCookie().filter((line) => line.startsWith('pixy_sid'))).toEqual([])
        }
        expect(await accountOf(owner.username)).toEqual(before)
        expect(await canSignIn(owner.username, owner.password)).toBe(true)
        expect(await canSignIn(owner.username, GOOD)).toBe(false)
      })

      it('makes one account of two posts at once', async () => {
        const username = newName()
        const [first, second] = await Promise.all([signUp({ username }), signUp({ username })])
        expect([pageName(first.page), pageName(second.page)].sort()).toEqual(['consent', 'sign-up'])
      })

      it('takes at most twenty new accounts or tries from one address in an hour', async () => {
        const transport = throughProxy(as(), '203.0.113.77')
        const statuses: number[] = []
        for (let i = 0; i < 23; i++)
          statuses.push((await signUp({ browser: new FormBrowser(transport) })).page.status)
        expect(statuses.slice(0, 21)).toEqual(Array(21).fill(200))
        const refused = await signUp({ browser: new FormBrowser(transport) })
        expect(refused.page.status).toBe(429)
        expect(Number(refused.page.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(
          (await signUp({ browser: new FormBrowser(throughProxy(as(), '203.0.113.78')) })).page.status,
        ).toBe(200)
        as().advance('1h')
        expect((await signUp({ browser: new FormBrowser(transport) })).page.status).toBe(200)
      })

      it('is reached by a link from the sign-in page, and leads back to it', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const link = `${as().issuer}/sign-up?flow=${flowOf(page)}`
        expect(page.body).toContain(`href="${link}"`)
        const form = await browser.visit(link)
        expect(pageName(form)).toBe('sign-up')
        expect(form.body).toContain(`href="${page.url}"`)
      })

      it('is cancelled like the sign-in page', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-up', create)
        expectRefused(as(), await press(browser, page, ['action', 'cancel']), {
          error: 'access_denied',
          reason: 'user_denied',
        })
      })
    })
  },
  { config, hasher: quickHasher() },
)

forEachSharedStore(
  (as) => {
    describe('a workspace whose sign-up is closed', () => {
      it('has no link to it, no page and no post, and takes prompt=create for a sign-in', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'create' } })
        expect(page.body).not.toContain('sign-up')
        const address = `${as().issuer}/sign-up?flow=${flowOf(page)}`
        expectErrorPage(await openUrl(browser, address), 'sign_up_closed', 403)
        const { csrf = '' } = Object.fromEntries(readForm(page).values)
        const posted = await browser.visit(address, {
          body: new URLSearchParams({
            csrf,
            username: 'x@example.com',
            password: GOOD,
            password_confirm: GOOD,
          }),
        })
        expectErrorPage({ page: posted, response: undefined }, 'sign_up_closed', 403)
        const { response } = await open(as(), browser, { parameters: { prompt: 'none' } })
        expect(response?.searchParams.get('error')).toBe('login_required')
      })
    })
  },
  { config: closed, hasher: quickHasher() },
)
