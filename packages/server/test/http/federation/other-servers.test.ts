import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { afterEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import { arrive, CALLBACK, openUrl, press, signIn } from '../../support/authorization.ts'
import { forEachStore, TestAs } from '../../support/test-as.ts'
import {
  brokerConfig,
  OUR_ID,
  OUR_SECRET,
  PERSON_AT_IDP,
  redeemAt,
  withProviderWorkspace,
} from './support.ts'

const closing: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** npm's `oidc-provider`, in whose pages everybody is Ada. */
async function startOidcProvider(redirectUri: string): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...key, kid: 'test', alg: 'ES256', use: 'sig' }] },
    clients: [
      {
        client_id: OUR_ID,
        client_secret: OUR_SECRET,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['test'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: 'Ada', email: 'ada@corp.example', email_verified: true }),
    }),
  })
  const callback = provider.callback()
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: 'ada' } })
    }
    const grant = new provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: String(params.client_id),
    })
    grant.addOIDCScope('openid profile email')
    const consent = { grantId: await grant.save() }
    return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true })
  })
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return issuer
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Follows redirects through both servers, to a page or to the client. */
async function arriveAtClient(browser: FormBrowser, url: string): Promise<URL> {
  const { location } = await browser.follow(await browser.visit(url), (to) => to.startsWith(CALLBACK))
  return new URL(location ?? 'about:blank')
}

forEachStore((start) => {
  describe('other OpenID providers in earnest', () => {
    it('S3-12 S3-21 npm’s oidc-provider signs people in, again with prompt=login and max_age=0', async () => {
      const port = await freePort()
      const ours = `http://localhost:${port}`
      const issuer = await startOidcProvider(`${ours}/federation/callback/corp`)
      const as = await start({ config: brokerConfig({ corp: issuer }), port })
      const browser = new FormBrowser()
      const subjects = new Set<unknown>()
      for (const more of [{}, { prompt: 'login' }, { max_age: '0' }, { max_age: '3600', prompt: 'login' }]) {
        const { url, verifier } = as.authorizationUrl({ client: 'corp-only', parameters: more })
        const response = await arriveAtClient(browser, url)
        const { claims, userinfo } = await redeemAt(as, 'corp-only', verifier, response)
        subjects.add(claims.sub)
        expect(claims.amr).toEqual(['fed'])
        expect(userinfo).toMatchObject({ name: 'Ada', email: 'ada@corp.example', email_verified: true })
      }
      expect(subjects.size).toBe(1)
    })

    it('S3-21 another Pixy workspace signs people in, with its own page, consent and clock', async () => {
      const port = await freePort()
      const ours = `http://localhost:${port}`
      const config = brokerConfig({ corp: `${ours}/idp` })
      const { server } = await start({ config: withProviderWorkspace(config, ours), port })
      const as = new TestAs(server, ours)
      as.advance('91d')
      const browser = new FormBrowser()
      const { url, verifier } = as.authorizationUrl({
        client: 'corp-only',
        parameters: { login_hint: 'ada@idp.example', ui_locales: 'de' },
      })
      const there = await openUrl(browser, url)
      expect(pageName(there.page)).toBe('sign-in')
      expect(there.page.url).toContain('/idp/sign-in?')
      expect(there.page.body).toContain('<html lang="de"')
      expect(there.page.body).toContain('value="ada@idp.example"')
      const person = PERSON_AT_IDP
      const consent = await signIn(browser, there.page, person)
      expect(pageName(consent.page)).toBe('consent')
      const boxes = readForm(consent.page).checkboxes.map(({ name, value }) => [name, value] as const)
      const allowed = await press(browser, consent.page, ...boxes, ['action', 'allow'])
      const { claims, userinfo } = await redeemAt(as, 'corp-only', verifier, allowed.response)
      expect(userinfo).toMatchObject({ sub: claims.sub, name: 'Ada', email: 'ada@idp.example' })
      expect(claims.iss).toBe(ours)

      // Denied there: back on our page, and on from there.
      const other = new FormBrowser()
      const again = await openUrl(other, as.authorizationUrl({ client: 'corp-only' }).url)
      const denied = await press(other, again.page, ['action', 'cancel'])
      expect([pageName(denied.page), denied.page.status]).toEqual(['sign-in', 403])
      const link = /id="provider-corp"[^>]* href="([^"]+)"/.exec(denied.page.body)?.[1] ?? ''
      const second = await arrive(other, await other.visit(link.replaceAll('&amp;', '&')))
      const done = await signIn(other, second.page, person)
      expect(done.response?.searchParams.has('code')).toBe(true)
    })
  })
})
