import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { basic, claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { testConfig, WEB_SECRET } from '../../support/test-config.ts'

const pairwise = { subject_type: 'pairwise' as const, scope: 'openid offline_access notes:read' }
const config = testConfig({
  clients: [
    { client_id: 'sector-a', redirect_uris: ['https://a.example/callback'], ...pairwise },
    { client_id: 'sector-a-too', redirect_uris: ['https://a.example/other'], ...pairwise },
    { client_id: 'sector-b', redirect_uris: ['https://b.example/callback'], ...pairwise },
    { client_id: 'sector-port', redirect_uris: ['https://a.example:8443/callback'], ...pairwise },
    {
      client_id: 'sector-uri',
      redirect_uris: ['https://c.example/callback', 'https://d.example/callback'],
      sector_identifier_uri: 'https://a.example/sector.json',
      ...pairwise,
    },
    { client_id: 'native-pairwise', redirect_uris: ['com.example.app:/callback'], ...pairwise },
  ],
})
const CALLBACKS: Readonly<Record<string, string>> = {
  'sector-a': 'https://a.example/callback',
  'sector-a-too': 'https://a.example/other',
  'sector-b': 'https://b.example/callback',
  'sector-port': 'https://a.example:8443/callback',
  'sector-uri': 'https://c.example/callback',
  'native-pairwise': 'com.example.app:/callback',
}

forEachSharedStore(
  (server) => {
    const browser = new FormBrowser()
    const login = (client: string) => {
      const redirectUri = CALLBACKS[client]
      return server().login({
        browser,
        client,
        scope: 'openid offline_access notes:read',
        ...(redirectUri === undefined ? {} : { redirectUri }),
      })
    }
    const subjectAt = async (client: string) => claimsOf((await login(client)).id_token).sub

    describe('subjects (OIDC Core §8)', () => {
      it('pairwise subjects differ between sectors and from the public one', async () => {
        const subjects: unknown[] = []
        for (const client of ['spa', 'sector-a', 'sector-b', 'sector-port', 'pairwise', 'native-pairwise'])
          subjects.push(await subjectAt(client))
        expect(new Set(subjects).size).toBe(subjects.length)
      })

      it('pairwise subjects are stable, and the same for clients of one sector', async () => {
        const first = await subjectAt('sector-a')
        expect(await subjectAt('sector-a')).toBe(first)
        expect(await subjectAt('sector-a-too')).toBe(first)
        expect(await subjectAt('sector-uri')).toBe(first)
      })

      it('the same sub is everywhere: both tokens, a refresh, userinfo, introspection', async () => {
        const as = server()
        const { id_token, access_token, refresh_token } = await login('sector-b')
        const { sub } = claimsOf(id_token)
        expect(claimsOf(access_token).sub).toBe(sub)
        expect((await as.userinfo(access_token)).json.sub).toBe(sub)
        const refreshed = await as.refresh(refresh_token, { client_id: 'sector-b', resource: as.issuer })
        expect(claimsOf(String(refreshed.json.id_token)).sub).toBe(sub)
        expect(claimsOf(String(refreshed.json.access_token)).sub).toBe(sub)
      })

      it('an API that introspects learns the sub that the client knows, not the account', async () => {
        const as = server()
        const { access_token, id_token } = await as.login({
          browser,
          client: 'sector-b',
          redirectUri: 'https://b.example/callback',
          scope: 'openid notes:read',
          parameters: { resource: 'https://api.example' },
        })
        const { json } = await as.post(
          '/oauth2/introspect',
          { token: access_token },
          basic('web', WEB_SECRET),
        )
        expect(json).toMatchObject({ active: true, sub: claimsOf(id_token).sub })
      })
    })
  },
  { config },
)
