import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  flowOf,
  open,
  openPage,
  openUrl,
  press,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { type AuthorizeOptions, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    { client_id: 'with-port', redirect_uris: ['https://APP.example:8443/callback'] },
    { client_id: 'local', redirect_uris: ['http://localhost:5173/callback'] },
  ],
})

forEachSharedStore(
  (as) => {
    /** Each kind of page that there is, with the name it must have. */
    async function everyPage(): Promise<ReadonlyArray<readonly [string, Visit]>> {
      const browser = await signedIn(as(), await aUser(as()))
      const fresh = new FormBrowser()
      const wrong = await signIn(fresh, await openPage(as(), fresh, 'sign-in'), {
        username: 'nobody',
        password: 'x',
      })
      const cancelled = await openPage(as(), browser, 'sign-in', { parameters: { prompt: 'login' } })
      await press(browser, cancelled, ['action', 'cancel'])
      return [
        ['sign-in', await openPage(as(), fresh, 'sign-in')],
        ['sign-in', wrong.page],
        ['sign-up', await openPage(as(), fresh, 'sign-up', { parameters: { prompt: 'create' } })],
        ['consent', await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } })],
        [
          'select-account',
          await openPage(as(), browser, 'select-account', { parameters: { prompt: 'select_account' } }),
        ],
        ['error', (await open(as(), fresh, { redirectUri: 'https://evil.example/' })).page],
        ['error', (await open(as(), fresh, { client: 'nobody' })).page],
        ['error', (await openUrl(browser, cancelled.url)).page],
        ['error', await fresh.visit(`${as().issuer}/no-such-page`)],
        ['error', await fresh.visit(`${as().issuer}/oauth2/authorize`, { method: 'PUT', body: 'x' })],
        [
          'form-post',
          (await open(as(), fresh, { parameters: { prompt: 'none', response_mode: 'form_post' } })).page,
        ],
        ['sign-out', (await openUrl(browser, `${as().issuer}/oauth2/logout`)).page],
        ['signed-out', await fresh.visit(`${as().issuer}/signed-out`)],
      ]
    }
    const directives = ({ headers }: Visit) =>
      new Map(
        (headers.get('content-security-policy') ?? '')
          .split('; ')
          .map((text) => [text.split(' ')[0] ?? '', text.split(' ').slice(1)]),
      )

    describe('headers of every page (security.md §4.6)', () => {
      it('LG-06, LG-07, LG-08 no frames, no cache, no sniffing, no foreign script, no referrer for others, no version', async () => {
        for (const [name, page] of await everyPage()) {
          expect(pageName(page)).toBe(name)
          const { headers } = page
          expect(headers.get('x-frame-options'), name).toBe('DENY')
          expect(headers.get('cache-control')).toBe('no-store')
          expect(headers.get('x-content-type-options')).toBe('nosniff')
          expect(headers.get('referrer-policy')).toBe('same-origin')
          expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
          expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
          for (const banner of ['server', 'x-powered-by', 'via']) expect(headers.get(banner)).toBeNull()

          const policy = directives(page)
          expect(policy.get('default-src')).toEqual(["'none'"])
          expect(policy.get('frame-ancestors')).toEqual(["'none'"])
          expect(policy.get('base-uri')).toEqual(["'none'"])
          expect(policy.get('style-src')).toEqual(["'self'"])
          expect(policy.get('img-src')).toEqual(["'self'", 'data:'])
          expect(policy.get('script-src')?.filter((source) => !source.startsWith("'sha256-"))).toEqual([
            "'self'",
          ])
          expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/)
          expect(policy.has('object-src')).toBe(false)
        }
      })

      it('LG-08 the pages need no more than that: no inline style or handler, no script but our own file', async () => {
        for (const [name, { body }] of await everyPage()) {
          expect(body, name).not.toMatch(/\son\w+=/i)
          expect(body).not.toMatch(/\sstyle=/i)
          expect(body).not.toMatch(/<style/i)
          expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!localhost|app\.example)/)
          if (name !== 'form-post') expect(body).not.toMatch(/<script(?![^>]*\ssrc="\/_pixy\/)/)
        }
      })

      it('serves what they link to', async () => {
        const { body } = await openPage(as(), new FormBrowser(), 'sign-in')
        const links = [...body.matchAll(/(?:src|href)="(\/_pixy\/[^"]*)"/g)].map(([, link]) => link ?? '')
        expect(links.length).toBeGreaterThan(1)
        for (const link of links) {
          const { status, headers } = await as().request(as().server.url + link)
          expect(status).toBe(200)
          expect(headers.get('x-content-type-options')).toBe('nosniff')
          expect(headers.get('cache-control')).toMatch(/immutable|max-age=31536000/)
        }
      })
    })

    describe('form-action: the pages end at the client (CSP 3 §6.4.1, M-16)', () => {
      it.each([
        ['its origin', { client: 'spa', redirectUri: CALLBACK }, 'https://app.example'],
        [
          'its origin with the port, as browsers write it',
          { client: 'with-port', redirectUri: 'https://APP.example:8443/callback' },
          'https://app.example:8443',
        ],
        [
          'localhost with its port',
          { client: 'local', redirectUri: 'http://localhost:5173/callback' },
          'http://localhost:5173',
        ],
        [
          'the loopback address with the port of the request',
          { client: 'native', redirectUri: 'http://127.0.0.1:49152/callback' },
          'http://127.0.0.1:49152',
        ],
        [
          'http: for an IPv6 loopback, which CSP cannot name',
          { client: 'native', redirectUri: 'http://[::1]:49152/callback' },
          'http:',
        ],
        [
          'the scheme of a native app',
          { client: 'native', redirectUri: 'com.example.app:/callback' },
          'com.example.app:',
        ],
      ] as const)(
        'lists %s, on every page of the interaction',
        async (_what, options: AuthorizeOptions, source) => {
          const browser = new FormBrowser()
          const signInPage = await openPage(as(), browser, 'sign-in', options)
          const wrong = await signIn(browser, signInPage, { username: 'nobody', password: 'x' })
          const signUpPage = await browser.visit(`${as().issuer}/sign-up?flow=${flowOf(signInPage)}`)
          const consent = await signIn(browser, signInPage, await aUser(as()))
          const choice = await browser.visit(`${as().issuer}/select-account?flow=${flowOf(signInPage)}`)
          const pages = [signInPage, wrong.page, signUpPage, consent.page, choice]
          expect(pages.map(pageName)).toEqual(['sign-in', 'sign-in', 'sign-up', 'consent', 'select-account'])
          for (const page of pages) expect(directives(page).get('form-action')).toEqual(["'self'", source])
        },
      )

      it('lists nobody on an error page, whatever redirect URI was sent', async () => {
        for (const redirectUri of [
          'https://evil.example/',
          "https://evil.example'; script-src *",
          'https://evil.example\r\nx: y',
        ]) {
          const { page } = await open(as(), new FormBrowser(), { redirectUri })
          expect(directives(page).get('form-action')).toEqual(["'self'"])
        }
      })
    })

    describe('redirects of an interaction', () => {
      it('AZ-39 are 303, uncached, and lead to our own pages by absolute address of the issuer', async () => {
        for (const address of [as().authorizationUrl().url]) {
          const { status, headers, text } = await as().request(address)
          expect(status).toBe(303)
          expect(headers.get('location')?.startsWith(`${as().issuer}/sign-in?flow=`)).toBe(true)
          expect(headers.get('cache-control')).toBe('no-store')
          expect(text).toBe('')
        }
      })
    })
  },
  { config, hasher: quickHasher() },
)
