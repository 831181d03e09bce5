import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import {
  type Arrival,
  arrive,
  decisionsOf,
  expectErrorPage,
  flowOf,
  openPage,
  openUrl,
  signIn,
} from '../../support/authorization.ts'
import { foreignKey } from '../../support/jwt.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import {
  callbackUrl,
  closeProviders,
  comeBack,
  type FakeProvider,
  leaveFor,
  OUR_SECRET,
  type ProviderBehaviour,
  pressProvider,
  startBroker,
} from './support.ts'

afterEach(closeProviders)

const WORKSPACE = 'acme:main'

/** The person is back on the sign-in page with a message, and the flow tells why. */
async function expectProblem(as: TestAs, arrival: Arrival, rule: string, status: number): Promise<void> {
  expect(arrival.response?.href).toBeUndefined()
  expect([pageName(arrival.page), arrival.page.status]).toEqual(['sign-in', status])
  expect(arrival.page.body).toContain('id="form-error"')
  const refused = (await decisionsOf(as, flowOf(arrival.page))).filter(({ outcome }) => outcome === 'refused')
  expect(refused.map((decision) => decision.rule)).toContain(rule)
}

async function federatedUsers(as: TestAs): Promise<number> {
  const users = await as.server.pixy.deps.store.users.list(WORKSPACE, { limit: 100 })
  return users.filter(({ sourceId }) => sourceId !== 'pool').length
}

/** Tries again from the page, with a provider that behaves. */
async function expectStillGoesOn(browser: FormBrowser, provider: FakeProvider, { page }: Arrival) {
  provider.behaviour = {}
  const { response } = await comeBack(browser, provider, await pressProvider(browser, page, 'corp'))
  expect(response?.searchParams.has('code')).toBe(true)
}

