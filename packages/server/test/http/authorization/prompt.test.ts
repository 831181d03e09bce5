import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  type Arrival,
  aUser,
  CALLBACK,
  expectRefused,
  flowOf,
  open,
  openPage,
  openUrl,
  type Person,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [{ client_id: 'hourly', redirect_uris: [CALLBACK], default_max_age: 3600, consent: 'implied' }],
})

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    const prompting = (prompt: string, more: Readonly<Record<string, string>> = {}) => ({
      parameters: { prompt, ...more },
    })

    /** The ID token of the code that a browser brought back. */
    async function idTokenOf({ response, page }: Arrival, verifier: string, client = 'spa') {
      const code = response?.searchParams.get('code')
      if (!code) throw new Error(`no code: ${response?.href ?? pageName(page)}`)
      const answer = await as().token({
        grant_type: 'authorization_code',
        code,
        client_id: client,
        code_verifier: verifier,
        redirect_uri: CALLBACK,
      })
      return claimsOf(String(answer.json.id_token))
    }

    /** Goes through a request that needs no page. */
    async function silently(browser: FormBrowser, options: Parameters<typeof open>[2] = {}) {
      const { url, verifier, client } = as().authorizationUrl(options)
      return idTokenOf(await openUrl(browser, url), verifier, client)
    }

    /** Signs several people in in one browser, the last one last. */
    async function sharedBrowser(...people: readonly Person[]): Promise<FormBrowser> {
      const browser = new FormBrowser()
      for (const user of people) {
        await as().authorize({ user, browser, ...prompting('login') })
        as().advance('1s')
      }
      return browser
    }
    const accountsOn = (page: Visit) =>
      readForm(page)
        .buttons.filter(([name]) => name === 'account')
        .map(([, value]) => value)

    describe('GET /oauth2/authorize, prompt=none (OIDC Core §3.1.2.1, §3.1.2.6)', () => {
      it('AZ-17 answers login_required without a session, and shows no page', async () => {
        expectRefused(as(), await open(as(), new FormBrowser(), prompting('none')), {
          error: 'login_required',
          reason: 'login_required',
        })
      })

      it('AZ-18 answers consent_required with a session that has not consented', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const moreScope = { scope: 'openid notes:write', ...prompting('none') }
        expectRefused(as(), await open(as(), browser, moreScope), {
          error: 'consent_required',
          reason: 'consent_required',
        })
        expectRefused(as(), await open(as(), browser, { client: 'web', ...prompting('none') }), {
          error: 'consent_required',
        })
      })

      it('AZ-18 gives a code with a session that has consented; auth_time and sub stay', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const { verifier, ...authorized } = await as().authorize({ user, browser })
        const first = claimsOf(String((await as().redeem({ verifier, ...authorized })).json.id_token))
        as().advance('50s')
        const second = await silently(browser, prompting('none'))
        expect(second).toMatchObject({ sub: user.userId, auth_time: first.auth_time, sid: first.sid })
        expect(Number(second.iat)).toBeGreaterThanOrEqual(Number(first.iat) + 50)
      })

      it.each([
        'none login',
        'login none',
        'none consent',
        'none select_account',
        'none create',
        'NONE',
        'Login',
        'silent',
        'none,login',
        'login\tconsent',
        'x'.repeat(300),
      ])('AZ-19 refuses prompt=%j with invalid_request', async (prompt) => {
        const browser = await signedIn(as(), await aUser(as()))
        expectRefused(as(), await open(as(), browser, prompting(prompt)), {
          error: 'invalid_request',
          reason: 'prompt_unsupported',
        })
      })

      it('takes none once more for none', async () => {
        expectRefused(as(), await open(as(), new FormBrowser(), prompting('none none')), {
          error: 'login_required',
        })
      })
    })

    describe('GET /oauth2/authorize, prompt=login (OIDC Core §3.1.2.1)', () => {
      it('AZ-20 asks for the password in spite of a session, and auth_time is newer', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const first = claimsOf((await as().login({ user, browser })).id_token)
        as().advance('90s')
        const { url, verifier } = as().authorizationUrl(prompting('login'))
        const { page } = await openUrl(browser, url)
        expect(pageName(page)).toBe('sign-in')
        const second = await idTokenOf(await signIn(browser, page, user), verifier)
        expect(second.sub).toBe(first.sub)
        expect(Number(second.auth_time)).toBeGreaterThanOrEqual(Number(first.auth_time) + 90)
      })

      it('AZ-20 cannot be gone around by the address of a later page', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const flow = flowOf(await openPage(as(), browser, 'sign-in', prompting('login')))
        for (const path of ['consent', 'continue', 'sign-in']) {
          const { page, response } = await openUrl(browser, `${as().issuer}/${path}?flow=${flow}`)
          expect(response).toBeUndefined()
          expect(pageName(page)).toBe('sign-in')
        }
        // Choosing the account that is signed in does not replace its password.
        const { page } = await openUrl(browser, `${as().issuer}/select-account?flow=${flow}`)
        const chosen = await press(browser, page, ['account', accountsOn(page)[0] ?? ''])
        expect(pageName(chosen.page)).toBe('sign-in')
      })

      it('accepts another account in its place, with the consent of that one', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = await signedIn(as(), ann)
        const { url, verifier } = as().authorizationUrl(prompting('login'))
        const consent = await signIn(browser, (await openUrl(browser, url)).page, ben)
        expect(pageName(consent.page)).toBe('consent')
        expect((await idTokenOf(await press(browser, consent.page, ['action', 'allow']), verifier)).sub).toBe(
          ben.userId,
        )
      })

      it('asks once where login and consent are both wanted', async () => {
        const user = await aUser(as())
        const browser = await signedIn(as(), user)
        const consent = await signIn(
          browser,
          await openPage(as(), browser, 'sign-in', prompting('login consent')),
          user,
        )
        expect(pageName(consent.page)).toBe('consent')
        const done = await press(browser, consent.page, ['action', 'allow'])
        expect(done.response?.searchParams.has('code')).toBe(true)
      })
    })

    describe('GET /oauth2/authorize, prompt=consent (OIDC Core §3.1.2.1)', () => {
      it('asks again though there is consent, also for a client whose consent is implied', async () => {
        for (const client of ['spa', 'spa-implied']) {
          const browser = await signedIn(as(), await aUser(as()), { client })
          const page = await openPage(as(), browser, 'consent', { client, ...prompting('consent') })
          const { response } = await press(browser, page, ['action', 'allow'])
          expect(response?.searchParams.has('code')).toBe(true)
        }
      })
    })

    describe('GET /oauth2/authorize, prompt=select_account (OIDC Core §3.1.2.1)', () => {
      it('offers the accounts of this browser, and goes on with the chosen one', async () => {
        const [ann, ben] = [
          await aUser(as(), { claims: { name: 'Ann' } }),
          await aUser(as(), { claims: { name: 'Ben' } }),
        ]
        const browser = await sharedBrowser(ann, ben)
        for (const person of [ann, ben, ann]) {
          const { url, verifier } = as().authorizationUrl(prompting('select_account'))
          const { page } = await openUrl(browser, url)
          expect(pageName(page)).toBe('select-account')
          expect(accountsOn(page)).toHaveLength(3)
          const button = buttonOf(page, person)
          expect((await idTokenOf(await press(browser, page, ['account', button]), verifier)).sub).toBe(
            person.userId,
          )
          // The browser stays with it: a silent renewal must not come back as somebody else.
          expect((await silently(browser, prompting('none'))).sub).toBe(person.userId)
          as().advance('1s')
        }
      })

      it('leads to the sign-in page where somebody else is wanted, or where nobody is signed in', async () => {
        const browser = await sharedBrowser(await aUser(as()))
        const page = await openPage(as(), browser, 'select-account', prompting('select_account'))
        expect(pageName((await press(browser, page, ['account', ''])).page)).toBe('sign-in')
        await openPage(as(), new FormBrowser(), 'sign-in', prompting('select_account'))
      })

      it('signs nobody in by the session id of another browser', async () => {
        const [ann, victim] = [await aUser(as()), await aUser(as())]
        const victims = await sharedBrowser(victim)
        const sid = String((await silently(victims, prompting('none'))).sid)
        const browser = await sharedBrowser(ann)
        const page = await openPage(as(), browser, 'select-account', prompting('select_account'))
        expect(accountsOn(page)).not.toContain(sid)
        for (const account of [sid, 'x', `${accountsOn(page)[0]} `]) {
          expect(pageName((await press(browser, page, ['account', account])).page)).toBe('sign-in')
        }
      })

      it('asks the chosen account for its password where its sign-in is too old', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = await sharedBrowser(ann, ben)
        as().advance('100s')
        const page = await openPage(
          as(),
          browser,
          'select-account',
          prompting('select_account', { max_age: '60' }),
        )
        const chosen = await press(browser, page, ['account', buttonOf(page, ann)])
        expect(pageName(chosen.page)).toBe('sign-in')
      })

      it('goes back to the choice from the consent page, and asks the other account for its own consent', async () => {
        const [ann, ben] = [await aUser(as()), await aUser(as())]
        const browser = await sharedBrowser(ann, ben)
        const wide = { scope: 'openid notes:write' }
        const { url, verifier } = as().authorizationUrl(wide)
        const consent = (await openUrl(browser, url)).page
        expect(pageName(consent)).toBe('consent')
        expect(consent.body).toContain(ben.username)
        const choice = (await openUrl(browser, `${as().issuer}/select-account?flow=${flowOf(consent)}`)).page
        const second = await press(browser, choice, ['account', buttonOf(choice, ann)])
        expect(pageName(second.page)).toBe('consent')
        expect(second.page.body).toContain(ann.username)
        expect((await idTokenOf(await press(browser, second.page, ['action', 'allow']), verifier)).sub).toBe(
          ann.userId,
        )
      })

      /** The value of the button that shows this person. */
      function buttonOf(page: Visit, person: Person): string {
        const button = page.body.split('<button').find((part) => part.includes(person.username))
        return /value="([^"]*)"/.exec(button ?? '')?.[1] ?? ''
      }
    })

    describe('GET /oauth2/authorize, prompt=create (Initiating User Registration via OpenID Connect §4)', () => {
      const newcomer = () => `newcomer-${Math.random().toString(36).slice(2)}@example.com`
      const password = 'a rather long passphrase'

      it('opens the sign-up page, also beside a session, and goes on as the new account', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const { url, verifier } = as().authorizationUrl(prompting('create'))
        const { page } = await openUrl(browser, url)
        expect(pageName(page)).toBe('sign-up')
        const username = newcomer()
        const consent = await press(
          browser,
          page,
          ['username', username],
          ['name', 'New'],
          ['password', password],
          ['password_confirm', password],
        )
        expect(pageName(consent.page)).toBe('consent')
        const claims = await idTokenOf(await press(browser, consent.page, ['action', 'allow']), verifier)
        expect(claims.amr).toEqual(['pwd'])
        const { store, workspaces } = as().server.pixy.deps
        const user = await store.users.findByUsername(workspaces.list()[0]?.id ?? '', 'pool', username)
        expect(claims.sub).toBe(user?.userId)
      })

      it('lets people who have an account sign in instead', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-up', prompting('create'))
        const signInPage = (await openUrl(browser, `${as().issuer}/sign-in?flow=${flowOf(page)}`)).page
        expect(pageName(signInPage)).toBe('sign-in')
        expect(pageName((await signIn(browser, signInPage, user)).page)).toBe('consent')
      })
    })

    describe('GET /oauth2/authorize, max_age (OIDC Core §3.1.2.1)', () => {
      it('AZ-21 asks again for max_age=0, and auth_time is newer', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const first = claimsOf((await as().login({ user, browser })).id_token)
        as().advance('5s')
        const { url, verifier } = as().authorizationUrl({ parameters: { max_age: '0' } })
        const { page } = await openUrl(browser, url)
        expect(pageName(page)).toBe('sign-in')
        const second = await idTokenOf(await signIn(browser, page, user), verifier)
        expect(Number(second.auth_time)).toBeGreaterThan(Number(first.auth_time))
      })

      it('AZ-21 asks again once max_age is exceeded, and answers login_required with prompt=none', async () => {
        const user = await aUser(as())
        const browser = await signedIn(as(), user)
        as().advance('3s')
        await openPage(as(), browser, 'sign-in', { parameters: { max_age: '1' } })
        expectRefused(as(), await open(as(), browser, prompting('none', { max_age: '1' })), {
          error: 'login_required',
        })
        expectRefused(as(), await open(as(), browser, prompting('none', { max_age: '0' })), {
          error: 'login_required',
        })
      })

      it('AZ-21 does not ask within max_age: auth_time and sub stay', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const first = claimsOf((await as().login({ user, browser })).id_token)
        as().advance('9000s')
        expect(await silently(browser, { parameters: { max_age: '10000' } })).toMatchObject({
          sub: user.userId,
          auth_time: first.auth_time,
        })
        as().advance('1000s')
        await silently(browser, { parameters: { max_age: '10000' } })
        as().advance('1s')
        await openPage(as(), browser, 'sign-in', { parameters: { max_age: '10000' } })
      })

      it.each([
        '-1',
        'abc',
        '1.5',
        '1e20',
        '+1',
        ' 1',
        '1 ',
        '0x10',
        '1_000',
        'NaN',
        '٣',
        '99999999999',
        '9'.repeat(400),
      ])('AZ-22 refuses max_age=%j with invalid_request', async (max_age) => {
        const refused = await open(as(), new FormBrowser(), { parameters: { max_age } })
        expectRefused(as(), refused, { error: 'invalid_request', reason: 'max_age_malformed' })
      })

      it('falls back to default_max_age of the client (OIDC Registration §2), which a request may widen', async () => {
        const browser = await signedIn(as(), await aUser(as()), { client: 'hourly' })
        as().advance('3000s')
        await silently(browser, { client: 'hourly' })
        as().advance('700s')
        await openPage(as(), browser, 'sign-in', { client: 'hourly' })
        await silently(browser, { client: 'hourly', parameters: { max_age: '10000' } })
      })

      it('is satisfied by the sign-in of its own interaction, however long the consent takes', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const consent = await signIn(
          browser,
          await openPage(as(), browser, 'sign-in', { parameters: { max_age: '0' } }),
          user,
        )
        as().advance('600s')
        const done = await press(browser, consent.page, ['action', 'allow'])
        expect(done.response?.searchParams.has('code')).toBe(true)
      })
    })
  },
  { config, hasher: quickHasher() },
)
