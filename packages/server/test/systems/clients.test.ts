import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../testing/src/browser.ts'
import { type PixyConfigInput, parseConfig } from '../../src/config/schema.ts'
import { docsReply } from '../../src/http/docs.ts'
import { workspaceRoutes } from '../../src/routes.ts'
import { CALLBACK, openPage, signIn } from '../support/authorization.ts'
import { basic, forEachStore } from '../support/test-as.ts'
import { ALICE, testConfig, WEB_SECRET } from '../support/test-config.ts'

type Clients = NonNullable<Parameters<typeof testConfig>[0]>['clients']

const problemsWith = (clients: Clients): string => {
  const config: PixyConfigInput = { ...testConfig({ clients: clients ?? [] }), url: 'http://localhost:4000' }
  try {
    parseConfig(config, { production: false })
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('clients in the configuration', () => {
  it('S1-02 S3-02 cannot use the code flow without a redirect URI', () => {
    expect(problemsWith([{ client_id: 'x', redirect_uris: [] }])).toContain('redirect_uris')
    expect(problemsWith([{ client_id: 'x' }])).toContain('redirect_uris')
    expect(problemsWith([{ client_id: 'x', redirect_uris: [CALLBACK] }])).toBe('')
  })

  it('S3-23 have PKCE enforced, which only a confidential one may switch off', () => {
    const client = { client_id: 'x', redirect_uris: [CALLBACK], require_pkce: false }
    expect(problemsWith([client])).toContain('require_pkce')
    expect(problemsWith([{ ...client, client_secret: WEB_SECRET }])).toBe('')
  })

  it('S3-06 S3-07 can be set to no other challenge method than S256', () => {
    const client = { client_id: 'x', redirect_uris: [CALLBACK] }
    const plain = [{ ...client, code_challenge_methods: ['plain'] }] as unknown as Clients
    expect(problemsWith(plain)).toContain('code_challenge_methods')
    expect(problemsWith([{ ...client, code_challenge_methods: ['S256'] }])).toBe('')
  })
})

/** Two pools in which the same name has another password, each for one application. */
const pools = testConfig({
  workspace: {
    identity_sources: [
      { id: 'pool', type: 'pool' },
      { id: 'first', type: 'pool' },
      {
        id: 'second',
        type: 'sandbox',
        users: [{ username: ALICE.username, password: 'the second password' }],
      },
    ],
    clients: ['first', 'second'].map((id) => ({
      client_id: id,
      redirect_uris: [CALLBACK],
      identity_sources: [id],
      consent: 'implied' as const,
    })),
    users: [{ source: 'first', username: ALICE.username, password: 'the first password' }],
  },
})

forEachStore((start) => {
  describe('clients', () => {
    it('S2-01 are public or confidential: a secret is for those that have one', async () => {
      const as = await start()
      const code = () => as.authorize({ client: 'web' })
      expect((await as.redeem(await code())).json.error).toBe('invalid_client')
      expect((await as.redeem(await code(), {}, basic('web', WEB_SECRET))).status).toBe(200)
      expect((await as.redeem(await as.authorize({ client: 'spa' }))).status).toBe(200)
    })

    it('S3-30 use the grant types that they are set to, and no others', async () => {
      const as = await start()
      const form = { grant_type: 'client_credentials', scope: 'notes:read' }
      expect((await as.token(form, basic('web', WEB_SECRET))).status).toBe(200)
      const post = { ...form, client_id: 'web-post', client_secret: WEB_SECRET }
      expect((await as.token(post)).json.error).toBe('unauthorized_client')
    })

    it('S0-09 S0-26 S3-20 S3-22 have users of their own, in pools and sandboxes: one name, two passwords', async () => {
      const as = await start({ config: pools })
      const signsIn = async (client: string, password: string) => {
        const browser = new FormBrowser()
        const page = await openPage(as, browser, 'sign-in', { client, scope: 'openid' })
        const { response } = await signIn(browser, page, { username: ALICE.username, password })
        return response?.searchParams.has('code') === true
      }
      expect(await signsIn('first', 'the first password')).toBe(true)
      expect(await signsIn('first', 'the second password')).toBe(false)
      expect(await signsIn('second', 'the second password')).toBe(true)
      expect(await signsIn('second', 'the first password')).toBe(false)
      const tokens = await Promise.all(
        [
          ['first', 'the first password'],
          ['second', 'the second password'],
        ].map(([client = '', password = '']) =>
          as.login({ client, scope: 'openid', user: { username: ALICE.username, password } }),
        ),
      )
      const subs = await Promise.all(
        tokens.map(async (one) => (await as.userinfo(one.access_token)).json.sub),
      )
      expect(new Set(subs).size).toBe(2)
    })
  })
})

describe('the reference', () => {
  it('S0-45 is served, and describes every path', async () => {
    const reply = await docsReply('/docs/reference/endpoints')
    expect(reply?.status).toBe(200)
    const text = String(reply?.body)
    for (const path of workspaceRoutes.keys()) expect(text).toContain(path)
  })
})
