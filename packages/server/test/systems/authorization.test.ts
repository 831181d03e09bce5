import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  expectErrorPage,
  expectRefused,
  open,
  openPage,
  openUrl,
  press,
  STATE,
  signIn,
} from '../support/authorization.ts'
import { forEachSharedStore, s256 } from '../support/test-as.ts'
import { testConfig } from '../support/test-config.ts'

const config = testConfig({
  clients: [
    {
      client_id: 'preset',
      redirect_uris: [CALLBACK],
      code_challenge_methods: ['S256'],
      scope: 'openid notes:read',
    },
  ],
})

/** What all four systems ask of the authorization endpoint, of a client without any dialect. */
forEachSharedStore(
  (as) => {
    describe('GET /oauth2/authorize, as all four systems use it (RFC 6749 §4.1.1)', () => {
      it('S0-08 S3-11 S3-13 sends the browser to sign in, then to consent, then back with a code', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in')
        expect(new URL(page.url).pathname).toBe('/sign-in')
        const consent = await signIn(browser, page, await aUser(as()))
        expect(pageName(consent.page)).toBe('consent')
        const back = await press(browser, consent.page, ['action', 'allow'], ['scope', 'profile'])
        expect(back.response?.searchParams.get('code')).toMatch(/^[A-Za-z0-9_-]+$/)
      })

      it('S3-11 asks for no consent where the client has it implied', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', { client: 'spa-implied' })
        const { response } = await signIn(browser, page, await aUser(as()))
        expect(response?.searchParams.has('code')).toBe(true)
      })

      it('S0-10 S2-14 S3-26 lists what is asked for, and grants what is left ticked', async () => {
        const person = await aUser(as())
        const browser = new FormBrowser()
        const scope = 'openid offline_access notes:read notes:write'
        const page = await openPage(as(), browser, 'sign-in', { scope })
        const { page: consent } = await signIn(browser, page, person)
        const offered = readForm(consent).checkboxes.map(({ value }) => value)
        expect(offered.sort()).toEqual(scope.split(' ').sort())
        for (const text of ['See your notes', 'Create and edit your notes'])
          expect(consent.body).toContain(text)

        const tokens = await as().login({ user: await aUser(as()), scope, allow: ['notes:read'] })
        expect(tokens.scope.split(' ').sort()).toEqual(['notes:read', 'openid'])
      })

      it('S1-06 S2-08 S3-01 takes response_type=code alone: no other, none, and nothing implicit', async () => {
        const answers = [
          ['token', 'unsupported_response_type'],
          ['id_token token', 'unsupported_response_type'],
          ['code token', 'unsupported_response_type'],
          [null, 'invalid_request'],
        ] as const
        for (const [response_type, error] of answers) {
          const arrival = await open(as(), new FormBrowser(), { parameters: { response_type } })
          expectRefused(as(), arrival, { error })
          expect(arrival.response?.href).not.toContain('access_token')
        }
        await openPage(as(), new FormBrowser(), 'sign-in', { parameters: { response_type: 'code' } })
      })

      it('S1-07 S2-06 S2-07 stays on its own page without client_id, and without redirect_uri where several are known', async () => {
        const ask = (parameters: Record<string, string | null>, client = 'spa-two') =>
          open(as(), new FormBrowser(), { client, parameters })
        expectErrorPage(await ask({ client_id: null }), 'client_id_missing')
        expectErrorPage(await ask({ client_id: 'nobody' }), 'authorization_client_unknown')
        expectErrorPage(await ask({ redirect_uri: null }), 'redirect_uri_missing')
        expectErrorPage(await ask({ redirect_uri: 'https://evil.example/' }), 'redirect_uri_mismatch')
      })

      it('S3-03 S3-10 takes a request without redirect_uri, scope and state where one URI is registered', async () => {
        const parameters = { redirect_uri: null, scope: null, state: null, nonce: null }
        const query = as().authorizationUrl({ client: 'native', parameters }).url
        expectErrorPage(await openUrl(new FormBrowser(), query), 'redirect_uri_missing')
        await openPage(as(), new FormBrowser(), 'sign-in', { client: 'spa', parameters })
      })

      it('S1-08 S1-09 S2-09 S2-10 S3-07 takes a challenge by S256 alone', async () => {
        const challenge = s256('x'.repeat(43))
        const refused: ReadonlyArray<Record<string, string | null>> = [
          { code_challenge: null, code_challenge_method: null },
          { code_challenge: null },
          { code_challenge: challenge, code_challenge_method: null },
          { code_challenge: challenge, code_challenge_method: 'plain' },
          { code_challenge: challenge, code_challenge_method: 'SHA256' },
          { code_challenge: challenge, code_challenge_method: 's256' },
          { code_challenge: `${challenge}=` },
          { code_challenge: challenge.slice(1) },
        ]
        for (const parameters of refused) {
          const arrival = await open(as(), new FormBrowser(), { parameters })
          expectRefused(as(), arrival, { error: 'invalid_request' })
        }
        await openPage(as(), new FormBrowser(), 'sign-in', { parameters: { code_challenge: challenge } })
      })

      it('S3-06 refuses another method than the one that the client is set to', async () => {
        const ask = (code_challenge_method: string) =>
          open(as(), new FormBrowser(), {
            client: 'preset',
            scope: 'openid',
            parameters: { code_challenge_method },
          })
        expectRefused(as(), await ask('plain'), { error: 'invalid_request' })
        expect(pageName((await ask('S256')).page)).toBe('sign-in')
      })

      it.each([
        ['%20', 'openid%20notes:read'],
        ['+', 'openid+notes%3Aread'],
        ['a space that the client left to the browser', 'openid notes:read'],
      ])('S1-10 S1-26 reads scopes separated by %s', async (_how, scope) => {
        const { url, verifier, ...rest } = as().authorizationUrl({ scope: 'SCOPE' })
        const browser = new FormBrowser()
        const { page } = await openUrl(browser, url.replace('SCOPE', scope))
        const consent = await signIn(browser, page, await aUser(as()))
        const { response } = await press(browser, consent.page, ['action', 'allow'], ['scope', 'notes:read'])
        const code = response?.searchParams.get('code') ?? ''
        const { json } = await as().redeem({ ...rest, url: new URL(url), code, verifier })
        expect(json.scope).toBe('openid notes:read')
      })

      it.each([
        'x',
        '0123456789abcdef0123456789abcdef',
        'Zm9v+YmFy/cXV4IGFuZCBtb3JlIGJ5dGVz==',
        'a b&c=d%20e#f',
        's'.repeat(500),
      ])('S1-11 S1-13 S2-13 S2-15 returns the state %s unchanged', async (state) => {
        const { url } = await as().authorize({ parameters: { state } })
        expect(url.searchParams.getAll('state')).toEqual([state])
      })

      it('S1-12 S1-13 returns code in the query, and no state where none was sent', async () => {
        const { url } = await as().authorize({ parameters: { state: null } })
        expect(url.searchParams.has('state')).toBe(false)
        expect(url.searchParams.getAll('code')).toHaveLength(1)
        expect(url.hash).toBe('')
      })

      it('S2-12 answers in the query unless form_post was asked for', async () => {
        const person = await aUser(as())
        const answer = async (response_mode: string | null) => {
          const browser = new FormBrowser()
          const parameters = { response_mode }
          const page = await openPage(as(), browser, 'sign-in', { client: 'spa-implied', parameters })
          return signIn(browser, page, person)
        }
        for (const mode of [null, 'query']) {
          const { response } = await answer(mode)
          expect(response?.searchParams.get('state')).toBe(STATE)
          expect(response?.searchParams.has('code')).toBe(true)
        }
        const { page, response } = await answer('form_post')
        expect(response).toBeUndefined()
        const form = readForm(page)
        expect(form.action).toBe(CALLBACK)
        const names = form.values.map(([name]) => name)
        expect(names).toEqual(expect.arrayContaining(['code', 'state', 'iss']))
      })

      it('S2-15 lets a code live a minute', async () => {
        const authorized = await as().authorize()
        as().advance(61)
        expect((await as().redeem(authorized)).json.error).toBe('invalid_grant')
      })
    })
  },
  { config },
)
