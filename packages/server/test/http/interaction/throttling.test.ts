import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  open,
  openPage,
  type Person,
  plain,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

/** Failures for one account that cost nothing, and for one address. */
const FREE_BY_ACCOUNT = 10
const FREE_BY_ADDRESS = 50

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    let addresses = 0
    /** A browser at an address of its own. */
    const elsewhere = (address = `198.51.100.${++addresses}`) => new FormBrowser(throughProxy(as(), address))

    /** Submits one sign-in form again and again. */
    class Guesser {
      readonly browser: FormBrowser
      readonly #page: Visit

      constructor(browser: FormBrowser, page: Visit) {
        this.browser = browser
        this.#page = page
      }

      async guess(username: string, password = 'a wrong guess'): Promise<Visit> {
        return (await signIn(this.browser, this.#page, { username, password })).page
      }

      async guessTimes(count: number, username: string): Promise<readonly number[]> {
        const statuses: number[] = []
        for (let i = 0; i < count; i++) statuses.push((await this.guess(username)).status)
        return statuses
      }
    }
    const guesser = async (browser = elsewhere()) =>
      new Guesser(browser, await openPage(as(), browser, 'sign-in'))
    const isIn = (page: Visit) => page.status < 400 && pageName(page) !== 'sign-in'
    const wrong = (count: number) => Array<number>(count).fill(401)

    describe('POST /sign-in, failures for one account (NIST SP 800-63B-4 §3.2.2)', () => {
      it('M-09 allows ten failures for nothing: the eleventh try with the right password signs in', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        expect(await guesses.guessTimes(FREE_BY_ACCOUNT, person.username)).toEqual(wrong(10))
        expect(isIn(await guesses.guess(person.username, person.password))).toBe(true)
      })

      it('M-09 refuses exactly the try after the eleventh failure, even with the right password', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        expect(await guesses.guessTimes(FREE_BY_ACCOUNT + 1, person.username)).toEqual(wrong(11))
        const refused = await guesses.guess(person.username, person.password)
        expect(refused.status).toBe(429)
        expect(pageName(refused)).toBe('sign-in')
        expect(refused.headers.get('retry-after')).toBe('2')
      })

      it('M-09 allows the try at the end of the wait, which doubles with each failure after it', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT, person.username)
        for (const wait of [2, 4, 8, 16]) {
          expect((await guesses.guess(person.username)).status).toBe(401)
          expect((await guesses.guess(person.username)).status).toBe(429)
          as().advance(wait - 1)
          const refused = await guesses.guess(person.username)
          expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
          as().advance(1)
        }
        expect(isIn(await guesses.guess(person.username, person.password))).toBe(true)
      })

      it('counts no try that was refused: the wait does not grow by insisting', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT + 1, person.username)
        for (let i = 0; i < 30; i++) await guesses.guess(person.username)
        as().advance('2s')
        expect(isIn(await guesses.guess(person.username, person.password))).toBe(true)
      })

      it('waits a quarter of an hour at most, and forgets after a day without failures', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT, person.username)
        let retryAfter = 0
        for (let i = 0; i < 12; i++) {
          await guesses.guess(person.username)
          retryAfter = Number((await guesses.guess(person.username)).headers.get('retry-after'))
          as().advance(retryAfter)
        }
        expect(retryAfter).toBe(900)
        as().advance('1d')
        const later = await guesser()
        expect(await later.guessTimes(FREE_BY_ACCOUNT, person.username)).toEqual(wrong(10))
        expect(isIn(await later.guess(person.username, person.password))).toBe(true)
      })

      it('begins anew after a sign-in', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT, person.username)
        expect(isIn(await guesses.guess(person.username, person.password))).toBe(true)
        const again = await guesser()
        expect(await again.guessTimes(FREE_BY_ACCOUNT, person.username)).toEqual(wrong(10))
        expect(isIn(await again.guess(person.username, person.password))).toBe(true)
      })

      it('LG-17 counts spellings of one name in one bucket', async () => {
        const { username } = await aUser(as(), { username: 'Spelled@Example.com' })
        const spellings = [
          username,
          'spelled@example.com',
          'SPELLED@EXAMPLE.COM',
          '  spelled@example.com  ',
          'spelled@example.com\t',
          'ｓｐｅｌｌｅｄ@example.com',
          'Spelled＠example.com',
          '\u00a0spelled@example.com',
          'ﬀ',
          'spelleD@examplE.com',
          'SPELLED@example.com ',
          'spelled@EXAMPLE.com',
        ].filter((name) => name !== 'ﬀ')
        const guesses = await guesser()
        const statuses: number[] = []
        for (const spelling of spellings) statuses.push((await guesses.guess(spelling)).status)
        expect(statuses).toEqual(wrong(11))
        expect((await guesses.guess(username)).status).toBe(429)
        expect((await guesses.guess('\u2003sPeLlEd@example.com')).status).toBe(429)
      })

      it('counts guesses for a name that nobody has just the same: the limit tells nothing', async () => {
        const guesses = await guesser()
        expect(await guesses.guessTimes(FREE_BY_ACCOUNT + 1, 'nobody-at-all@example.com')).toEqual(wrong(11))
        expect((await guesses.guess('nobody-at-all@example.com')).status).toBe(429)
      })

      it('counts the right password of a disabled account like a wrong one', async () => {
        const { username, password } = await aUser(as(), { enabled: false })
        const guesses = await guesser()
        for (let i = 0; i <= FREE_BY_ACCOUNT; i++)
          expect((await guesses.guess(username, password)).status).toBe(401)
        expect((await guesses.guess(username, password)).status).toBe(429)
      })

      it('LG-15 lets no more than the limit through of guesses that are sent at once', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        const answers = await Promise.all(Array.from({ length: 60 }, () => guesses.guess(person.username)))
        const tried = answers.filter(({ status }) => status === 401)
        expect(answers.every(({ status }) => [401, 429].includes(status))).toBe(true)
        expect(tried.length).toBeLessThanOrEqual(FREE_BY_ACCOUNT + 1)
      })

      it('LG-25 lets 40 right passwords in that come at once, of one person or of many: they wait, nobody is refused', async () => {
        const person = await aUser(as())
        const many = await Promise.all(Array.from({ length: 40 }, () => aUser(as())))
        const guessers = await Promise.all(many.map(() => guesser(elsewhere('203.0.113.40'))))
        for (const people of [many.map(() => person), many]) {
          const pages = await Promise.all(
            people.map((one, i) => guessers[i]?.guess(one.username, one.password)),
          )
          expect(pages.map((page) => page !== undefined && isIn(page))).toEqual(Array(40).fill(true))
        }
      })
    })

    describe('POST /sign-in, the owner of an account that strangers guess at (OWASP ASVS 5.0 §6.1.1)', () => {
      async function guessedAt(person: Person, times = 25): Promise<void> {
        const strangers = await guesser()
        for (let i = 0; i < times; i++) {
          await strangers.guess(person.username)
          if (i === 12) as().advance('20s')
        }
      }

      it('LG-16 keeps the session, and lets a browser in that the account has signed in from', async () => {
        const person = await aUser(as())
        const browser = await signedIn(as(), person)
        await guessedAt(person)
        const silent = await open(as(), browser, { parameters: { prompt: 'none' } })
        expect(silent.response?.searchParams.has('code')).toBe(true)
        const page = await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } })
        const { response } = await signIn(browser, page, person)
        expect(response?.searchParams.has('code')).toBe(true)
      })

      it('LG-16 knows the browser for 90 days, after its session has ended, and no longer', async () => {
        for (const [days, status] of [
          [89, 200],
          [91, 429],
        ] as const) {
          const person = await aUser(as())
          const browser = await signedIn(as(), person)
          as().advance(`${days}d`)
          const strangers = await guesser()
          await strangers.guessTimes(FREE_BY_ACCOUNT + 1, person.username)
          const page = await openPage(as(), browser, 'sign-in', { client: 'web' })
          expect((await signIn(browser, page, person)).page.status).toBe(status)
          as().advance(`-${days}d`)
        }
      })

      it('knows each browser for its own accounts only, by a cookie that names none of them and cannot be made up', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = await signedIn(as(), ben)
        const cookie = browser.cookies(as().issuer).get('pixy_dev') ?? ''
        for (const text of [ben.userId, ben.username, Buffer.from(ben.userId).toString('base64url')])
          expect(cookie).not.toContain(text)
        const strangers = await guesser()
        await strangers.guessTimes(FREE_BY_ACCOUNT + 1, ann.username)

        const forged = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`
        for (const value of [
          cookie,
          forged,
          '',
          'x',
          '99999-'.padEnd(28, 'A'),
          `${cookie}.${cookie}`,
          'x'.repeat(4000),
        ]) {
          const stranger = new FormBrowser()
          stranger.setCookie(as().issuer, 'pixy_dev', value)
          const page = await openPage(as(), stranger, 'sign-in')
          expect((await signIn(stranger, page, ann)).page.status).toBe(429)
        }
      })

      it('gives a known browser a limit of its own', async () => {
        const person = await aUser(as())
        const browser = await signedIn(as(), person)
        const own = new Guesser(
          browser,
          await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } }),
        )
        expect(await own.guessTimes(FREE_BY_ACCOUNT + 1, person.username)).toEqual(wrong(11))
        expect((await own.guess(person.username)).status).toBe(429)
        // That one is not for strangers to fill, and fills no other.
        const fresh = await guesser()
        expect(isIn(await fresh.guess(person.username, person.password))).toBe(true)
      })
    })

    describe('POST /sign-in, failures from one address (OWASP ASVS 5.0 §6.3.1)', () => {
      it('LG-15 refuses before 100 guesses at as many names, however X-Forwarded-For changes', async () => {
        const transport = throughProxy(as(), '203.0.113.9')
        let sent = 0
        const browser = new FormBrowser((url, init) => {
          sent += 1
          const forwarded = {
            'x-forwarded-for': `10.0.${sent % 250}.1`,
            forwarded: `for=10.1.${sent % 250}.1`,
            'x-real-ip': `10.2.${sent % 250}.1`,
          }
          return transport(url, {
            ...init,
            headers: { ...(init.headers as Record<string, string>), ...forwarded },
          })
        })
        const guesses = await guesser(browser)
        const statuses: number[] = []
        for (let i = 0; i < FREE_BY_ADDRESS + 2; i++)
          statuses.push((await guesses.guess(`name-${i}@example.com`)).status)
        expect(statuses).toEqual([...wrong(FREE_BY_ADDRESS + 1), 429])

        // Other addresses, and browsers that are known from this one, are not concerned.
        const person = await aUser(as())
        expect(isIn(await (await guesser()).guess(person.username, person.password))).toBe(true)
        as().advance('2s')
        expect((await guesses.guess('one-more@example.com')).status).toBe(401)
      })

      it('counts the addresses of one IPv6 subscriber as one', async () => {
        const transports = Array.from({ length: 53 }, (_, i) => `2001:db8:1:2:${i.toString(16)}::1`)
        const statuses: number[] = []
        for (const address of transports)
          statuses.push((await (await guesser(elsewhere(address))).guess(`v6-${address}@example.com`)).status)
        expect(statuses.slice(0, 51)).toEqual(wrong(51))
        expect(statuses.at(-1)).toBe(429)
        expect((await (await guesser(elsewhere('2001:db8:1:3::1'))).guess('v6@example.com')).status).toBe(401)
      })
    })

    describe('the page of a refused sign-in', () => {
      it('says how long to wait, keeps the name, and does not say whether the password was right', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT + 1, person.username)
        const right = await guesses.guess(person.username, person.password)
        const guessed = await guesses.guess(person.username)
        expect(right.status).toBe(429)
        expect(plain(/id="form-error"[^>]*>([\s\S]*?)<\/div>/.exec(right.body)?.[1])).toMatch(/second/)
        expect(right.body).toContain(person.username)
        expect(right.body).toBe(guessed.body)
        expect(right.headers.getSetCookie()).toEqual([])
      })

      it('lets the user cancel', async () => {
        const person = await aUser(as())
        const guesses = await guesser()
        await guesses.guessTimes(FREE_BY_ACCOUNT + 2, person.username)
        const page = await guesses.guess(person.username)
        const { response } = await press(guesses.browser, page, ['action', 'cancel'])
        expect(response?.searchParams.get('error')).toBe('access_denied')
      })
    })
  },
  { config, hasher: quickHasher() },
)
