import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  expectRefused,
  open,
  openPage,
  signedIn,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'] },
  clients: [{ client_id: 'openid-only', redirect_uris: [CALLBACK], scope: 'openid' }],
})

forEachSharedStore(
  (as) => {
    const asking = (claims: unknown) => ({ parameters: { claims: JSON.stringify(claims) } })

    async function login(claims: unknown, scope = 'openid') {
      const user = await aUser(as())
      const tokens = await as().login({ user, scope, ...asking(claims) })
      const userinfo = (await as().userinfo(tokens.access_token)).json
      return { user, idToken: claimsOf(tokens.id_token), userinfo }
    }

    describe('GET /oauth2/authorize, claims (OIDC Core §5.5)', () => {
      it('puts what id_token asks for into the ID token, and nowhere else', async () => {
        const { idToken, userinfo } = await login({
          id_token: { email: null, given_name: { essential: true } },
        })
        expect(idToken).toMatchObject({ email: 'alice@example.com', given_name: 'Alice' })
        expect(idToken).not.toHaveProperty('email_verified')
        expect(Object.keys(userinfo)).toEqual(['sub'])
      })

      it('puts what userinfo asks for into userinfo, and nowhere else', async () => {
        const { idToken, userinfo } = await login({
          userinfo: { name: { essential: true }, phone_number: null },
        })
        expect(userinfo).toEqual({ name: 'Alice Adams', phone_number: '+1 555 0100', sub: userinfo.sub })
        expect(idToken).not.toHaveProperty('name')
      })

      it('leaves claims of scopes out of the ID token (OIDC Core §5.4)', async () => {
        const { idToken, userinfo } = await login({}, 'openid profile email phone address')
        expect(userinfo).toMatchObject({
          name: 'Alice Adams',
          email: 'alice@example.com',
          address: { locality: 'Springfield' },
        })
        for (const name of ['name', 'email', 'address', 'phone_number'])
          expect(idToken).not.toHaveProperty(name)
      })

      it('goes on without a claim that the user does not have, even an essential one (§5.5.1)', async () => {
        const { userinfo } = await login({
          userinfo: { nickname: { essential: true }, 'no_such:claim': null },
        })
        expect(Object.keys(userinfo)).toEqual(['sub'])
      })

      it('returns a claim asked for by value only where it has that value', async () => {
        const { userinfo } = await login({
          userinfo: {
            given_name: { value: 'Alice' },
            family_name: { value: 'Other' },
            locale: { values: ['de', 'en'] },
          },
        })
        expect(userinfo).toEqual({ given_name: 'Alice', locale: 'en', sub: userinfo.sub })
      })

      it('lets nobody ask a claim of the token itself into another value', async () => {
        const { idToken, user } = await login({
          id_token: {
            iss: { value: 'https://evil.example' },
            aud: { value: 'evil' },
            exp: { value: 9999999999 },
            nonce: null,
            azp: null,
          },
        })
        expect(idToken).toMatchObject({
          iss: as().issuer,
          aud: 'spa',
          sub: user.userId,
          nonce: 'nonce-of-the-test',
        })
        expect(idToken).not.toHaveProperty('azp')
      })

      it('ignores members that it does not know', async () => {
        const { idToken } = await login({
          userinfo: null,
          somewhere_else: { email: null },
          id_token: { email: { essential: false, extra: [1] } },
        })
        expect(idToken.email).toBe('alice@example.com')
      })

      it.each([
        ['not JSON', '{'],
        ['an array', '[]'],
        ['a text', '"email"'],
        ['null', 'null'],
        ['a member that is a list', '{"userinfo":["email"]}'],
        ['a claim that is a text', '{"userinfo":{"email":"yes"}}'],
        ['essential as a text', '{"userinfo":{"email":{"essential":"true"}}}'],
        ['values that are none', '{"userinfo":{"email":{"values":"a"}}}'],
        ['200 levels', `{"userinfo":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`],
        ['200 lists', `{"userinfo":{"a":{"value":${'['.repeat(200)}${']'.repeat(200)}}}}`],
        ['9 KB', JSON.stringify({ userinfo: { email: { value: 'x'.repeat(9000) } } })],
      ])('AZ-31 refuses claims: %s', async (_what, claims) => {
        const refused = await open(as(), new FormBrowser(), { parameters: { claims } })
        expectRefused(as(), refused, { error: 'invalid_request', reason: 'claims_malformed' })
      })

      it('AZ-31 takes names that are special to JavaScript for names', async () => {
        const { userinfo } = await login({
          userinfo: { constructor: null, ['__proto__']: { essential: true }, toString: null },
        })
        expect(Object.keys(userinfo)).toEqual(['sub'])
      })
    })

    describe('GET /oauth2/authorize, claims that decide who may sign in (OIDC Core §5.5.1)', () => {
      it('accepts an essential acr that is reached, and names it in the ID token', async () => {
        const acr = 'urn:pixy:acr:password'
        const { idToken } = await login({
          id_token: { acr: { essential: true, values: ['urn:other', acr] } },
        })
        expect(idToken).toMatchObject({ acr, amr: ['pwd'] })
      })

      it('refuses an essential acr that cannot be reached, and does not ask for a password first', async () => {
        for (const acr of [
          { essential: true, value: 'urn:mfa' },
          { essential: true, values: ['urn:mfa', 'urn:other'] },
          { essential: true, values: [] },
        ]) {
          const refused = await open(as(), new FormBrowser(), asking({ id_token: { acr } }))
          expectRefused(as(), refused, { error: 'unmet_authentication_requirements', reason: 'acr_unmet' })
        }
      })

      it('goes on without a voluntary acr, and with an essential one of any value', async () => {
        for (const acr of [{ value: 'urn:mfa' }, { essential: true }, null]) {
          expect(pageName((await open(as(), new FormBrowser(), asking({ id_token: { acr } }))).page)).toBe(
            'sign-in',
          )
        }
      })

      it('accepts only the user whom sub names', async () => {
        const wanted = await aUser(as())
        const other = await aUser(as())
        const browser = await signedIn(as(), other, { scope: 'openid' })
        const forWanted = {
          scope: 'openid',
          parameters: { claims: JSON.stringify({ id_token: { sub: { value: wanted.userId } } }) },
        }

        const silent = { ...forWanted, parameters: { ...forWanted.parameters, prompt: 'none' } }
        expectRefused(as(), await open(as(), browser, silent), { error: 'login_required' })

        // The page takes the wanted account alone, and does not tell whose it is.
        const page = await openPage(as(), browser, 'sign-in', forWanted)
        expect(page.body).not.toContain(wanted.username)
        const refused = await signIn(browser, page, other)
        expect(pageName(refused.page)).toBe('sign-in')
        const consent = await signIn(browser, refused.page, wanted)
        expect(pageName(consent.page)).toBe('consent')
        expect(consent.page.body).toContain(wanted.username)

        const tokens = await as().login({ ...forWanted, user: wanted })
        expect(claimsOf(tokens.id_token).sub).toBe(wanted.userId)
      })

      it('asks in vain for a sub that does not exist', async () => {
        const browser = await signedIn(as(), await aUser(as()), { scope: 'openid' })
        for (const sub of ['usr_nobody', '', '__proto__']) {
          const request = {
            scope: 'openid',
            parameters: { prompt: 'none', claims: JSON.stringify({ id_token: { sub: { value: sub } } }) },
          }
          expectRefused(as(), await open(as(), browser, request), { error: 'login_required' })
        }
      })
    })

    describe('consent and claims', () => {
      const emailInUserinfo = asking({ userinfo: { email: { essential: true } } })

      it('asks the user for what claims would hand out, without widening the scope of the tokens', async () => {
        const user = await aUser(as())
        const browser = new FormBrowser()
        const { page } = await signIn(
          browser,
          await openPage(as(), browser, 'sign-in', { scope: 'openid', ...emailInUserinfo }),
          user,
        )
        expect(readForm(page).checkboxes.map((box) => box.value)).toEqual(['openid', 'email'])

        const allowed = await as().login({ user, scope: 'openid', ...emailInUserinfo })
        expect(allowed.scope).toBe('openid')
        expect((await as().userinfo(allowed.access_token)).json).toHaveProperty('email', 'alice@example.com')
      })

      it('asks again where claims want more than was allowed before', async () => {
        const browser = await signedIn(as(), await aUser(as()), { scope: 'openid' })
        const silent = { scope: 'openid', parameters: { ...emailInUserinfo.parameters, prompt: 'none' } }
        expectRefused(as(), await open(as(), browser, silent), { error: 'consent_required' })
        await openPage(as(), browser, 'consent', { scope: 'openid', ...emailInUserinfo })
      })

      it('hands out through claims no more than the client may ask for by scope', async () => {
        const tokens = await as().login({
          user: await aUser(as()),
          client: 'openid-only',
          scope: 'openid',
          ...asking({ userinfo: { email: { essential: true }, 'name#en': null } }),
        })
        expect(Object.keys((await as().userinfo(tokens.access_token)).json)).toEqual(['sub'])
      })

      it('does not hand out through claims what the user unticked', async () => {
        const user = await aUser(as())
        const tokens = await as().login({
          user,
          scope: 'openid email',
          allow: [],
          ...asking({
            userinfo: { email: { essential: true }, name: null },
            id_token: { email: null, email_verified: null },
          }),
        })
        expect(tokens.scope).toBe('openid')
        expect((await as().userinfo(tokens.access_token)).json).not.toHaveProperty('email')
        expect(claimsOf(tokens.id_token)).not.toHaveProperty('email')
        expect(claimsOf(tokens.id_token)).not.toHaveProperty('email_verified')
      })
    })
  },
  { config, hasher: quickHasher() },
)
