import { afterEach, describe, expect, it, vi } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { aUser, lastRefusal } from '../../support/authorization.ts'
import { verified } from '../../support/jwt.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import {
  type AuthorizeOptions,
  basic,
  claimsOf,
  forEachSharedStore,
  pkce,
  s256,
} from '../../support/test-as.ts'
import { WEB_SECRET } from '../../support/test-config.ts'
import { API, APP, cloudentityConfig, raw, told, vendorToken, watchDeviations } from './config.ts'

const SCOPE = 'openid profile notes:read'
const config = cloudentityConfig()

afterEach(() => vi.restoreAllMocks())

forEachSharedStore(
  (as) => {
    const authorized = async (options: AuthorizeOptions = {}) =>
      as().authorize({ scope: SCOPE, ...options, user: await aUser(as()) })

    describe('POST /oauth2/token in the words of Cloudentity’s documentation (RFC 6749 §4.1.3, RFC 7636 §4.5)', () => {
      it('S3-14 S3-17 takes authorization_code and code_verifier alone, and counts it', async () => {
        const counted = watchDeviations(as())
        const { status, json, headers } = await vendorToken(as(), await authorized())
        expect(status).toBe(200)
        expect(headers.get('cache-control')).toBe('no-store')
        expect(json).toMatchObject({ token_type: 'Bearer', scope: SCOPE, expires_in: 600 })
        expect(await verified(as(), String(json.id_token), 'spa')).toMatchObject({
          nonce: 'nonce-of-the-test',
        })
        expect(counted).toEqual(['spa cloudentity_code_parameter', 'spa cloudentity_client_inferred'])
      })

      it('S3-14 takes it beside client_id, grant_type and redirect_uri too', async () => {
        const counted = watchDeviations(as())
        const one = await vendorToken(as(), await authorized(), '&client_id=spa')
        expect(one.status).toBe(200)
        const standard =
          '&grant_type=authorization_code&client_id=spa&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback'
        const other = await vendorToken(as(), await authorized(), standard)
        expect(other.status).toBe(200)
        expect(counted).toEqual([
          'spa cloudentity_code_parameter',
          'spa cloudentity_client_inferred',
          'spa cloudentity_code_parameter',
        ])
      })

      it('S3-14 strict: is told to use code, grant_type and client_id', async () => {
        const counted = watchDeviations(as())
        const { status, json } = await vendorToken(as(), await authorized({ client: 'strict' }))
        expect(status).toBe(400)
        expect(json).toMatchObject({ error: 'invalid_request', reason: 'grant_type_missing' })
        expect(json.fix).toMatch(/^Use code: send grant_type=authorization_code, client_id, code/)
        expect(counted).toEqual([])
        const named = await vendorToken(
          as(),
          await authorized({ client: 'strict' }),
          '&grant_type=authorization_code&client_id=strict',
        )
        expect(named).toMatchObject({
          status: 400,
          json: { error: 'invalid_request', reason: 'code_missing', fix: 'The parameter is called code.' },
        })
      })

      it('S3-15 ignores code_challenge beside the verifier, whatever it is, and counts it', async () => {
        const counted = watchDeviations(as())
        const one = await authorized()
        const challenge = `&code_challenge=${s256(one.verifier)}&code_challenge_method=S256`
        expect((await vendorToken(as(), one, challenge)).status).toBe(200)
        const foreign = `&code_challenge=${pkce().challenge}`
        expect((await vendorToken(as(), await authorized(), foreign)).status).toBe(200)
        const standard = await as().redeem(await authorized(), { code_challenge: 'anything' })
        expect(standard.status).toBe(200)
        expect(counted.filter((line) => line.endsWith('challenge_at_token'))).toHaveLength(3)
      })

      it('S3-15 takes no code_challenge in the place of the verifier', async () => {
        const { code, verifier } = await authorized()
        const body = `authorization_code=${code}&code_challenge=${s256(verifier)}`
        expect(await raw(as(), '/oauth2/token', body)).toMatchObject({
          status: 400,
          json: { error: 'invalid_grant', reason: 'code_verifier_missing' },
        })
      })

      it('S3-15 strict: is told that the verifier belongs there', async () => {
        const one = await authorized({ client: 'strict' })
        const { status, json } = await as().redeem(one, {
          code_verifier: null,
          code_challenge: s256(one.verifier),
        })
        expect(status).toBe(400)
        expect(json).toMatchObject({
          reason: 'code_verifier_missing',
          received: 'code_challenge',
          expected: 'code_verifier',
        })
        expect(json.fix).toContain('Send the code_verifier')
        const both = await as().redeem(one, { code_challenge: 'anything' })
        expect(both.status).toBe(200)
      })

      it('S3-16 compares the hash of the verifier with the challenge, not the two with each other', async () => {
        const one = await authorized()
        const refused = await vendorToken(as(), { code: one.code, verifier: s256(one.verifier) })
        expect(refused).toMatchObject({
          status: 400,
          json: { error: 'invalid_grant', reason: 'code_verifier_mismatch' },
        })
        expect((await vendorToken(as(), one)).status).toBe(200)
      })

      it('S3-16 strict: is told that the S256 of the verifier is compared', async () => {
        const one = await authorized({ client: 'strict' })
        const { status, json } = await as().redeem(one, { code_verifier: s256(one.verifier) })
        expect(status).toBe(400)
        expect(json.reason).toBe('code_verifier_mismatch')
        expect(json.received).toMatch(/^S256 of the verifier is /)
        expect(json.expected).toBe(`${s256(one.verifier).slice(0, 8)}…`)
      })

      it('S3-17 needs both: a good code, and the right verifier', async () => {
        const one = await authorized()
        const wrong = await vendorToken(as(), { code: one.code, verifier: pkce().verifier })
        expect(wrong.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_mismatch' })
        const none = await raw(as(), '/oauth2/token', `authorization_code=${one.code}`)
        expect(none.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_missing' })
        const short = await vendorToken(as(), { code: one.code, verifier: 'short' })
        expect(short.json).toMatchObject({ error: 'invalid_grant', reason: 'code_verifier_malformed' })
        // None of them spent the code.
        expect((await vendorToken(as(), one)).status).toBe(200)
      })

      it('S3-17 gives nothing for an expired code, and a replay ends what came of it', async () => {
        const late = await authorized()
        as().advance(61)
        expect((await vendorToken(as(), late)).json).toMatchObject({ reason: 'code_expired' })
        const one = await authorized()
        const first = await vendorToken(as(), one)
        expect((await as().userinfo(String(first.json.access_token))).status).toBe(200)
        expect((await vendorToken(as(), one)).json).toMatchObject({ reason: 'code_replayed' })
        expect((await as().userinfo(String(first.json.access_token))).status).toBe(401)
      })

      it('of many at once one gets the tokens', async () => {
        const one = await authorized()
        const answers = await Promise.all(Array.from({ length: 8 }, () => vendorToken(as(), one)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      })

      it('S3-04 narrows the scope of the token, and never widens it', async () => {
        const one = await authorized()
        const wide = await vendorToken(as(), one, '&scope=openid+notes%3Awrite')
        expect(wide).toMatchObject({ status: 400, json: { error: 'invalid_scope' } })
        const { json } = await vendorToken(as(), one, '&scope=openid+profile')
        expect(json.scope).toBe('openid profile')
        expect(claimsOf(String(json.access_token)).scope).toBe('openid profile')
        const standard = await as().redeem(await authorized(), { scope: 'notes:read' })
        expect(standard.json.scope).toBe('notes:read')
      })

      it('S3-14 hands everything else on as it was written', async () => {
        const one = await authorized()
        const odd = (more: string) => vendorToken(as(), one, more)
        expect((await odd('&x=%00')).json).toMatchObject({ reason: 'request_malformed' })
        expect((await odd(`&${'x&'.repeat(256)}`)).status).toBe(400)
        expect((await odd('&redirect_uri=https%3A%2F%2Fapp.example%2Fcall+back')).json.error).toBe(
          'invalid_grant',
        )
        const two = `&resource=${encodeURIComponent(API)}&resource=https%3A%2F%2Fother.example`
        expect((await odd(two)).json.error).toBe('invalid_target')
        const fine = await odd(
          '&grant_type=&client_id=&%F0%9F%94%91=%C3%A9%2B+&__proto__=x&scope=openid%20profile',
        )
        expect(fine).toMatchObject({ status: 200, json: { scope: 'openid profile' } })
      })

      it('counts nothing for a request that is refused: a client’s id is known to everybody', async () => {
        const counted = watchDeviations(as())
        const { code } = await authorized()
        await vendorToken(as(), { code, verifier: pkce().verifier })
        await as().token({
          grant_type: 'authorization_code',
          client_id: 'spa',
          code: 'x',
          code_verifier: pkce().verifier,
          code_challenge: 'x',
        })
        expect(counted).toEqual([])
      })

      it('counts nothing for the standard request', async () => {
        const counted = watchDeviations(as())
        expect((await as().redeem(await authorized())).status).toBe(200)
        expect(counted).toEqual([])
      })

      it('the answer is readable for the client’s origin, and for no other', async () => {
        const from = (origin: string) => authorized().then((one) => vendorToken(as(), one, '', { origin }))
        expect((await from(APP)).headers.get('access-control-allow-origin')).toBe(APP)
        expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
      })

      it('keeps code and verifier out of what is recorded', async () => {
        const one = await authorized()
        await vendorToken(as(), { code: one.code, verifier: pkce().verifier })
        await vendorToken(as(), await authorized({ client: 'strict' }))
        const { pixy, logs } = as().server
        await pixy.flowLog.flush()
        expect(logs.join('\n')).not.toContain(one.code)
        expect(JSON.stringify(await lastRefusal(as()))).not.toContain(one.code)
      })
    })

    describe('Security: the vendor’s token call tells a stranger nothing', () => {
      const code = 'x'.repeat(50)

      it('unknown codes, codes of strict, confidential and other clients get one answer', async () => {
        const unknown = told(await vendorToken(as(), { code, verifier: pkce().verifier }))
        expect(unknown).toMatchObject({ status: 400, error: 'invalid_request' })
        const answers = [
          await vendorToken(as(), await authorized({ client: 'strict' })),
          await vendorToken(as(), await authorized({ client: 'web' })),
          await vendorToken(as(), { code: 'short', verifier: pkce().verifier }),
        ]
        for (const answer of answers) expect(told(answer)).toEqual(unknown)
        expect(JSON.stringify(unknown)).not.toMatch(/strict|web/)
      })

      it('a code whose client was disabled meanwhile is one of them', async () => {
        const one = await authorized()
        const { deps } = as().server.pixy
        const workspaceId = deps.workspaces.list()[0]?.id ?? ''
        const client = await deps.store.clients.find(workspaceId, 'spa')
        if (!client) throw new Error('there is no client spa')
        await deps.store.clients.update({ ...client, disabled: true })
        await deps.workspaces.reload()
        try {
          const unknown = told(await vendorToken(as(), { code, verifier: pkce().verifier }))
          expect(told(await vendorToken(as(), one))).toEqual(unknown)
        } finally {
          await deps.store.clients.update(client)
          await deps.workspaces.reload()
        }
      })

      it('another client cannot redeem it, by name or with its secret', async () => {
        const one = await authorized()
        const named = await vendorToken(as(), one, '&client_id=sdk')
        expect(named).toMatchObject({ status: 400, json: { reason: 'grant_type_missing' } })
        const full = await vendorToken(as(), one, '&client_id=sdk&grant_type=authorization_code')
        expect(full).toMatchObject({ status: 400, json: { reason: 'code_missing' } })
        const secret = await vendorToken(as(), one, `&client_secret=${WEB_SECRET}`)
        expect(secret.status).toBe(401)
        const header = await vendorToken(as(), one, '', basic('web', WEB_SECRET))
        expect(header.status).toBeGreaterThanOrEqual(400)
        expect((await vendorToken(as(), one)).status).toBe(200)
      })

      it('S3-24 a confidential client needs its credentials: nothing is inferred for it', async () => {
        const one = await authorized({ client: 'web' })
        expect((await vendorToken(as(), one)).status).toBe(400)
        const named = await vendorToken(as(), one, '&client_id=web&grant_type=authorization_code')
        expect(named.json).not.toHaveProperty('access_token')
        const right = await as().redeem(one, { client_secret: WEB_SECRET })
        expect(right.status).toBe(200)
      })

      it('a repeated parameter, a query string and both names at once are core’s to refuse', async () => {
        const one = await authorized()
        const twice = await vendorToken(as(), one, `&authorization_code=${one.code}`)
        expect(twice.json.reason).toBe('parameter_repeated')
        const body = `authorization_code=${one.code}&code_verifier=${one.verifier}`
        const query = await raw(as(), '/oauth2/token?x=1', body)
        expect(query.json.reason).toBe('parameters_in_query')
        const both = await vendorToken(as(), one, `&code=${one.code}`)
        expect(both.json.reason).toBe('grant_type_missing')
        const json = await raw(as(), '/oauth2/token', JSON.stringify({ authorization_code: one.code }), {
          'content-type': 'application/json',
        })
        expect(json.json.reason).toBe('content_type_unsupported')
        expect((await vendorToken(as(), one)).status).toBe(200)
      })

      it('other grant types are not touched', async () => {
        const one = await authorized()
        const refresh = await vendorToken(as(), one, '&grant_type=refresh_token&client_id=spa')
        expect(refresh.json.reason).toBe('refresh_token_missing')
      })
    })

    describe('POST /oauth2/token as the SDK sends it (RFC 6749 §4.1.3, RFC 6750)', () => {
      const TYPE = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }
      const sdkBody = ({ code, verifier, client, redirectUri }: Awaited<ReturnType<typeof authorized>>) =>
        `grant_type=authorization_code&code=${encodeURIComponent(code)}&client_id=${client}` +
        `&redirect_uri=${encodeURIComponent(redirectUri)}&code_verifier=${verifier}`

      it('S3-24 S3-27 takes a charset, needs no secret with PKCE, and lets the client’s origin read it', async () => {
        const counted = watchDeviations(as())
        const one = await authorized({ client: 'sdk' })
        const { status, json, headers } = await raw(as(), '/oauth2/token', sdkBody(one), {
          ...TYPE,
          origin: APP,
        })
        expect(status).toBe(200)
        expect(headers.get('access-control-allow-origin')).toBe(APP)
        expect(claimsOf(String(json.id_token))).toMatchObject({ nonce: 'nonce-of-the-test', aud: 'sdk' })
        const { iat, exp } = claimsOf(String(json.access_token))
        expect(Number(exp) - Number(iat)).toBe(json.expires_in)
        expect(counted).toEqual([])
      })

      it('S3-27 errors are JSON with error_description, readable for the client’s origin', async () => {
        const one = await authorized({ client: 'sdk' })
        const { status, json, headers } = await raw(
          as(),
          '/oauth2/token',
          sdkBody({ ...one, verifier: pkce().verifier }),
          { ...TYPE, origin: APP },
        )
        expect(status).toBe(400)
        expect(json).toMatchObject({ error: 'invalid_grant', error_description: expect.any(String) })
        expect(headers.get('access-control-allow-origin')).toBe(APP)
        const unauthorised = await raw(
          as(),
          '/oauth2/token',
          'grant_type=refresh_token&client_id=nobody',
          TYPE,
        )
        expect(unauthorised.status).toBe(401)
        expect(unauthorised.json.error_description).toEqual(expect.any(String))
      })

      it('S3-18 S3-27 the tokens open userinfo, across origins, and an API that checks them', async () => {
        const { access_token } = await as().login({
          client: 'sdk',
          scope: SCOPE,
          user: await aUser(as()),
          parameters: { resource: API },
        })
        expect(await verified(as(), access_token, API, 'at+jwt')).toMatchObject({
          scope: SCOPE,
          client_id: 'sdk',
        })
        await expect(verified(as(), access_token, 'https://other.example', 'at+jwt')).rejects.toThrow()
        const preflight = await as().request('/userinfo', {
          method: 'OPTIONS',
          headers: {
            origin: APP,
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'authorization',
          },
        })
        expect(preflight.status).toBe(204)
        expect(preflight.headers.get('access-control-allow-origin')).toBe(APP)
        expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
        const { status, headers, json } = await as().request('/userinfo', {
          headers: { authorization: `Bearer ${access_token}`, accept: 'application/json', origin: APP },
        })
        expect(status).toBe(200)
        expect(headers.get('access-control-allow-origin')).toBe(APP)
        expect(json.name).toBe('Alice Adams')
        as().advance(601)
        expect((await as().userinfo(access_token)).status).toBe(401)
      })
    })

    it('a browser that is signed in gets a fresh code for each request', async () => {
      const browser = new FormBrowser()
      const user = await aUser(as())
      const [one, two] = [
        await as().authorize({ scope: SCOPE, user, browser }),
        await as().authorize({ scope: SCOPE, user, browser }),
      ]
      expect(one.code).not.toBe(two.code)
      const crossed = await vendorToken(as(), { code: one.code, verifier: two.verifier })
      expect(crossed.json.reason).toBe('code_verifier_mismatch')
    })
  },
  { config, hasher: quickHasher() },
)
