import { describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { authorizeInBrowser } from '../../../../testing/src/sign-in.ts'
import type { PixyConfigInput } from '../../../src/config/schema.ts'
import { throughProxy } from '../../support/inject.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachStore, headerOf } from '../../support/test-as.ts'
import { ALICE } from '../../support/test-config.ts'
import { CALLBACK, hex, SECRET, VERIFIER } from './support.ts'

const PRODUCTION = { login: 'https://token.example', api: 'https://api.token.example' }
const STAGING = { login: 'https://stg.token.example', api: 'https://api.stg.token.example' }

const environment = (id: string, { login, api }: typeof PRODUCTION) => ({
  id,
  url: login,
  hosts: [new URL(api).host],
  workspaces: [
    {
      id: 'main',
      path: '/',
      clients: [
        {
          client_id: 'app',
          client_secret: SECRET,
          token_endpoint_auth_method: 'client_secret_post' as const,
          redirect_uris: [CALLBACK],
          first_party: true,
          consent: 'implied' as const,
          dialects: ['atm' as const],
        },
      ],
      users: [{ source: 'pool', ...ALICE, claims: { email: ALICE.username } }],
    },
  ],
})

const config: PixyConfigInput = {
  url: PRODUCTION.login,
  tenants: [environment('production', PRODUCTION), environment('staging', STAGING)],
}

forEachStore((start) => {
  describe('atm under several hosts', () => {
    it('S0-44 has a login host and an API host of one issuer, and a staging beside production', async () => {
      const as = await start({ config, production: true, hasher: quickHasher() })
      const send = throughProxy(as)
      const codeAt = async ({ login }: typeof PRODUCTION) => {
        const query = `clientId=app&code_challenge=${hex(VERIFIER)}&code_challenge_method=SHA256`
        const browser = new FormBrowser(send)
        const back = await authorizeInBrowser(browser, `${login}/login?${query}`, CALLBACK, ALICE)
        return back.searchParams.get('code')
      }
      const exchangeAt = async ({ api }: typeof PRODUCTION, code: string | null) => {
        const answer = await send(`${api}/auth/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            clientId: 'app',
            clientSecret: SECRET,
            grant_types: 'authorization_code',
            code,
            code_verifier: VERIFIER,
          }),
        })
        return { status: answer.status, json: (await answer.json()) as Record<string, string> }
      }
      const keysAt = async ({ api }: typeof PRODUCTION) => {
        const { keys } = (await (await send(`${api}/auth/.well-known/jwks.json`, {})).json()) as {
          keys: readonly { kid: string }[]
        }
        return keys.map(({ kid }) => kid)
      }

      for (const [here, there] of [
        [PRODUCTION, STAGING],
        [STAGING, PRODUCTION],
      ] as const) {
        const code = await codeAt(here)
        expect(await exchangeAt(there, code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
        const { status, json } = await exchangeAt(here, code)
        expect(status).toBe(200)
        expect(claimsOf(json.id_token ?? '').iss).toBe(here.login)
        const { kid } = headerOf(json.access_token ?? '')
        expect(await keysAt(here)).toContain(kid)
        expect(await keysAt(there)).not.toContain(kid)
      }
    })
  })
})
