import { describe, expect, it } from 'vitest'
import { FormBrowser, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  aUser,
  CALLBACK,
  decisionsOf,
  expectRefused,
  flowOf,
  lastRefusal,
  open,
  openPage,
  openUrl,
  signIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({
  workspace: { signing_algs: ['ES256'], default_scope: 'openid profile notes:read' },
  clients: [
    { client_id: 'narrow', redirect_uris: [CALLBACK], scope: 'openid profile' },
    { client_id: 'unlimited', redirect_uris: [CALLBACK] },
    { client_id: 'one-api', redirect_uris: [CALLBACK], resources: ['https://api.example'] },
  ],
})

forEachSharedStore(
  (as) => {
    const request = (options: Parameters<typeof open>[2]) => open(as(), new FormBrowser(), options)

    /** The consent page of a user who has not been asked before. */
    async function consentPage(options: Parameters<typeof open>[2]): Promise<Visit> {
      const browser = new FormBrowser()
      const { page } = await signIn(
        browser,
        await openPage(as(), browser, 'sign-in', options),
        await aUser(as()),
      )
      return page
    }
    const offered = (page: Visit) => readForm(page).checkboxes.map((box) => box.value)

    describe('GET /oauth2/authorize, scope (RFC 6749 §3.3, OIDC Core §3.1.2.1)', () => {
      it('asks for what was asked, in that order and each once', async () => {
        expect(offered(await consentPage({ scope: 'email openid notes:write email' }))).toEqual([
          'email',
          'openid',
          'notes:write',
        ])
      })

      it('asks for the default scope of the workspace where none is named', async () => {
        for (const scope of [null, '']) {
          expect(offered(await consentPage({ parameters: { scope } }))).toEqual([
            'openid',
            'profile',
            'notes:read',
          ])
        }
      })

      it('keeps the default scope within what the client may ask for', async () => {
        expect(offered(await consentPage({ client: 'narrow', parameters: { scope: null } }))).toEqual([
          'openid',
          'profile',
        ])
      })

      it('leaves out a scope that nobody here knows, and notes it for the owner', async () => {
        const browser = new FormBrowser()
        const page = await openPage(as(), browser, 'sign-in', { scope: 'openid no:such:scope profile' })
        expect(await decisionsOf(as(), flowOf(page))).toContainEqual(
          expect.objectContaining({
            rule: 'scope_ignored',
            outcome: 'noted',
            param: 'scope',
            received: 'no:such:scope',
          }),
        )
        const consent = await signIn(browser, page, await aUser(as()))
        expect(offered(consent.page)).toEqual(['openid', 'profile'])
      })

      it('AZ-16 refuses a request of which no scope is known', async () => {
        expectRefused(as(), await request({ scope: 'no:such:scope another' }), {
          error: 'invalid_scope',
          reason: 'scope_unknown',
        })
      })

      it('refuses a known scope that this client may not have, and tells its owner how to allow it', async () => {
        const refused = await request({ client: 'narrow', scope: 'openid notes:read' })
        expectRefused(as(), refused, { error: 'invalid_scope', reason: 'scope_not_allowed' })
        expect(await lastRefusal(as())).toMatchObject({
          received: 'notes:read',
          expected: 'openid profile',
          fix: expect.stringContaining('pixy client update narrow --scope "openid profile notes:read"'),
        })
      })

      it('allows every scope of the workspace to a client whose registration names none', async () => {
        expect(offered(await consentPage({ client: 'unlimited', scope: 'openid notes:delete' }))).toEqual([
          'openid',
          'notes:delete',
        ])
      })

      it.each([
        ['a quotation mark', 'openid "profile"'],
        ['a backslash', 'openid pro\\file'],
        ['two blanks', 'openid  profile'],
        ['a blank in front', ' openid'],
        ['a tab', 'openid\tprofile'],
        ['a comma and a line break', 'openid,\nprofile'],
        ['what is not ASCII', 'openid profilé'],
        ['more than 4,096 characters', `openid ${'x'.repeat(4096)}`],
      ])('AZ-16 refuses a scope with %s', async (_what, scope) => {
        expectRefused(as(), await request({ scope }), { error: 'invalid_scope', reason: 'scope_malformed' })
      })

      it('AZ-16 survives 400 repeats of a scope', async () => {
        expectRefused(as(), await request({ scope: Array(400).fill('openid').join(' ') }), {
          error: 'invalid_scope',
        })
        expect(offered(await consentPage({ scope: Array(99).fill('openid').join(' ') }))).toEqual(['openid'])
      })

      it('compares scopes in upper and lower case as they are', async () => {
        expectRefused(as(), await request({ scope: 'OPENID' }), {
          error: 'invalid_scope',
          reason: 'scope_unknown',
        })
      })

      it('issues no ID token without openid', async () => {
        const { status, json } = await as().redeem(
          await as().authorize({ user: await aUser(as()), scope: 'notes:read' }),
        )
        expect(status).toBe(200)
        expect(json.scope).toBe('notes:read')
        expect(json).not.toHaveProperty('id_token')
      })
    })

    describe('consent narrows the scope (RFC 6749 §3.3, §5.1)', () => {
      it('puts the granted subset into token response, access token and userinfo', async () => {
        const tokens = await as().login({
          user: await aUser(as()),
          scope: 'openid profile email notes:read',
          allow: ['email'],
        })
        expect(tokens.scope).toBe('openid email')
        expect(claimsOf(tokens.access_token).scope).toBe('openid email')
        const { json } = await as().userinfo(tokens.access_token)
        expect(json).toHaveProperty('email')
        expect(json).not.toHaveProperty('name')
      })

      it('gives no refresh token where the user unticked offline_access', async () => {
        const tokens = await as().login({
          user: await aUser(as()),
          scope: 'openid offline_access',
          allow: [],
        })
        expect(tokens.scope).toBe('openid')
        expect(tokens).not.toHaveProperty('refresh_token')
      })

      it('leaves a sensitive scope out unless the user ticks it', async () => {
        const user = await aUser(as())
        const untouched = await as().login({ user, scope: 'openid notes:read notes:delete' })
        expect(untouched.scope).toBe('openid notes:read')
        const ticked = await as().login({
          user,
          scope: 'openid notes:read notes:delete',
          allow: ['notes:delete'],
          parameters: { prompt: 'consent' },
        })
        expect(ticked.scope).toBe('openid notes:delete')
      })
    })

    describe('GET /oauth2/authorize, resource (RFC 8707 §2)', () => {
      it('names the resource in the access token, and gives the API its own scopes alone', async () => {
        const tokens = await as().login({
          user: await aUser(as()),
          scope: 'openid notes:read',
          parameters: { resource: 'https://api.example' },
        })
        expect(claimsOf(tokens.access_token)).toMatchObject({
          aud: 'https://api.example',
          scope: 'openid notes:read',
        })
      })

      it.each(['https://api.example/', 'https://API.example', 'https://api.example:443/'])(
        'takes %s for the registered one, as URL libraries write it, and names it as it is registered',
        async (resource) => {
          const options = { user: await aUser(as()), parameters: { resource } }
          const tokens = await as().login(options, { resource })
          expect(claimsOf(tokens.access_token).aud).toBe('https://api.example')
        },
      )

      it('has the issuer as audience where no resource is named', async () => {
        const tokens = await as().login({ user: await aUser(as()), scope: 'openid' })
        expect(claimsOf(tokens.access_token).aud).toBe(as().issuer)
      })

      it('shows the names of the APIs on the consent page', async () => {
        const page = await consentPage({ parameters: { resource: 'https://api.example' } })
        expect(page.body).toContain('Notes API')
      })

      it('grants several resources in one authorization, each to be asked for at the token endpoint', async () => {
        const browser = new FormBrowser()
        const authorized = await as().authorize({ user: await aUser(as()), browser })
        const { url, verifier } = as().authorizationUrl()
        const both = `${url}&resource=https%3A%2F%2Fapi.example&resource=https%3A%2F%2Fother.example`
        const { response } = await openUrl(browser, both)
        const code = response?.searchParams.get('code') ?? ''
        const answer = await as().redeem(
          { ...authorized, code, verifier },
          { resource: 'https://other.example' },
        )
        expect(answer.status).toBe(200)
        expect(claimsOf(String(answer.json.access_token)).aud).toBe('https://other.example')
      })

      it.each([
        ['relative', '/api'],
        ['without a scheme', 'api.example'],
        ['with a fragment', 'https://api.example#frag'],
        ['with an empty fragment', 'https://api.example#'],
        ['with userinfo', 'https://user@api.example'],
        ['with a blank', 'https://api.example/a b'],
        ['without a host', 'https://'],
        ['of 3 KB', `https://api.example/${'x'.repeat(3000)}`],
      ])('refuses a resource that is %s with invalid_target', async (_what, resource) => {
        expectRefused(as(), await request({ parameters: { resource } }), {
          error: 'invalid_target',
          reason: 'resource_malformed',
        })
      })

      it.each(['https://unknown.example', 'https://api.example/v2', 'http://api.example', 'urn:api.example'])(
        'refuses %s, which is not registered',
        async (resource) => {
          expectRefused(as(), await request({ parameters: { resource } }), {
            error: 'invalid_target',
            reason: 'resource_unknown',
          })
        },
      )

      it('refuses the whole request where one of several resources is unknown, or where there are too many', async () => {
        const { url } = as().authorizationUrl()
        const one = await openUrl(
          new FormBrowser(),
          `${url}&resource=https%3A%2F%2Fapi.example&resource=https%3A%2F%2Fevil.example`,
        )
        expectRefused(as(), one, { error: 'invalid_target', reason: 'resource_unknown' })
        const many = Array.from({ length: 50 }, (_, i) => `&resource=https%3A%2F%2Fapi.example%2F${i}`).join(
          '',
        )
        expectRefused(as(), await openUrl(new FormBrowser(), url + many), { error: 'invalid_target' })
      })

      it('refuses a resource that this client may not ask for', async () => {
        const refused = await request({
          client: 'one-api',
          parameters: { resource: 'https://other.example' },
        })
        expectRefused(as(), refused, { error: 'invalid_target', reason: 'resource_not_allowed' })
        await openPage(as(), new FormBrowser(), 'sign-in', {
          client: 'one-api',
          parameters: { resource: 'https://api.example' },
        })
      })
    })
  },
  { config, hasher: quickHasher() },
)
