import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import {
  aUser,
  errorOn,
  expectRefused,
  flowOf,
  open,
  openPage,
  openUrl,
  type Person,
  plain,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore, headerOf, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    const silent = (id_token_hint: string) => ({ parameters: { prompt: 'none', id_token_hint } })
    const hinting = (id_token_hint: string) => ({ parameters: { id_token_hint } })

    async function someone(options: { readonly client?: string; readonly remember?: boolean } = {}) {
      const user = await aUser(as())
      const browser = new FormBrowser()
      const { id_token, access_token } = await as().login({ user, browser, ...options })
      return { user, browser, hint: id_token, accessToken: access_token }
    }

    describe('GET /oauth2/authorize, id_token_hint (OIDC Core §3.1.2.1)', () => {
      it('goes on silently for the user it names', async () => {
        const { browser, hint } = await someone()
        const { response } = await open(as(), browser, silent(hint))
        expect(response?.searchParams.has('code')).toBe(true)
      })

      it('counts long after it has expired', async () => {
        const { browser, hint, user } = await someone({ remember: true })
        as().advance('13d')
        const { url } = await as().authorize({ browser, user, ...silent(hint) })
        expect(url.searchParams.has('code')).toBe(true)
      })

      it('AZ-23 answers login_required where another user is signed in, with prompt=none', async () => {
        const { browser } = await someone()
        const other = await someone()
        expectRefused(as(), await open(as(), browser, silent(other.hint)), { error: 'login_required' })
        expectRefused(as(), await open(as(), new FormBrowser(), silent(other.hint)), {
          error: 'login_required',
        })
      })

      it('asks for the named account where another user is signed in, and takes nobody else', async () => {
        const { browser, user } = await someone()
        const other = await someone()
        const page = await openPage(as(), browser, 'sign-in', hinting(other.hint))
        // Not by name: this browser has never signed in to it, and the client may not know the address.
        expect(page.body).not.toContain(other.user.username)

        const refused = await signIn(browser, page, user)
        expect(pageName(refused.page)).toBe('sign-in')
        expect(refused.response).toBeUndefined()

        const done = await signIn(browser, refused.page, other.user)
        expect(done.response?.searchParams.has('code')).toBe(true)
      })

      it('names the account, and fixes it, in a browser that has signed in to it before', async () => {
        const { browser, user, hint } = await someone()
        const again = { parameters: { id_token_hint: hint, prompt: 'login' } }
        const page = await openPage(as(), browser, 'sign-in', again)
        expect(Object.fromEntries(readForm(page).values).username).toBe(user.username)
        expect(page.body).toMatch(/<input[^>]*id="username"[^>]*\sreadonly/)

        // Another person's own username and password do not help.
        const stranger = { username: 'somebody@example.com', password: 'the password of somebody else' }
        const refused = await signIn(browser, page, stranger)
        expect(pageName(refused.page)).toBe('sign-in')
        expect(refused.page.status).toBe(401)
      })

      it('chooses among the accounts of one browser', async () => {
        const first = await someone()
        const second = await aUser(as())
        const { browser } = first
        await as().authorize({ user: second, browser, parameters: { prompt: 'login' } })
        const { url, verifier } = as().authorizationUrl(silent(first.hint))
        const { response } = await openUrl(browser, url)
        const code = response?.searchParams.get('code') ?? ''
        const { json } = await as().redeem({
          code,
          verifier,
          client: 'spa',
          redirectUri: 'https://app.example/callback',
          url: new URL(url),
        })
        expect(claimsOf(String(json.id_token)).sub).toBe(first.user.userId)
      })

      it('works by the sub that the client knows, also a pairwise one', async () => {
        const { browser, hint, user } = await someone({ client: 'pairwise' })
        expect(claimsOf(hint).sub).not.toBe(user.userId)
        const { response } = await open(as(), browser, { client: 'pairwise', ...silent(hint) })
        expect(response?.searchParams.has('code')).toBe(true)
        const other = await someone({ client: 'pairwise' })
        expectRefused(as(), await open(as(), other.browser, { client: 'pairwise', ...silent(hint) }), {
          error: 'login_required',
        })
      })

      it('AZ-23 gives no code for a hint that is garbage, forged, changed, or no ID token of this client', async () => {
        const { browser, hint, accessToken } = await someone()
        const [header = '', payload = '', signature = ''] = hint.split('.')
        const claims = claimsOf(hint)
        const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
        const signed = (head: object, body: object) => {
          const input = `${part(head)}.${part(body)}`
          return `${input}.${sign('sha256', Buffer.from(input), { key: foreign, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
        }
        const hmac = (head: object, body: object, key: string) => {
          const input = `${part(head)}.${part(body)}`
          return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
        }
        const jwks = JSON.stringify((await as().request('/.well-known/jwks.json')).json)
        const forged: Record<string, string> = {
          garbage: 'garbage',
          'three dots': '..',
          'alg none': `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
          'alg none with our kid': `${part({ ...headerOf(hint), alg: 'none' })}.${payload}.`,
          'no signature': `${header}.${payload}.`,
          'another subject': `${header}.${part({ ...claims, sub: 'usr_other' })}.${signature}`,
          'a foreign key under our kid': signed(headerOf(hint), claims),
          'HS256 with the public key as secret': hmac({ ...headerOf(hint), alg: 'HS256' }, claims, jwks),
          'a kid that is a path': signed({ ...headerOf(hint), kid: '../../etc/passwd' }, claims),
          'no kid': signed({ alg: 'ES256', typ: 'JWT' }, claims),
          'an embedded key': signed(
            { ...headerOf(hint), kid: 'mine', jwk: foreign.export({ format: 'jwk' }) },
            claims,
          ),
          'a cut signature': hint.slice(0, -2),
          'an access token': accessToken,
          'the ID token of another client': (await someone({ client: 'pairwise' })).hint,
          '10 KB': 'x'.repeat(10_000),
        }
        for (const [what, value] of Object.entries(forged)) {
          for (const options of [silent(value), hinting(value)]) {
            const arrival = await open(as(), browser, options)
            expect(arrival.response?.searchParams.has('code'), what).toBe(false)
            expectRefused(as(), arrival, { error: 'invalid_request', reason: 'id_token_hint_invalid' })
          }
        }
      })

      it('refuses a hint and a claims sub that contradict each other', async () => {
        const { browser, hint } = await someone()
        const claims = JSON.stringify({ id_token: { sub: { value: 'usr_other' } } })
        const refused = await open(as(), browser, { parameters: { id_token_hint: hint, claims } })
        expectRefused(as(), refused, { error: 'invalid_request', reason: 'id_token_hint_invalid' })
      })

      it('verifies a hint whose key was rotated out and has left the JWKS since; a revoked key verifies nothing', async () => {
        const { browser, hint } = await someone({ remember: true })
        const { kid } = headerOf(hint)
        await as().request(`${as().issuer}/__test/keys/rotate`, { method: 'POST', body: '{"now":true}' })
        expect(await publishedKids(as())).toContain(kid)
        as().advance('2d')
        expect(await publishedKids(as())).not.toContain(kid)
        expect((await open(as(), browser, silent(hint))).response?.searchParams.has('code')).toBe(true)

        const { store, workspaces } = as().server.pixy.deps
        await store.keys.setState(workspaces.list()[0]?.id ?? '', String(kid), 'active', 'revoked', {})
        await workspaces.refresh()
        expectRefused(as(), await open(as(), browser, silent(hint)), {
          error: 'invalid_request',
          reason: 'id_token_hint_invalid',
        })
      })
    })

    describe('GET /oauth2/authorize, login_hint (OIDC Core §3.1.2.1)', () => {
      const hinted = (login_hint: string) => ({ parameters: { login_hint } })
      const usernameOn = (page: { readonly body: string; readonly url: string }) =>
        Object.fromEntries(readForm(page).values).username

      it('fills in the username, and leaves it to the user to change it', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', hinted('carol@example.com'))
        expect(usernameOn(page)).toBe('carol@example.com')
        expect(page.body).not.toMatch(/<input[^>]*id="username"[^>]*\sreadonly/)
        expect(pageName((await signIn(browser, page, await aUser(as()))).page)).toBe('consent')
      })

      it('is escaped, and cut where it is longer than any username', async () => {
        const markup = await openPage(
          as(),
          new FormBrowser(),
          'sign-in',
          hinted('"><script>alert(1)</script>'),
        )
        expect(markup.body).not.toContain('<script>alert')
        expect(usernameOn(markup)).toBe('"><script>alert(1)</script>')
        const long = await openPage(as(), new FormBrowser(), 'sign-in', hinted('x'.repeat(5000)))
        expect(usernameOn(long)).toBe('x'.repeat(320))
      })

      it('fills in the sign-up page too', async () => {
        const page = await openPage(as(), new FormBrowser(), 'sign-up', {
          parameters: { prompt: 'create', login_hint: 'new@example.com' },
        })
        expect(usernameOn(page)).toBe('new@example.com')
      })

      it('says no more than the field: it shows nothing of the account, nor whether there is one', async () => {
        const known = await openPage(as(), new FormBrowser(), 'sign-in', hinted('alice@example.com'))
        const unknown = await openPage(as(), new FormBrowser(), 'sign-in', hinted('nobody@example.com'))
        const bare = (page: { readonly body: string }) => page.body.replace(/flow_\w+|value="[^"]*"/g, '')
        expect(bare(known)).toBe(bare(unknown))
      })
    })

    describe('GET /oauth2/authorize, ui_locales, and the language that the user chooses (OIDC Core §3.1.2.1)', () => {
      const inLanguage = (ui_locales: string | null) => ({ parameters: { ui_locales } })
      const language = ({ body }: { readonly body: string }) =>
        /<html lang="([^"]*)" dir="([^"]*)"/.exec(body)?.slice(1).join(' ')

      it('shows the sign-in page in German', async () => {
        const page = await openPage(as(), new FormBrowser(), 'sign-in', inLanguage('de'))
        expect(language(page)).toBe('de ltr')
        expect(plain(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.body)?.[1])).toBe('Anmelden')
      })

      it('shows Arabic from right to left', async () => {
        expect(language(await openPage(as(), new FormBrowser(), 'sign-in', inLanguage('ar')))).toBe('ar rtl')
      })

      it.each([
        ['de-CH-1996', 'de ltr'],
        ['xx fr-CA de en', 'de ltr'],
        ['xx', 'en ltr'],
        ['DE', 'de ltr'],
        ['"><script>', 'en ltr'],
        ['../../de', 'en ltr'],
      ])('finds the best there is for %j', async (wanted, shown) => {
        expect(language(await openPage(as(), new FormBrowser(), 'sign-in', inLanguage(wanted)))).toBe(shown)
      })

      it('keeps the language over all pages of the interaction, with Accept-Language as the last wish', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', inLanguage('ar'))
        const consent = await signIn(browser, page, await aUser(as()))
        expect(language(consent.page)).toBe('ar rtl')
        const { url } = as().authorizationUrl()
        const { headers } = await browser.visit(url)
        const plainPage = await browser.visit(headers.get('location') ?? '', {
          headers: { 'accept-language': 'fr, de;q=0.9, en;q=0.1' },
        })
        expect(language(plainPage)).toBe('de ltr')
      })

      it('follows the language link, and remembers it in a cookie for the next request', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        const link = /<a lang="de"[^>]*href="([^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
        const german = await browser.visit(new URL(link, page.url).href)
        expect(language(german)).toBe('de ltr')
        expect(german.headers.getSetCookie()).toEqual([
          expect.stringMatching(/^pixy_lang=de; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/),
        ])
        expect(language(await openPage(as(), browser, 'sign-in'))).toBe('de ltr')
        // What follows in the interaction stays in that language.
        const wrong = await browser.submit(german, [
          ['username', 'a'],
          ['password', 'b'],
        ])
        expect(language(wrong)).toBe('de ltr')
      })

      it('sets no cookie by the wish of a client, and none for what is no language', async () => {
        const browser = new FormBrowser()
        await openPage(as(), browser, 'sign-in', inLanguage('de'))
        expect(browser.cookies(as().issuer).has('pixy_lang')).toBe(false)
        const flow = flowOf(await openPage(as(), browser, 'sign-in'))
        const { headers } = await browser.visit(
          `${as().issuer}/sign-in?flow=${flow}&ui_locales=%0d%0aSet-Cookie:x`,
        )
        expect(headers.getSetCookie()).toEqual([])
      })

      it('shows error pages in the language of the browser', async () => {
        const { url } = as().authorizationUrl({ client: 'nobody' })
        const page = await new FormBrowser().visit(url, { headers: { 'accept-language': 'de' } })
        expect(language(page)).toBe('de ltr')
        expect(errorOn(page).reason).toBe('authorization_client_unknown')
      })
    })

    describe('GET /oauth2/authorize, hints and an existing session', () => {
      it('does not ask again because of hints', async () => {
        const user: Person = await aUser(as())
        const browser = await signedIn(as(), user)
        const parameters = {
          login_hint: 'somebody@else.example',
          ui_locales: 'de',
          display: 'popup',
          acr_values: 'urn:mfa',
        }
        const { response } = await open(as(), browser, { parameters })
        expect(response?.searchParams.has('code')).toBe(true)
      })

      it('cancels from a page in any language', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', { parameters: { ui_locales: 'ar' } })
        expectRefused(as(), await press(browser, page, ['action', 'cancel']), { error: 'access_denied' })
      })
    })
  },
  { config, hasher: quickHasher() },
)

async function publishedKids(as: TestAs): Promise<readonly unknown[]> {
  const { json } = await as.request('/.well-known/jwks.json')
  return (json.keys as ReadonlyArray<{ readonly kid: string }>).map(({ kid }) => kid)
}
