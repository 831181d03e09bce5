import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  arrive,
  aUser,
  expectRefused,
  open,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const DAY = 86_400
const silent = { parameters: { prompt: 'none' } }

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })
const withPath = testConfig({ workspace: { signing_algs: ['ES256'], path: '/acme/main' } })

/** The value of one of our cookies. */
function cookieOf(as: TestAs, browser: FormBrowser, name: string): string | undefined {
  return browser.cookies(new URL(as.issuer).origin).get(name)
}

/** The cookie of one flow, for tabs that begin at once, has the flow id behind its name. */
const FLOW_SUFFIX = /_flow_[A-Za-z0-9]{22}$/

/** Names of cookies, that of the one flow cut to `…_flow`. */
const namesOf = (cookies: ReadonlyMap<string, readonly string[]>) =>
  [...cookies.keys()].map((name) => name.replace(FLOW_SUFFIX, '_flow')).sort()

/** `Set-Cookie` lines of every answer that a browser gets in a whole flow, by cookie name. */
async function cookiesOfWholeFlow(
  as: TestAs,
  transport = throughProxy(as),
): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = new Map<string, string[]>()
  const browser = new FormBrowser(async (url, init) => {
    const answer = await transport(url, init)
    for (const line of answer.headers.getSetCookie()) {
      const name = line.slice(0, line.indexOf('='))
      lines.set(name, [...(lines.get(name) ?? []), line])
    }
    return answer
  })
  const person = await aUser(as)
  const page = await openPage(as, browser, 'sign-in')
  await browser.visit(`${page.url}&ui_locales=de`)
  const consent = await signIn(browser, page, person, [['remember', 'on']])
  await press(browser, consent.page, ['action', 'allow'])
  return lines
}

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    describe('session cookie (OWASP ASVS 5.0 §7.2.4)', () => {
      it('LG-05 has a new value after every sign-in', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const values = new Set<string | undefined>()
        for (let i = 0; i < 3; i++) {
          await as().authorize({ user, browser, parameters: { prompt: 'login' } })
          values.add(cookieOf(as(), browser, 'pixy_sid'))
        }
        expect(values.size).toBe(3)
        for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{50}$/)
      })

      it('LG-05 is dead under its old value: what was copied before a sign-in opens nothing after it', async () => {
        const user = await aUser(as())
        const browser = await signedIn(as(), user)
        const old = cookieOf(as(), browser, 'pixy_sid') ?? ''
        await as().authorize({ user, browser, parameters: { prompt: 'login' } })
        const thief = new FormBrowser()
        thief.setCookie(as().issuer, 'pixy_sid', old)
        expectRefused(as(), await open(as(), thief, silent), { error: 'login_required' })
      })

      it('LG-05 does not adopt a value that was planted, whether it looks like ours or not', async () => {
        for (const planted of ['A'.repeat(50), 'attacker', '', '../..']) {
          const browser = new FormBrowser()
          browser.setCookie(as().issuer, 'pixy_sid', planted)
          await as().authorize({ user: await aUser(as()), browser })
          expect(cookieOf(as(), browser, 'pixy_sid')).not.toBe(planted)
          const attacker = new FormBrowser()
          attacker.setCookie(as().issuer, 'pixy_sid', planted)
          expectRefused(as(), await open(as(), attacker, silent), { error: 'login_required' })
        }
      })

      it('LG-05 takes a planted live session away from who planted it', async () => {
        const attacker = await signedIn(as(), await aUser(as()))
        const planted = cookieOf(as(), attacker, 'pixy_sid') ?? ''
        const victims = new FormBrowser()
        victims.setCookie(as().issuer, 'pixy_sid', planted)
        await as().authorize({ user: await aUser(as()), browser: victims, parameters: { prompt: 'login' } })
        expect(cookieOf(as(), victims, 'pixy_sid')).not.toBe(planted)
        expectRefused(as(), await open(as(), attacker, silent), { error: 'login_required' })
      })

      it('holds a handle and nothing else; the store knows only its hash', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const value = cookieOf(as(), browser, 'pixy_sid') ?? ''
        const { store, workspaces } = as().server.pixy.deps
        expect(await store.sessions.findByBrowser(workspaces.list()[0]?.id ?? '', value, 0)).toEqual([])
      })

      it('is not the transaction cookie, nor is either in an address', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const transaction = cookieOf(as(), browser, 'pixy_txn') ?? ''
        await signIn(browser, page, await aUser(as()))
        const session = cookieOf(as(), browser, 'pixy_sid') ?? ''
        expect(session).not.toBe(transaction)
        expect(page.url).not.toContain(transaction)
        expect(page.body).not.toContain(transaction)
      })

      it('LG-09, LG-10 sets every cookie HttpOnly and SameSite=Lax, without Domain; plain http has no Secure', async () => {
        const cookies = await cookiesOfWholeFlow(as())
        expect(namesOf(cookies)).toEqual(['pixy_dev', 'pixy_lang', 'pixy_sid', 'pixy_txn', 'pixy_txn_flow'])
        for (const line of [...cookies.values()].flat()) {
          expect(line).toMatch(/^pixy_\w+=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$/)
        }
      })

      it('renews the transaction cookie where an interaction begins, so that it does not end in the middle of one', async () => {
        const browser = new FormBrowser()
        for (let i = 0; i < 2; i++) {
          const answer = await browser.visit(as().authorizationUrl().url)
          const lines = answer.headers.getSetCookie()
          expect(lines).toContainEqual(expect.stringMatching(/^pixy_txn=\w{50};.*; Max-Age=86400$/))
        }
      })
    })

    describe('session lifetime (contract §2, lifetimes.session)', () => {
      const sidLine = (headers: Headers) =>
        headers.getSetCookie().find((line) => line.startsWith('pixy_sid=')) ?? ''

      it('without remember-me ends with the browser: the cookie has no Max-Age, and the session ends after a day', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const user = await aUser(as())
        const answer = await browser.submit(page, [
          ['username', user.username],
          ['password', user.password],
        ])
        expect(sidLine(answer.headers)).not.toMatch(/max-age|expires/i)
        const consent = await arrive(browser, answer)
        await press(browser, consent.page, ['action', 'allow'])

        as().advance(DAY - 1)
        expect((await open(as(), browser, silent)).response?.searchParams.has('code')).toBe(true)
        as().advance('1s')
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })
      })

      it('with remember-me outlives the browser, for as long as the workspace says', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const user = await aUser(as())
        const answer = await browser.submit(page, [
          ['username', user.username],
          ['password', user.password],
          ['remember', 'on'],
        ])
        expect(sidLine(answer.headers)).toContain('; Max-Age=1209600')
        const consent = await arrive(browser, answer)
        await press(browser, consent.page, ['action', 'allow'])

        as().advance(14 * DAY - 1)
        expect((await open(as(), browser, silent)).response?.searchParams.has('code')).toBe(true)
        as().advance('1s')
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })
        await openPage(as(), browser, 'sign-in')
      })

      it('ends where it ends, however often it is used', async () => {
        const browser = await signedIn(as(), await aUser(as()), { remember: true })
        for (let day = 0; day < 13; day++) {
          as().advance('1d')
          expect((await open(as(), browser, silent)).response?.searchParams.has('code')).toBe(true)
        }
        as().advance('1d')
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })
      })

      it('ends for a user who was disabled, on the next request, and comes back only with a sign-in', async () => {
        const user = await aUser(as())
        const browser = await signedIn(as(), user)
        const set = (enabled: boolean) =>
          as().request('/__test/users', {
            method: 'POST',
            body: JSON.stringify({ username: user.username, enabled }),
          })
        await set(false)
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })
        await openPage(as(), browser, 'sign-in')
        await set(true)
      })
    })

    describe('one browser, one jar of sessions', () => {
      it('keeps the session of each person, and one for each', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = new FormBrowser()
        for (const user of [ann, ben, ann, ben]) {
          await as().authorize({ user, browser, parameters: { prompt: 'login' } })
          as().advance('1s')
        }
        const page = await openPage(as(), browser, 'select-account', {
          parameters: { prompt: 'select_account' },
        })
        expect(page.body.split('name="account"').length - 1).toBe(3)
      })

      it('keeps the sid where the same person signs in again: a sign-out ends what was granted before, too', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const first = claimsOf((await as().login({ user, browser })).id_token)
        const second = claimsOf(
          (await as().login({ user, browser, parameters: { prompt: 'login' } })).id_token,
        )
        expect(second.sid).toBe(first.sid)
      })
    })
  },
  { config, hasher: quickHasher() },
)

