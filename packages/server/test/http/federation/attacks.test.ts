import { afterEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { applyConfig } from '../../../src/config/apply.ts'
import { parseConfig } from '../../../src/config/schema.ts'
import { aUser, expectErrorPage, openUrl, press } from '../../support/authorization.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import {
  brokerConfig,
  callbackUrl,
  closeProviders,
  comeBack,
  FakeProvider,
  leaveFor,
  redeemAt,
  signInBy,
  startBroker,
} from './support.ts'

afterEach(closeProviders)

const WORKSPACE = 'acme:main'

async function federated(as: TestAs) {
  const users = await as.server.pixy.deps.store.users.list(WORKSPACE, { limit: 100 })
  return users.filter(({ sourceId }) => sourceId === 'corp')
}

forEachStore((start) => {
  describe('names of people who come from a provider', () => {
    it.each([
      ['unverified', { email: 'grace@corp.example', email_verified: false }],
      ['not said to be verified', { email: 'grace@corp.example' }],
    ])('are not an address that is %s: it would be kept from its owner', async (_, userinfo) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { claims: { sub: 'mallory' }, userinfo }
      await signInBy(as, provider)
      provider.behaviour = {
        claims: { sub: 'grace' },
        userinfo: { email: 'grace@corp.example', email_verified: true },
      }
      await signInBy(as, provider)
      const names = (await federated(as)).map(({ username }) => username)
      expect(names.sort()).toEqual(['grace@corp.example', 'mallory'])
    })

    it('do not make somebody the one that the file assigns to a client', async () => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { claims: { sub: 'mallory' }, userinfo: { email: 'grace@corp.example' } }
      await signInBy(as, provider)
      const config = structuredClone(brokerConfig({ corp: provider.issuer }))
      const workspace = config.tenants?.[0]?.workspaces?.[0]
      workspace?.users?.push({
        source: 'corp',
        username: 'grace@corp.example',
        clients: ['corp-assigned'],
      })
      await applyConfig(as.server.pixy.deps, parseConfig({ ...config, url: as.server.url }))
      const { arrival } = await signInBy(as, provider, { client: 'corp-assigned' })
      expect(arrival.response?.searchParams.get('error')).toBe('access_denied')
    })
  })

  describe('accounts to link', () => {
    it.each([
      ['full-width letters', 'ａlice@example.com'],
      ['a Kelvin sign', 'boss@ban\u212a.example'],
    ])('are not those that an address with %s only resembles', async (_, email) => {
      const { as, provider } = await startBroker(start)
      await aUser(as, { username: 'boss@bank.example' })
      provider.behaviour = { userinfo: { email, email_verified: true } }
      const { arrival } = await signInBy(as, provider, { client: 'both' })
      expect(arrival.response?.searchParams.has('code')).toBe(true)
    })

    it('are still there after "separate" where the request wants that very account', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const tokens = await as.login({ client: 'both', browser })
      const now = as.server.clock.now()
      provider.behaviour = {
        claims: { auth_time: now },
        userinfo: { email: ALICE.username, email_verified: true },
      }
      const parameters = { id_token_hint: tokens.id_token, idp_hint: 'corp', prompt: 'login' }
      const { arrival } = await signInBy(as, provider, { browser, client: 'both', parameters })
      expect(pageName(arrival.page)).toBe('link-account')
      const after = await press(browser, arrival.page, ['action', 'separate'])
      expect([pageName(after.page), after.page.status]).toEqual(['sign-in', 403])
      expect(await federated(as)).toEqual([])
    })
  })

  describe('somebody’s first sign-ins', () => {
    it.each([
      ['with a verified address', { email: 'ada@corp.example', email_verified: true }],
      ['without', {}],
    ])('in several browsers at once make one account (%s)', async (_, userinfo) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { userinfo }
      const tries = await Promise.all(
        Array.from({ length: 5 }, async () => {
          const browser = new FormBrowser()
          return { browser, request: await leaveFor(as, browser, 'corp', { client: 'corp-only' }) }
        }),
      )
      provider.nonceOf = new Map(
        tries.map(({ request }, n) => [`code-${n}`, request.searchParams.get('nonce') ?? '']),
      )
      const back = await Promise.all(
        tries.map(({ browser, request }, n) => comeBack(browser, provider, request, { code: `code-${n}` })),
      )
      expect(back.map(({ response }) => response?.searchParams.has('code'))).toEqual(Array(5).fill(true))
      expect(await federated(as)).toHaveLength(1)
    })
  })

  describe('metadata that leads inside', () => {
    it.each(['token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
      'by its %s is not followed',
      async (member) => {
        const { as, provider } = await startBroker(start)
        const inside = await FakeProvider.start()
        try {
          for (const url of [
            `http://127.0.0.1:${new URL(inside.issuer).port}/token`,
            `${inside.issuer}/token`,
          ]) {
            provider.behaviour = { metadata: { [member]: url } }
            as.advance('1h')
            const { arrival } = await signInBy(as, provider)
            expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', 503])
          }
          expect(inside.requests).toBe(0)
        } finally {
          await inside.close()
        }
      },
    )
  })

  describe('answers that come back', () => {
    it('at the redirect URI of no source of the client are not looked at', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      for (const path of ['call-0800-0800', 'other']) {
        const url = new URL(callbackUrl(provider, request))
        url.pathname = url.pathname.replace(/corp$/, path)
        const arrival = await openUrl(browser, url.href)
        expectErrorPage(arrival, 'provider_unknown')
        expect(provider.tokenRequests).toEqual([])
      }
      expect((await comeBack(browser, provider, request)).response?.searchParams.has('code')).toBe(true)
    })

    it('from the provider of before do not go to the one that the source names by now', async () => {
      const { as, provider, other } = await startBroker(start)
      provider.behaviour = { metadata: { authorization_response_iss_parameter_supported: undefined } }
      other.behaviour = provider.behaviour
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const config = brokerConfig({ corp: other.issuer, other: provider.issuer })
      const { deps } = as.server.pixy
      await applyConfig(deps, parseConfig({ ...config, url: as.server.url }))
      await deps.workspaces.refresh()
      const arrival = await comeBack(browser, provider, request, { iss: null })
      expect(pageName(arrival.page)).toBe('sign-in')
      expect([...other.tokenRequests, ...provider.tokenRequests]).toEqual([])
    })

    it('with an auth_time that has a fraction are passed on in whole seconds (RFC 7519 §2)', async () => {
      const { as, provider } = await startBroker(start)
      const then = as.server.clock.now() - 60
      provider.behaviour = { claims: { auth_time: then + 0.75 } }
      const browser = new FormBrowser()
      const { url, verifier } = as.authorizationUrl({ client: 'corp-only' })
      const request = (await openUrl(browser, url)).response ?? new URL(url)
      const { response } = await comeBack(browser, provider, request)
      expect((await redeemAt(as, 'corp-only', verifier, response)).claims.auth_time).toBe(then)
    })

    it.each([[-5], ['yesterday'], [null]])('with auth_time %j sign nobody in', async (auth_time) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { claims: { auth_time } }
      const { arrival } = await signInBy(as, provider)
      expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', 502])
    })

    it.each([
      ['a NUL', 'ada\u0000'],
      ['half a surrogate pair', 'ada\ud800'],
      ['a line break', 'ada\ngrace'],
    ])('with a sub that has %s sign nobody in', async (_, sub) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { claims: { sub } }
      const { arrival } = await signInBy(as, provider)
      expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', 502])
      expect(await federated(as)).toEqual([])
    })
  })
})
