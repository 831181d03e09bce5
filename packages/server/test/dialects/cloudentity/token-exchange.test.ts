import { afterEach, describe, expect, it, vi } from 'vitest'
import { aUser } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { claimsOf, forEachSharedStore } from '../../support/test-as.ts'
import { APP, cloudentityConfig, raw, watchDeviations } from './config.ts'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

afterEach(() => vi.restoreAllMocks())

forEachSharedStore(
  (as) => {
    const subjectToken = async (client: string) =>
      (await as().login({ client, scope: 'openid profile notes:read', user: await aUser(as()) })).access_token

    /** The SDK's call: colons as they are, and no type of the token. */
    const exchange = (client: string, token: string, more = '', headers = {}) =>
      raw(
        as(),
        '/oauth2/token',
        `grant_type=${GRANT_TYPE}&subject_token=${encodeURIComponent(token)}&client_id=${client}${more}`,
        { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', ...headers },
      )

    describe('POST /oauth2/token, token exchange without subject_token_type (RFC 8693 §2.1)', () => {
      it('S3-27 takes the token for an access token, and counts it', async () => {
        const counted = watchDeviations(as())
        const token = await subjectToken('spa')
        const { status, json, headers } = await exchange('spa', token, '&scope=openid%20profile', {
          origin: APP,
        })
        expect(status).toBe(200)
        expect(json).toMatchObject({
          issued_token_type: ACCESS_TOKEN,
          token_type: 'Bearer',
          scope: 'openid profile',
        })
        expect(claimsOf(String(json.access_token)).sub).toBe(claimsOf(token).sub)
        expect(headers.get('access-control-allow-origin')).toBe(APP)
        expect(counted).toEqual(['spa cloudentity_subject_token_type'])
      })

      it('S3-27 strict: is told to name the type', async () => {
        const counted = watchDeviations(as())
        const token = await subjectToken('strict')
        const { status, json } = await exchange('strict', token)
        expect(status).toBe(400)
        expect(json).toMatchObject({ error: 'invalid_request' })
        expect(json.fix).toContain('subject_token_type')
        expect(counted).toEqual([])
        const type = `&subject_token_type=${encodeURIComponent(ACCESS_TOKEN)}`
        expect((await exchange('strict', token, type)).status).toBe(200)
      })

      it('changes nothing else: the type that is sent counts, and so does every other rule', async () => {
        const counted = watchDeviations(as())
        const token = await subjectToken('spa')
        const type = `&subject_token_type=${encodeURIComponent(ACCESS_TOKEN)}`
        expect((await exchange('spa', token, type)).status).toBe(200)
        const wrong = '&subject_token_type=urn:ietf:params:oauth:token-type:saml2'
        expect((await exchange('spa', token, wrong)).status).toBe(400)
        expect((await exchange('spa', token, '&subject_token_type=')).status).toBe(400)
        expect((await exchange('spa', 'invented')).status).toBe(400)
        expect((await exchange('spa', token, '&scope=openid+notes%3Awrite')).status).toBe(400)
        expect((await exchange('sdk', token)).status).toBe(400)
        expect((await exchange('spa', token, '&client_secret=x')).status).toBe(401)
        expect(counted).toEqual([])
      })
    })
  },
  { config: cloudentityConfig(), hasher: quickHasher() },
)
