import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  errorOn,
  expectErrorPage,
  lastRefusal,
  open,
  openUrl,
  plain,
  signedIn,
} from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [
    {
      client_id: 'with-home',
      redirect_uris: ['https://app.example/callback'],
      initiate_login_uri: 'https://app.example/login',
    },
  ],
})
const EVIL = 'https://evil.example/callback'
/** Members that only the client's owner may see. */
const OWNERS_OWN = ['received', 'expected', 'fix', 'rule', 'param']

/** Everything a page says, its markup aside. */
const textOf = (page: Visit) => plain(page.body) ?? ''

forEachSharedStore(
  (as) => {
    describe('error page in development (RFC 6749 §4.1.2.1)', () => {
      it('shows error, reason, reference, what was received and expected, the rule, the fix, and the command', async () => {
        const { page } = await open(as(), new FormBrowser(), { redirectUri: EVIL })
        const { code, reason, description, reference } = errorOn(page)
        expect({ code, reason, description }).toEqual({
          code: 'invalid_request',
          reason: 'redirect_uri_mismatch',
          description: 'The redirect_uri is not registered for this application.',
        })
        expect(textOf(page)).toContain(EVIL)
        expect(textOf(page)).toContain('https://app.example/callback')
        expect(textOf(page)).toContain('RFC 9700 §2.1')
        expect(textOf(page)).toContain(`pixy explain ${reference}`)
      })

      it('links to the page about the reason', async () => {
        const { page } = await open(as(), new FormBrowser(), { redirectUri: EVIL })
        expect(page.body).toContain(`href="${as().server.url}/docs/errors/redirect_uri_mismatch`)
      })

      it('explains to loopback peers only', async () => {
        const { url } = as().authorizationUrl({ redirectUri: EVIL })
        for (const [remote, explained] of [
          ['127.0.0.1', true],
          ['::1', true],
          ['::ffff:127.0.0.1', true],
          ['192.0.2.7', false],
          ['10.0.0.1', false],
          ['2001:db8::1', false],
        ] as const) {
          const page = await new FormBrowser(throughProxy(as(), remote)).visit(url)
          expect(page.status).toBe(400)
          expect(textOf(page).includes('evil.example'), remote).toBe(explained)
          const answer = await throughProxy(as(), remote)(`${as().issuer}/oauth2/token`, {
            method: 'POST',
            body: new URLSearchParams({ code: 'x' }),
          })
          const json = (await answer.json()) as object
          expect(
            OWNERS_OWN.some((name) => name in json),
            remote,
          ).toBe(explained)
        }
      })

      it('offers the way back to the application where people can mend it themselves', async () => {
        const browser = await signedIn(as(), await aUser(as()))
        const { page } = await open(as(), new FormBrowser(), {
          client: 'with-home',
          parameters: { prompt: 'login' },
        })
        const elsewhere = await openUrl(browser, page.url)
        expectErrorPage(elsewhere, 'interaction_other_browser')
        expect(elsewhere.page.body).toContain('href="https://app.example/login"')
      })

      it('answers paths that are not there by a page as well', async () => {
        const page = await new FormBrowser().visit(`${as().issuer}/no/such/page`)
        expectErrorPage({ page, response: undefined }, 'path_unknown', 404)
      })
    })
  },
  { config },
)

forEachSharedStore(
  (as) => {
    describe('error page with --production', () => {
      it('shows error, public reason and reference, and nothing of the request or the registration', async () => {
        const { page } = await open(as(), new FormBrowser(), {
          redirectUri: EVIL,
          parameters: { state: 'mine-alone' },
        })
        expect(page.status).toBe(400)
        const { code, reason, reference } = errorOn(page)
        expect({ code, reason }).toEqual({ code: 'invalid_request', reason: 'redirect_uri_mismatch' })
        expect(reference).toMatch(/^flow_\w{22}$/)
        for (const secret of ['evil.example', 'app.example', 'mine-alone', 'pixy client', 'pixy explain']) {
          expect(textOf(page)).not.toContain(secret)
        }
      })

      it('keeps the whole truth for the operator, under the reference', async () => {
        await open(as(), new FormBrowser(), { redirectUri: EVIL })
        expect(await lastRefusal(as())).toMatchObject({ rule: 'redirect_uri_mismatch', received: EVIL })
      })

      it('says in a JSON error the public reason alone', async () => {
        const { status, json } = await as().token({
          grant_type: 'authorization_code',
          code: 'x'.repeat(50),
          client_id: 'nobody',
          code_verifier: 'x',
        })
        expect(status).toBe(401)
        expect(json).toMatchObject({ error: 'invalid_client', reason: 'client_authentication_failed' })
        for (const name of OWNERS_OWN) expect(json).not.toHaveProperty(name)
      })

      it('still works: a whole sign-in', async () => {
        const { response } = await open(as(), await signedIn(as(), await aUser(as())))
        expect(response?.searchParams.has('code')).toBe(true)
        expect(pageName((await open(as(), new FormBrowser())).page)).toBe('sign-in')
      })
    })
  },
  { config, production: true },
)