const invalid: ReadonlyArray<readonly [string, ProviderBehaviour]> = [
  ['another nonce', { claims: { nonce: 'of-somebody-else' } }],
  ['no nonce', { claims: { nonce: undefined } }],
  ['the iss of another', { claims: { iss: 'https://evil.example' } }],
  ['another audience', { claims: { aud: 'another-client' } }],
  ['two audiences and no azp', { claims: { aud: ['pixy-at-corp', 'another-client'] } }],
  ['an azp that is another', { claims: { aud: ['pixy-at-corp', 'x'], azp: 'x' } }],
  ['an end in the past', { claims: { exp: 1_700_000_000 } }],
  ['no sub', { claims: { sub: undefined } }],
  ['an empty sub', { claims: { sub: '' } }],
  ['a sub without end', { claims: { sub: 'x'.repeat(256) } }],
  ['an at_hash of another access token', { claims: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
  ['no ID token', { tokens: { id_token: undefined } }],
  ['an ID token without signature', { tokens: { id_token: 'eyJhbGciOiJub25lIn0.e30.' } }],
  ['userinfo about somebody else', { userinfo: { sub: 'grace' } }],
  ['HTML', { raw: { '/token': { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' } } }],
  ['broken JSON', { raw: { '/token': { status: 200, body: '{' } } }],
  ['no keys', { raw: { '/jwks': { status: 200, body: '{}' } } }],
  ['a redirect', { raw: { '/token': { status: 307, headers: { location: '/elsewhere' }, body: '' } } }],
]

forEachStore((start) => {
  describe('what a provider answers', () => {
    it.each(invalid)('with %s signs nobody in, and the flow goes on', async (_, behaviour) => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      provider.behaviour = behaviour
      const arrival = await comeBack(browser, provider, request)
      await expectProblem(as, arrival, 'provider_answer_invalid', 502)
      expect(await federatedUsers(as)).toBe(0)
      await expectStillGoesOn(browser, provider, arrival)
    })

    it('signed by a key that it does not publish signs nobody in', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      provider.behaviour = { key: await foreignKey('ES256', 'theirs') }
      await expectProblem(as, await comeBack(browser, provider, request), 'provider_answer_invalid', 502)
    })

    it('with the at_hash of its access token is fine', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const digest = createHash('sha256').update('upstream-access-token').digest()
      provider.behaviour = { claims: { at_hash: digest.subarray(0, 16).toString('base64url') } }
      expect((await comeBack(browser, provider, request)).response?.searchParams.has('code')).toBe(true)
    })

    it.each([
      ['access_denied', 'provider_denied', 403],
      ['temporarily_unavailable', 'provider_unreachable', 503],
      ['server_error', 'provider_unreachable', 503],
      ['invalid_scope', 'provider_refused', 502],
      ['login_required', 'provider_refused', 502],
    ])('as error=%s comes back to the page', async (error, rule, status) => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const arrival = await comeBack(browser, provider, request, { code: null, error })
      await expectProblem(as, arrival, rule, status)
      const again = await openUrl(browser, arrival.page.url)
      expect(again.response, 'is not sent around in circles').toBeUndefined()
      await expectStillGoesOn(browser, provider, arrival)
    })

    it.each([
      ['invalid_client', 401, 'provider_refused', 502],
      ['invalid_grant', 400, 'provider_refused', 502],
      ['temporarily_unavailable', 400, 'provider_unreachable', 503],
    ])('at the token endpoint as %s', async (error, tokenStatus, rule, status) => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      provider.behaviour = { tokenStatus, tokens: { error } }
      await expectProblem(as, await comeBack(browser, provider, request), rule, status)
    })

    it('in too many bytes is not read to its end', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'both' })
      const huge = { status: 200, body: `{"issuer":"${'x'.repeat(300_000)}"}` }
      for (const raw of [
        { '/.well-known/openid-configuration': huge },
        {
          '/.well-known/openid-configuration': { ...huge, headers: { bomb: 'x'.repeat(20_000) }, body: '{}' },
        },
      ]) {
        provider.behaviour = { raw }
        const href = `${as.issuer}/federation/start?flow=${flowOf(page)}&source=corp`
        await expectProblem(as, await openUrl(browser, href), 'provider_unreachable', 503)
      }
    })

    it.each([
      ['names another issuer', { issuer: 'https://evil.example' }, 'provider_answer_invalid', 502],
      [
        'has no authorization endpoint',
        { authorization_endpoint: undefined },
        'provider_answer_invalid',
        502,
      ],
    ])('as metadata that %s is not followed', async (_, metadata, rule, status) => {
      const { as, provider } = await startBroker(start)
      provider.behaviour = { metadata }
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'both' })
      const href = `${as.issuer}/federation/start?flow=${flowOf(page)}&source=corp`
      await expectProblem(as, await openUrl(browser, href), rule, status)
    })
  })

  describe('a provider that is down', () => {
    it('is told with 503, the password still works, and it is tried again on demand', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'both' })
      provider.behaviour = { raw: { '/.well-known/openid-configuration': { status: 503, body: '' } } }
      const href = `${as.issuer}/federation/start?flow=${flowOf(page)}&source=corp`
      const arrival = await openUrl(browser, href)
      await expectProblem(as, arrival, 'provider_unreachable', 503)
      const { response } = await signIn(browser, arrival.page, ALICE)
      expect(response?.searchParams.has('code')).toBe(true)
    })

    it('when the browser comes back loses the try and not the flow', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      provider.behaviour = { raw: { '/token': { status: 502, body: '' } } }
      const arrival = await comeBack(browser, provider, request)
      await expectProblem(as, arrival, 'provider_unreachable', 503)
      await expectStillGoesOn(browser, provider, arrival)
    })

    it('or closed does not bring the straight way into a loop', async () => {
      const { as, provider } = await startBroker(start)
      await provider.close()
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in', { client: 'corp-only' })
      expect(page.status).toBe(503)
      expect((await openUrl(browser, page.url)).page.status).toBe(503)
    })

    it.each([
      ['at a private address', 'http://localhost:PORT'],
      ['at the address of cloud metadata', 'https://169.254.169.254'],
      ['on another port', 'https://example.com:8443'],
    ])('because it is %s that nobody allowed is never asked', async (_, issuer) => {
      const { as, provider } = await startBroker(start, { allow_private_addresses: [] })
      const workspaces = as.server.pixy.deps.workspaces
      const record = workspaces.get(WORKSPACE)?.record
      if (!record) throw new Error('no workspace')
      const wanted = issuer.replace('localhost:PORT', provider.host)
      const sources = record.settings.identity_sources.map((source) =>
        source.id === 'corp' ? { ...source, issuer: wanted, client_secret_sealed: undefined } : source,
      )
      const settings = { ...record.settings, identity_sources: sources }
      await as.server.pixy.deps.store.workspaces.put({ ...record, settings })
      await workspaces.refresh()
      const page = await openPage(as, new FormBrowser(), 'sign-in', { client: 'corp-only' })
      expect(page.status).toBe(503)
      expect(provider.tokenRequests).toEqual([])
    })
  })

  describe('answers that nobody waits for', () => {
    it('count once: a second one does not redeem anything', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      // With a consent page to come, the interaction stays open.
      const request = await leaveFor(as, browser, 'corp', {
        client: 'corp-only',
        parameters: { prompt: 'consent' },
      })
      const url = callbackUrl(provider, request)
      const first = await comeBack(browser, provider, request)
      expect(pageName(first.page)).toBe('consent')
      const second = await openUrl(browser, url)
      expect(pageName(second.page), 'it goes on where it stands').toBe('consent')
      expect(provider.tokenRequests).toHaveLength(1)
      const rules = (await decisionsOf(as, flowOf(first.page))).filter(({ outcome }) => outcome === 'refused')
      expect(rules.map(({ rule }) => rule)).toEqual(['provider_sign_in_outdated'])
    })

    it('and of ten at once one redeems the code', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', {
        client: 'corp-only',
        parameters: { prompt: 'consent' },
      })
      provider.nonce = request.searchParams.get('nonce') ?? ''
      const url = callbackUrl(provider, request)
      await Promise.all(Array.from({ length: 10 }, () => browser.visit(url)))
      expect(provider.tokenRequests).toHaveLength(1)
      expect(await federatedUsers(as)).toBe(1)
    })

    it('after the end are refused', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      await comeBack(browser, provider, request)
      const replayed = await openUrl(browser, callbackUrl(provider, request))
      expectErrorPage(replayed, 'interaction_finished', replayed.page.status)
      expect(provider.tokenRequests).toHaveLength(1)
    })

    it('in another browser are refused (login CSRF)', async () => {
      const { as, provider } = await startBroker(start)
      const request = await leaveFor(as, new FormBrowser(), 'corp', { client: 'corp-only' })
      const victim = new FormBrowser()
      await openPage(as, victim, 'sign-in', { client: 'both' })
      const arrival = await openUrl(victim, callbackUrl(provider, request))
      expectErrorPage(arrival, 'interaction_other_browser', arrival.page.status)
      expect(provider.tokenRequests).toEqual([])
    })

    it.each([[null], ['x'], [`flow_${'A'.repeat(22)}`], ['../../etc/passwd']])(
      'with state %s are refused, as where the provider begins',
      async (state) => {
        const { as, provider } = await startBroker(start)
        const browser = new FormBrowser()
        const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
        expectErrorPage(
          await openUrl(browser, callbackUrl(provider, request, { state })),
          'provider_response_unexpected',
        )
        expect(provider.tokenRequests).toEqual([])
      },
    )

    it('with the state of another flow of this browser, or of an earlier try, are not looked at', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const early = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const flow = (early.searchParams.get('state') ?? '').split('.')[0]
      const page = await browser.visit(`${as.issuer}/sign-in?flow=${flow}`)
      const late = await pressProvider(browser, page, 'corp')
      const stale = await arrive(browser, await browser.visit(callbackUrl(provider, early)))
      expect(pageName(stale.page)).toBe('sign-in')
      const mixed = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const [, handle] = (mixed.searchParams.get('state') ?? '').split('.')
      await openUrl(browser, callbackUrl(provider, late, { state: `${flow}.${handle}` }))
      expect(provider.tokenRequests).toEqual([])
      expect((await comeBack(browser, provider, late)).response?.searchParams.has('code')).toBe(true)
    })

    it('repeated parameters are refused', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      expectErrorPage(
        await openUrl(browser, `${callbackUrl(provider, request)}&code=other`),
        'parameter_repeated',
      )
      expect(provider.tokenRequests).toEqual([])
    })
  })

  describe('two providers', () => {
    it('cannot be mixed up: each has its own redirect URI, and iss is checked', async () => {
      const { as, provider, other } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'providers' })
      const elsewhere = new URL(callbackUrl(provider, request))
      elsewhere.pathname = elsewhere.pathname.replace(/corp$/, 'other')
      await openUrl(browser, elsewhere.href)
      expect([...provider.tokenRequests, ...other.tokenRequests]).toEqual([])

      const arrival = await comeBack(browser, provider, request, { iss: other.issuer })
      await expectProblem(as, arrival, 'provider_answer_invalid', 502)
      expect([...provider.tokenRequests, ...other.tokenRequests]).toEqual([])
    })

    it('a missing iss is refused where the provider said that it sends one (RFC 9207 §2.4)', async () => {
      const { as, provider } = await startBroker(start)
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', { client: 'corp-only' })
      const arrival = await comeBack(browser, provider, request, { iss: null })
      await expectProblem(as, arrival, 'provider_answer_invalid', 502)
      expect(provider.tokenRequests).toEqual([])
    })
  })

  describe('secrets', () => {
    it('of the provider and of the try are stored sealed, and reach neither log nor history', async () => {
      const { as, provider } = await startBroker(start)
      const { store } = as.server.pixy.deps
      const browser = new FormBrowser()
      const request = await leaveFor(as, browser, 'corp', {
        client: 'corp-only',
        parameters: { prompt: 'consent' },
      })
      const [flow = '', handle = ''] = (request.searchParams.get('state') ?? '').split('.')
      const waiting = JSON.stringify(await store.interactions.find(WORKSPACE, flow))
      const nonce = request.searchParams.get('nonce') ?? ''
      const settings = JSON.stringify((await store.workspaces.list()).map((workspace) => workspace.settings))
      expect(settings).toContain('client_secret_sealed')
      expect(settings).not.toContain(OUR_SECRET)
      for (const secret of [handle, nonce]) expect(waiting).not.toContain(secret)

      provider.behaviour = {
        tokenStatus: 400,
        tokens: { error: 'invalid_grant', error_description: OUR_SECRET },
      }
      await comeBack(browser, provider, request, { code: 'upstream-code-that-opens-something' })
      const verifier = provider.tokenRequests[0]?.form.get('code_verifier') ?? ''
      expect(verifier).toHaveLength(50)
      await as.server.pixy.flowLog.flush()
      const history = JSON.stringify(await store.flowEvents.findByFlow(flow))
      const logs = as.server.logs.join('\n')
      expect(logs).toContain('an identity provider failed')
      for (const secret of [
        handle,
        nonce,
        verifier,
        OUR_SECRET,
        'upstream-code-that',
        'upstream-access-token',
      ]) {
        expect(history).not.toContain(secret)
        expect(logs).not.toContain(secret)
      }
    })
  })
})
