import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { arrive, expectErrorPage, signIn } from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { plainRequest } from '../../support/raw-http.ts'
import { claimsOf, forEachSharedStore, pkce, TestAs } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { aWorkspace, CALLBACK } from './config.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const METADATA = '/.well-known/openid-configuration'

/** Tenants in three regions, and one from before there were regions, which still has its old name beside a new one. */
const REGIONS = [
  ['acme', 'acme.eu.authz.example'],
  ['globex', 'globex.us.authz.example'],
  ['initech', 'initech.au.authz.example'],
  ['hooli', 'hooli.authz.example'],
] as const

const config = {
  url: 'https://authz.example',
  tenants: REGIONS.map(([id, host]) => ({
    id,
    url: `https://${host}`,
    hosts: id === 'acme' ? ['acme.authz.example'] : [],
    workspaces: [aWorkspace(), aWorkspace({ id: 'lab' })],
  })),
}

forEachSharedStore(
  (as) => {
    const listening = () => {
      const { pixy } = as().server
      const address = pixy.http.server.address()
      return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
    }
    const get = (host: string, path: string) => plainRequest(listening(), path, { headers: { host } })

    /** A login by the addresses of the document: `https://{host}/{tenant}/{workspace}/oauth2/…`. */
    async function login(host: string, tenant: string, workspace = 'demo') {
      const { verifier, challenge } = pkce()
      const browser = new FormBrowser(throughProxy(as()))
      const base = `https://${host}/${tenant}/${workspace}`
      const query = new URLSearchParams({
        response_type: 'code',
        redirect_uri: CALLBACK,
        client_id: 'first-party',
        scope: 'openid',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      const begun = await browser.visit(`${base}/oauth2/authorize?${query}`)
      const { visit } = await browser.follow(begun, (location) => !location.includes('authz.example'))
      expect(pageName(visit)).toBe('sign-in')
      const { response } = await signIn(browser, visit, ALICE)
      const code = response?.searchParams.get('code') ?? ''
      const body = `authorization_code=${code}&code_verifier=${verifier}`
      const token = await browser.visit(`${base}/oauth2/token`, { method: 'POST', body, headers: FORM })
      expect(token.status, token.body).toBe(200)
      return { browser, base, response, tokens: JSON.parse(token.body) as Readonly<Record<string, string>> }
    }

    describe('tenants in the host and the path (RFC 8414 §3, RFC 9110 §7.4)', () => {
      it.each(REGIONS)('S3-08 S3-09 %s signs in at %s', async (tenant, host) => {
        const { response, tokens } = await login(host, tenant)
        const issuer = `https://${host}/${tenant}/demo`
        expect(response?.searchParams.get('iss')).toBe(issuer)
        expect(claimsOf(tokens.id_token ?? '').iss).toBe(issuer)
        expect(claimsOf(tokens.access_token ?? '').iss).toBe(issuer)
      })

      it('S3-09 a tenant that moved to a region goes on under its old name, with the issuer it has now', async () => {
        const { tokens, response } = await login('acme.authz.example', 'acme')
        const issuer = 'https://acme.eu.authz.example/acme/demo'
        expect(claimsOf(tokens.id_token ?? '').iss).toBe(issuer)
        expect(response?.searchParams.get('iss')).toBe(issuer)
        const { json } = await get('acme.authz.example', `/acme/demo${METADATA}`)
        expect(json).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth2/token` })
      })

      it('S3-09 somebody who is signed in stays so under the old name', async () => {
        const { browser } = await login('acme.eu.authz.example', 'acme')
        const query = new URLSearchParams({
          response_type: 'code',
          redirect_uri: CALLBACK,
          client_id: 'first-party',
          scope: 'openid',
          prompt: 'none',
          code_challenge: pkce().challenge,
          code_challenge_method: 'S256',
        })
        const old = await browser.visit(`https://acme.authz.example/acme/demo/oauth2/authorize?${query}`)
        const { location } = await browser.follow(old, (to) => to.startsWith(CALLBACK))
        expect(new URL(location ?? '').searchParams.get('code')).toMatch(/./)
      })

      it('S3-08 each workspace is an issuer of its own, at the path that names it', async () => {
        const host = 'acme.eu.authz.example'
        for (const workspace of ['demo', 'lab']) {
          const { json } = await get(host, `/acme/${workspace}${METADATA}`)
          expect(json.issuer).toBe(`https://${host}/acme/${workspace}`)
          expect(json.authorization_endpoint).toBe(`https://${host}/acme/${workspace}/oauth2/authorize`)
        }
        const { tokens, base } = await login(host, 'acme', 'lab')
        const authorization = { authorization: `Bearer ${tokens.access_token}` }
        const browser = new FormBrowser(throughProxy(as()))
        expect((await browser.visit(`${base}/userinfo`, { headers: authorization })).status).toBe(200)
        const other = `https://${host}/acme/demo/userinfo`
        expect((await browser.visit(other, { headers: authorization })).status).toBe(401)
      })

      it('S3-08 S3-09 other hosts are 421, and other tenants’ paths 404', async () => {
        for (const host of ['acme.us.authz.example', 'hooli.eu.authz.example', 'evil.example'])
          expect((await get(host, `/acme/demo${METADATA}`)).status, host).toBe(421)
        for (const [host, path] of [
          ['acme.eu.authz.example', '/globex/demo'],
          ['acme.eu.authz.example', '/acme/other'],
          ['globex.us.authz.example', '/acme/demo'],
          ['authz.example', '/acme/demo'],
        ] as const)
          expect((await get(host, path + METADATA)).status, host + path).toBe(404)
      })

      it('errors under the old name are told as under the new one', async () => {
        const browser = new FormBrowser(throughProxy(as()))
        const at = new TestAs(as().server, 'https://acme.authz.example/acme/demo')
        const wrong = at.authorizationUrl({ client: 'nobody' })
        expectErrorPage(await arrive(browser, await browser.visit(wrong.url)), 'authorization_client_unknown')
        const { url } = at.authorizationUrl({ parameters: { code_challenge_method: 'plain' } })
        const { response } = await arrive(browser, await browser.visit(url))
        expect(response?.searchParams.get('error')).toBe('invalid_request')
        expect(response?.searchParams.get('iss')).toBe('https://acme.eu.authz.example/acme/demo')
      })
    })
  },
  { config, hasher: quickHasher() },
)
