import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import { argon2Hasher } from '../../../src/adapters/hasher.ts'
import {
  arrive,
  aUser,
  CALLBACK,
  errorOn,
  expectRefused,
  flowOf,
  open,
  openPage,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { ALICE, testConfig } from '../../support/test-config.ts'

const SAME = { username: 'twin@example.com' }
const config = testConfig({
  workspace: {
    signing_algs: ['ES256'],
    identity_sources: [
      { id: 'pool', type: 'pool' },
      { id: 'second', type: 'pool' },
    ],
    users: [
      { source: 'pool', ...ALICE, clients: ['assigned'], claims: { name: 'Alice' } },
      { source: 'pool', ...SAME, password: 'the password in the pool', claims: {} },
      { source: 'second', ...SAME, password: 'the password in the second', claims: {} },
    ],
  },
  clients: [
    { client_id: 'second-only', redirect_uris: [CALLBACK], identity_sources: ['second'], consent: 'implied' },
    {
      client_id: 'both',
      redirect_uris: [CALLBACK],
      identity_sources: ['second', 'pool'],
      consent: 'implied',
    },
  ],
})

/** Of argon2id, with a count. */
const hashed: Array<string | null> = []
const argon2 = argon2Hasher()
const hasher = {
  hash: argon2.hash,
  verify: (hash: string | null, password: string) => {
    hashed.push(hash)
    return argon2.verify(hash, password)
  },
}

forEachSharedStore(
  (as) => {
    /** What one try on the sign-in page is answered with. */
    async function attempt(username: string, password: string, options: Parameters<typeof open>[2] = {}) {
      const browser = new FormBrowser()
      const page = await openPage(as(), browser, 'sign-in', options)
      return { browser, ...(await signIn(browser, page, { username, password })) }
    }

    describe('POST /sign-in, the password (OWASP ASVS 5.0 §6.2.8)', () => {
      it.each([
        ['in capitals', (password: string) => password.toUpperCase()],
        ['with another first letter', (password: string) => `A${password.slice(1)}`],
        ['with a blank at the end', (password: string) => `${password} `],
        ['with a blank in front', (password: string) => ` ${password}`],
        ['without its last character', (password: string) => password.slice(0, -1)],
        ['cut to eight', (password: string) => password.slice(0, 8)],
        ['with a line break', (password: string) => `${password}\n`],
        ['twice', (password: string) => password + password],
        ['escaped once more', (password: string) => encodeURIComponent(password)],
        ['as its hash would be', () => '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA'],
      ])('LG-12 refuses the right one %s', async (_what, change) => {
        const { username, password } = await aUser(as())
        const { page } = await attempt(username, change(password))
        expect(page.status).toBe(401)
        expect(page.headers.getSetCookie()).toEqual([])
      })

      it('LG-12 refuses the right one with NUL and what follows it', async () => {
        const { username, password } = await aUser(as())
        const { page } = await attempt(username, `${password}\0x`)
        expect(page.status).toBe(400)
        expect(errorOn(page).reason).toBe('request_malformed')
      })

      it('LG-12 looks at every character: one that differs at the end of a thousand is refused', async () => {
        const long = `${'long '.repeat(200)}end`
        const { username } = await aUser(as(), { passwordHash: await argon2.hash(long) })
        expect((await attempt(username, `${'long '.repeat(200)}enx`)).page.status).toBe(401)
        expect((await attempt(username, long.slice(0, 72))).page.status).toBe(401)
        expect(pageName((await attempt(username, long)).page)).toBe('consent')
      })

      it('takes the two ways to write an accent for one', async () => {
        const { username } = await aUser(as(), {
          passwordHash: await argon2.hash('cr\u00e8me br\u00fbl\u00e9e ist gut'),
        })
        expect(pageName((await attempt(username, 'cre\u0300me bru\u0302le\u0301e ist gut')).page)).toBe(
          'consent',
        )
      })
    })

    describe('POST /sign-in, what a failure tells (OWASP ASVS 5.0 §6.3.8)', () => {
      /** Names of a kind, each for a password that does not fit. */
      async function failures() {
        const known = await aUser(as())
        const disabled = await aUser(as(), { enabled: false })
        const passwordless = await aUser(as(), { passwordHash: null })
        return [
          ['wrong password', known.username, 'a wrong password'],
          ['unknown user', 'nobody@example.com', 'a wrong password'],
          ['disabled user, right password', disabled.username, disabled.password],
          ['account without password', passwordless.username, 'a wrong password'],
          ['password of 2 KB', known.username, 'x'.repeat(2000)],
          ['user in another source only', SAME.username, 'the password in the second'],
          ['a name no account can have', 'x'.repeat(400), 'a wrong password'],
        ] as const
      }

      it('LG-13 is the same for unknown user, wrong password and disabled account: status, headers and page', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const seen = new Map<string, string>()
        for (const [what, username, password] of await failures()) {
          const answer = await browser.submit(page, [
            ['username', username],
            ['password', password],
          ])
          seen.set(what, comparable(answer, username.slice(0, 320)))
        }
        const [first] = seen.values()
        expect(first).toContain('401')
        for (const [what, text] of seen) expect(text, what).toBe(first)
      })

      it('LG-14 costs one hash in every case, with the empty password too: so it takes the same time', async () => {
        const cases = [
          ...(await failures()),
          ['empty password', ALICE.username, ''],
          ['empty password, unknown user', 'nobody@example.com', ''],
        ] as const
        for (const [what, username, password] of cases) {
          hashed.length = 0
          await attempt(username, password)
          expect(hashed.length, what).toBe(1)
        }
      })

      it('says which field is empty, and whose account it is of neither', async () => {
        const known = await attempt(ALICE.username, '')
        const unknown = await attempt('nobody@example.com', '')
        for (const { page } of [known, unknown]) expect(page.status).toBe(400)
        const flows = [flowOf(known.page), flowOf(unknown.page)]
        expect(withoutNames(known.page, ALICE.username).replaceAll(flows[0] ?? '', '')).toBe(
          withoutNames(unknown.page, 'nobody@example.com').replaceAll(flows[1] ?? '', ''),
        )
        expect((await attempt('', 'a password')).page.status).toBe(400)
        expect((await attempt('   ', 'a password')).page.status).toBe(400)
      })

      it('LG-18 answers what is far too large at once, without hashing it', async () => {
        hashed.length = 0
        for (const [username, password] of [
          [ALICE.username, 'x'.repeat(1 << 20)],
          ['x'.repeat(100_000), 'a password'],
        ] as const) {
          const { page } = await attempt(username, password)
          expect(page.status).toBe(413)
          expect(page.body.length).toBeLessThan(1000)
        }
        expect(hashed).toEqual([])
      })

      it.each([
        ['LDAP', '*)(uid=*))(|(uid=*'],
        ['a template', '{{7*7}}<%= 7*7 %>#{7*7}'],
        ['markup', '"><script>alert(1)</script>'],
        ['SQL', "' OR '1'='1' --"],
        ['an object', '[object Object]'],
        ['a control character', 'alice\u0007@example.com'],
        ['a text that turns around', '\u202ealice@example.com'],
      ])(
        'LG-18 does nothing by a username that is %s, and reflects it as text alone',
        async (_what, username) => {
          const { page } = await attempt(username, username)
          expect(page.status).toBe(401)
          expect(page.body).not.toContain('<script>alert')
          expect(Object.fromEntries(readForm(page).values).username).toBe(username)
        },
      )

      /** All that an answer says, but for the name that was typed and the time. */
      function comparable(answer: Visit, username: string): string {
        const headers = [...answer.headers].filter(([name]) => !['date', 'content-length'].includes(name))
        return `${answer.status}\n${headers.map((pair) => pair.join(': ')).join('\n')}\n${withoutNames(answer, username)}`
      }
      function withoutNames({ body }: Visit, username: string): string {
        return body.replaceAll(username, 'NAME').replace(/name="csrf" value="[^"]*"/g, '')
      }
    })

    describe('the password field (OWASP ASVS 5.0 §6.2.6, §6.2.7)', () => {
      it.each([
        ['sign-in', {}, 'current-password'],
        ['sign-up', { prompt: 'create' }, 'new-password'],
      ] as const)(
        'LG-22 on %s hides what is typed, and lets people paste and password managers fill',
        async (name, parameters, autocomplete) => {
          const { body } = await openPage(as(), new FormBrowser(), name, { parameters })
          const field = /<input[^>]*id="password"[^>]*>/.exec(body)?.[0] ?? ''
          expect(field).toContain('type="password"')
          expect(field).toContain(`autocomplete="${autocomplete}"`)
          expect(field).not.toMatch(/maxlength|pattern|onpaste|value=/)
        },
      )

      it('is empty again after a failure, and whatever was typed is nowhere on the page', async () => {
        const { page } = await attempt(ALICE.username, 'a secret typed in vain')
        expect(page.body).not.toContain('a secret typed in vain')
      })
    })

    describe('a whole sign-in', () => {
      it('LG-23 never repeats a post elsewhere (307, 308), and never puts a password into an address', async () => {
        const seen: Array<{
          readonly url: string
          readonly status: number
          readonly location: string | null
        }> = []
        const browser = new FormBrowser(async (url, init) => {
          const answer = await fetch(url, init)
          seen.push({ url, status: answer.status, location: answer.headers.get('location') })
          return answer
        })
        const person = await aUser(as())
        const page = await openPage(as(), browser, 'sign-in')
        await signIn(browser, page, { ...person, password: 'wrong first' })
        const consent = await signIn(browser, page, person)
        await press(browser, consent.page, ['action', 'allow'])
        expect(seen.length).toBeGreaterThan(5)
        for (const { url, status, location } of seen) {
          expect([200, 303, 401]).toContain(status)
          for (const address of [url, location ?? '']) {
            for (const word of ['password', person.password.split(' ')[1] ?? '', person.username])
              expect(address).not.toContain(word)
          }
        }
      })

      it('leaves neither password nor username in the log', async () => {
        const person = await aUser(as(), { username: 'unmistakable@example.com' })
        await attempt(person.username, 'an unmistakable password')
        await attempt('somebody-unmistakable', 'an unmistakable password')
        expect(as().server.logs.filter((line) => line.includes('unmistakable'))).toEqual([])
      })
    })

    describe('who may sign in where (contract §2, user_access and identity_sources)', () => {
      it('user_access assigned lets in whom it names; others are sent back with access_denied', async () => {
        const { url } = await as().authorize({ client: 'assigned', user: ALICE })
        expect(url.searchParams.has('code')).toBe(true)
        const other = await aUser(as(), { clients: [] })
        const { browser, ...refused } = await attempt(other.username, other.password, { client: 'assigned' })
        expectRefused(as(), refused, { error: 'access_denied', reason: 'user_not_assigned' })
        const silent = { client: 'assigned', parameters: { prompt: 'none' } }
        expectRefused(as(), await open(as(), browser, silent), {
          error: 'access_denied',
          reason: 'user_not_assigned',
        })
        // Elsewhere the same session is good.
        await openPage(as(), browser, 'consent')
      })

      it('tries a password against one account alone, that of the client’s first source', async () => {
        expect(pageName((await attempt(SAME.username, 'the password in the pool')).page)).toBe('consent')
        expect((await attempt(SAME.username, 'the password in the second')).page.status).toBe(401)
        for (const client of ['second-only', 'both']) {
          expect((await attempt(SAME.username, 'the password in the pool', { client })).page.status).toBe(401)
          const { response } = await attempt(SAME.username, 'the password in the second', { client })
          expect(response?.searchParams.has('code')).toBe(true)
        }
      })

      it('does not take the session of an account from a source that the client does not use', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        await openPage(as(), browser, 'sign-in', { client: 'second-only' })
        expectRefused(
          as(),
          await open(as(), browser, { client: 'second-only', parameters: { prompt: 'none' } }),
          { error: 'login_required' },
        )
        expect(
          (
            await open(as(), browser, { client: 'both', parameters: { prompt: 'none' } })
          ).response?.searchParams.has('code'),
        ).toBe(true)
      })

      it('gives accounts of the same name different subjects', async () => {
        const inPool = await as().login({ user: { ...SAME, password: 'the password in the pool' } })
        const inSecond = await as().login({
          client: 'second-only',
          user: { ...SAME, password: 'the password in the second' },
        })
        expect(claimsOf(inPool.id_token).sub).not.toBe(claimsOf(inSecond.id_token).sub)
      })

      it('takes the name in any case and with blanks around it', async () => {
        const { username, password } = await aUser(as(), { username: 'Mixed.Case@Example.com' })
        for (const spelling of [username.toUpperCase(), ` ${username}\t`, 'ｍixed.case@example.com']) {
          const browser = new FormBrowser()
          const page = await openPage(as(), browser, 'sign-in')
          const arrival = await arrive(
            browser,
            await browser.submit(page, [
              ['username', spelling],
              ['password', password],
            ]),
          )
          expect(pageName(arrival.page)).toBe('consent')
        }
      })
    })
  },
  { config, hasher },
)