forEachSharedStore(
  (as) => {
    describe('cookies of an issuer on https', () => {
      it('LG-10, LG-11 are Secure, and carry the __Host- prefix with the path that it wants', async () => {
        const cookies = await cookiesOfWholeFlow(as())
        expect(namesOf(cookies)).toEqual(
          ['dev', 'lang', 'sid', 'txn', 'txn_flow'].map((name) => `__Host-pixy_${name}`),
        )
        for (const line of [...cookies.values()].flat()) {
          expect(line).toMatch(
            /^__Host-pixy_\w+=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure(; Max-Age=\d+)?$/,
          )
        }
      })

      it('LG-11 are not taken for ours without the prefix: a neighbour on http cannot plant one', async () => {
        const browser = new FormBrowser(throughProxy(as()))
        await as().authorize({ user: await aUser(as()), browser })
        const value = browser.cookies(as().issuer).get('__Host-pixy_sid') ?? ''
        const planted = new FormBrowser(throughProxy(as()))
        planted.setCookie(as().issuer, 'pixy_sid', value)
        expectRefused(as(), await open(as(), planted, silent), { error: 'login_required' })
        planted.setCookie(as().issuer, '__Host-pixy_sid', value)
        expect((await open(as(), planted, silent)).response?.searchParams.has('code')).toBe(true)
      })

      it('LG-08 go with HSTS on every answer', async () => {
        const browser = new FormBrowser(throughProxy(as()))
        const { page } = await openUrl(browser, as().authorizationUrl().url)
        expect(pageName(page)).toBe('sign-in')
        expect(page.headers.get('strict-transport-security')).toBe('max-age=31536000')
      })
    })
  },
  { config: { ...config, url: 'https://auth.example' }, hasher: quickHasher() },
)

forEachSharedStore(
  (as) => {
    describe('cookies of a workspace with a path', () => {
      it('have names of their own, so that neighbours on the same host do not meet', async () => {
        const cookies = await cookiesOfWholeFlow(as())
        for (const name of namesOf(cookies))
          expect(name).toMatch(/^pixy_(?:dev|lang|sid|txn)_[0-9a-f]{8}(?:_flow)?$/)
      })
    })
  },
  { config: withPath, hasher: quickHasher() },
)
