import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { errorOn, flowOf, open, signIn } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { plainRequest, type RawOptions } from '../../support/raw-http.ts'
import { forEachSharedStore } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { cloudentityConfig } from './config.ts'

const CURL = { accept: '*/*', 'user-agent': 'curl/8.14.1' }

forEachSharedStore(
  (as) => {
    const get = (address: string, headers: RawOptions['headers'] = CURL) => {
      const { pathname, search, host } = new URL(address)
      return plainRequest(as().server.url, pathname + search, { headers: { ...headers, host } })
    }
    const pageOf = (answer: { readonly text: string }) => pageName({ body: answer.text })
    const reasonOf = (answer: { readonly text: string }) => errorOn({ body: answer.text }).reason
    const signInUrl = async (client = 'spa', parameters: Readonly<Record<string, string | null>> = {}) => {
      const { url } = as().authorizationUrl({ client, parameters })
      return (await get(url)).headers.get('location') ?? ''
    }

    describe('GET /sign-in by a program without cookies (RFC 6819 §4.4.1.8)', () => {
      it('S3-10 curl --location follows to the sign-in page', async () => {
        const answer = await get(await signInUrl('spa', { scope: null, state: null, nonce: null }))
        expect(answer.status).toBe(200)
        expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
        expect(pageOf(answer)).toBe('sign-in')
        expect(answer.headers.getSetCookie()).toEqual([])
      })

      it('S3-10 strict: gets the page in a program that keeps the cookie, and is told so in one that does not', async () => {
        const url = await signInUrl('strict')
        const answer = await get(url)
        expect(answer.status).toBe(400)
        expect(reasonOf(answer)).toBe('interaction_other_browser')
        const { page } = await open(as(), new FormBrowser(), { client: 'strict' })
        expect(pageName(page)).toBe('sign-in')
      })

      it('tells nothing of strict clients, also of those that were changed since', async () => {
        const { deps } = as().server.pixy
        const workspaceId = deps.workspaces.list()[0]?.id ?? ''
        const strict = await deps.store.clients.find(workspaceId, 'strict')
        if (!strict) throw new Error('the configuration has no strict client')
        const changed = {
          'peek-disabled': { disabled: true },
          'peek-moved': { metadata: { ...strict.metadata, redirect_uris: ['https://elsewhere.example/'] } },
        }
        for (const [clientId, change] of Object.entries(changed)) {
          expect(await deps.store.clients.insert({ ...strict, clientId })).toBe(true)
          const url = await signInUrl(clientId)
          await deps.store.clients.update({ ...strict, clientId, ...change })
          await deps.workspaces.reload()
          expect(reasonOf(await get(url)), clientId).toBe('interaction_other_browser')
        }
      })

      it('nobody signs in by that page', async () => {
        const url = await signInUrl()
        const answer = await get(url)
        const page = { url, status: 200, headers: answer.headers, body: answer.text }
        const posted = await signIn(new FormBrowser(), page, ALICE)
        expect(posted.response).toBeUndefined()
        expect(errorOn(posted.page).reason).toBe('interaction_other_browser')
        expect(posted.page.headers.getSetCookie()).toEqual([])
      })

      it('it names nobody, also where the request did', async () => {
        const answer = await get(await signInUrl('spa', { login_hint: ALICE.username }))
        expect(pageOf(answer)).toBe('sign-in')
        expect(answer.text).not.toContain(ALICE.username)
      })

      it.each([
        ['asks for HTML', { accept: 'text/html,application/xhtml+xml' }],
        ['tells Sec-Fetch-Site', { ...CURL, 'sec-fetch-site': 'cross-site' }],
        ['keeps cookies', { ...CURL, cookie: 'other=1' }],
      ])('is refused to a browser that did not begin it: one that %s', async (_what, headers) => {
        const answer = await get(await signInUrl(), headers)
        expect(answer.status).toBe(400)
        expect(reasonOf(answer)).toBe('interaction_other_browser')
      })

      it('is refused once somebody has signed in, and where there is no such sign-in', async () => {
        const browser = new FormBrowser()
        const { page } = await open(as(), browser, { client: 'spa' })
        const consent = await signIn(browser, page, ALICE)
        expect(pageName(consent.page)).toBe('consent')
        const answer = await get(`${as().issuer}/sign-in?flow=${flowOf(page)}`)
        expect(reasonOf(answer)).toBe('interaction_other_browser')
        const unknown = await get(`${as().issuer}/sign-in?flow=flow_0000000000000000000000`)
        expect(reasonOf(unknown)).toBe('interaction_unknown')
        const late = await signInUrl()
        as().advance(3601)
        expect(reasonOf(await get(late))).toBe('interaction_other_browser')
      })
    })
  },
  { config: cloudentityConfig(), hasher: quickHasher() },
)
