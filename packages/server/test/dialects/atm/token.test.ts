import { describe, expect, it } from 'vitest'
import { basic, claimsOf, forEachSharedStore, pkce, s256 } from '../../support/test-as.ts'
import {
  atmOptions,
  auth,
  CALLBACK,
  CLIENT,
  deviationsOf,
  exchange,
  hex,
  postJson,
  SECRET,
  tokensOf,
  VERIFIER,
} from './support.ts'

forEachSharedStore((as) => {
  const codeOf = async (changes: Parameters<typeof auth>[1] = {}) =>
    String((await auth(as(), changes)).json.code)

  describe('POST /auth/token, a code (atm)', () => {
    it('S0-13 S0-15 S0-34 S0-35 answers with the four members of the page, exactly', async () => {
      const { status, json, headers } = await exchange(as(), await codeOf())
      expect([status, Object.keys(json)]).toEqual([
        200,
        ['id_token', 'access_token', 'refresh_token', 'exp_access_token'],
      ])
      expect(json.exp_access_token).toBe(600)
      expect(json.refresh_token).toMatch(/^pixy_rt_/)
      expect(headers.get('cache-control')).toBe('no-store')
    })

    it('S0-15 gives a refresh token only where one was granted, and an ID token only with openid', async () => {
      const few = await exchange(as(), await codeOf({ clientId: 'atm-few' }), { clientId: 'atm-few' })
      expect(Object.keys(few.json)).toEqual(['id_token', 'access_token', 'exp_access_token'])
      const mail = await exchange(as(), await codeOf({ scope: 'email' }))
      expect(Object.keys(mail.json)).toEqual(['access_token', 'exp_access_token'])
    })

    it.each(['grant_types', 'grantType', 'grant_type'])('S0-34 takes %s', async (name) => {
      const answer = await exchange(as(), await codeOf(), {
        grant_types: undefined,
        [name]: 'authorization_code',
      })
      expect(answer.status).toBe(200)
    })

    it('S0-34 takes standard names, so that a client can move one by one', async () => {
      const { status } = await postJson(as(), '/auth/token', {
        client_id: CLIENT,
        client_secret: SECRET,
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code: await codeOf(),
        code_verifier: VERIFIER,
      })
      expect(status).toBe(200)
    })

    it('S0-12 spends a code once, and ends at the second use what came of the first', async () => {
      const code = await codeOf()
      const { json } = await exchange(as(), code)
      expect((await as().userinfo(String(json.access_token))).status).toBe(200)
      const second = await exchange(as(), code)
      expect([second.status, second.json.reason]).toEqual([400, 'code_replayed'])
      expect((await as().userinfo(String(json.access_token))).status).toBe(401)
      const refreshed = await postJson(as(), '/auth/token', {
        clientId: CLIENT,
        clientSecret: SECRET,
        grantType: 'refresh_token',
        refresh_token: json.refresh_token,
      })
      expect([refreshed.status, refreshed.json.error]).toEqual([400, 'invalid_grant'])
    })

    it('S0-12 gives one of ten that race the tokens', async () => {
      const code = await codeOf()
      const answers = await Promise.all(Array.from({ length: 10 }, () => exchange(as(), code)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    })

    it.each([
      ['a wrong one', '987654321', 'code_verifier_mismatch'],
      ['one that is like it', ` ${VERIFIER}`, 'code_verifier_mismatch'],
      ['the challenge', hex(VERIFIER), 'code_verifier_mismatch'],
      ['the standard challenge of it', s256(VERIFIER), 'code_verifier_mismatch'],
      ['a standard one', pkce().verifier, 'code_verifier_mismatch'],
      ['none', undefined, 'code_verifier_missing'],
      ['an empty one', '', 'code_verifier_missing'],
      ['one of 129 characters', '1'.repeat(129), 'code_verifier_malformed'],
    ])(
      'S0-03 S0-14 refuses %s as the verifier, and leaves the code to its owner',
      async (_, sent, reason) => {
        const code = await codeOf()
        const refused = await exchange(as(), code, { code_verifier: sent })
        expect([refused.status, refused.json.reason]).toEqual([400, reason])
        expect((await exchange(as(), code)).status).toBe(200)
      },
    )

    it.each([1, 42, 43, 128])('S0-30 takes a verifier of %i characters', async (length) => {
      const verifier = 'ü'.repeat(length)
      const code = await codeOf({ code_challenge: hex(verifier) })
      expect((await exchange(as(), code, { code_verifier: verifier })).status).toBe(200)
    })

    it('refuses a verifier whose SHA-256 fits where the challenge was a SHA-512, and the other way', async () => {
      const sha512 = await codeOf({
        code_challenge: hex(VERIFIER, 'sha512'),
        code_challenge_method: 'SHA512',
      })
      expect((await exchange(as(), sha512)).status).toBe(200)
      const nested = await codeOf({ code_challenge: hex(hex(VERIFIER, 'sha512')) })
      expect((await exchange(as(), nested)).json.reason).toBe('code_verifier_mismatch')
    })

    it('S0-37 refuses the code of one client with the id of another', async () => {
      const code = await codeOf()
      const refused = await exchange(as(), code, { clientId: 'atm-two' })
      expect([refused.status, refused.json.reason]).toEqual([400, 'code_client_mismatch'])
      expect((await exchange(as(), code)).status).toBe(200)
    })

    it('refuses an expired code, and one that nobody gave out', async () => {
      const code = await codeOf()
      as().advance(61)
      expect((await exchange(as(), code)).json.reason).toBe('code_expired')
      for (const unknown of ['x'.repeat(50), 'short', '../../x'])
        expect((await exchange(as(), unknown)).json.reason).toBe('code_unknown')
      expect((await exchange(as(), undefined)).json.reason).toBe('code_missing')
    })

    it.each([
      ['a wrong secret', { clientSecret: 'wrong' }, 401, 'client_secret_mismatch'],
      ['no secret', { clientSecret: undefined }, 401, 'client_authentication_missing'],
      ['an empty secret', { clientSecret: '' }, 401, 'client_authentication_missing'],
      ['two secrets', { client_secret: 'another' }, 400, 'parameter_repeated'],
      ['two ids', { client_id: 'atm-two' }, 400, 'parameter_repeated'],
      ['two grant types', { grantType: 'refresh_token' }, 400, 'parameter_repeated'],
      ['no grant type', { grant_types: undefined }, 400, 'grant_type_missing'],
      ['a grant type that is none', { grant_types: 'user_credentials' }, 400, 'grant_type_unsupported'],
      ['another redirect_uri', { redirect_uri: `${CALLBACK}/x` }, 400, 'token_redirect_uri_mismatch'],
    ])('refuses %s, and leaves the code to its owner', async (_what, changes, status, reason) => {
      const code = await codeOf()
      const refused = await exchange(as(), code, changes)
      expect([refused.status, refused.json.reason]).toEqual([status, reason])
      expect((await exchange(as(), code)).status).toBe(200)
    })

    it('takes the secret by the registered method alone, JSON counting as the body', async () => {
      const code = await codeOf()
      const body = { clientId: CLIENT, grant_types: 'authorization_code', code, code_verifier: VERIFIER }
      const header = await postJson(as(), '/auth/token', body, basic(CLIENT, SECRET))
      expect(header.json.reason).toBe('client_authentication_method_mismatch')
      const other = await postJson(
        as(),
        '/auth/token',
        body,
        basic('web', 'web-secret-0123456789-0123456789'),
      )
      expect([other.status, other.json.reason]).toEqual([400, 'client_authentication_mixed'])
      expect((await exchange(as(), code)).status).toBe(200)
    })

    it('S0-01 S0-22 asks a public client for no secret, and refuses one', async () => {
      const clientId = 'atm-spa'
      const code = await codeOf({ clientId })
      const refused = await exchange(as(), code, { clientId })
      expect([refused.status, refused.json.reason]).toEqual([401, 'client_secret_unexpected'])
      expect((await exchange(as(), code, { clientId, clientSecret: '' })).status).toBe(200)
    })

    it('refuses a member in the URL', async () => {
      for (const path of [`/auth/token?clientId=${CLIENT}`, `/auth?password=x`]) {
        const refused = await postJson(as(), path, {})
        expect([refused.status, refused.json.reason], path).toEqual([400, 'parameters_in_query'])
      }
    })

    it('S0-36 gives access tokens 600 seconds', async () => {
      const { access_token, exp_access_token } = await tokensOf(as())
      const { iat, exp } = claimsOf(access_token)
      expect([Number(exp) - Number(iat), exp_access_token]).toEqual([600, 600])
      as().advance(600)
      expect((await as().userinfo(access_token)).json.reason).toBe('token_expired')
    })

    it('counts each old word', async () => {
      await tokensOf(as(), 'atm-pairwise')
      expect([...(await deviationsOf(as(), 'atm-pairwise')).keys()].sort()).toEqual([
        'atm_access_token',
        'atm_bare_request',
        'atm_client_id_name',
        'atm_client_secret_name',
        'atm_grant_types_name',
        'atm_hex_challenge',
        'atm_json_body',
        'atm_password_sign_in',
        'atm_short_verifier',
        'atm_token_response',
      ])
    })
  })

  describe('the JSON bodies of atm', () => {
    const paths = ['/auth', '/auth/token']
    const good = `{"clientId":"${CLIENT}"}`

    it.each(paths)('%s takes application/json alone', async (path) => {
      const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']
      for (const type of types) {
        const { status, json } = await postJson(as(), path, good, { 'content-type': type })
        expect([status, json.reason], type).toEqual([400, 'json_body_malformed'])
      }
      for (const type of ['application/json', 'Application/JSON; charset=UTF-8']) {
        const { json } = await postJson(as(), path, good, { 'content-type': type })
        expect(json.reason, type).not.toBe('json_body_malformed')
      }
    })

    it.each([
      ['nothing', ''],
      ['no JSON', 'clientId=x'],
      ['half of it', '{"clientId":"x"'],
      ['a list', `[${good}]`],
      ['a text', JSON.stringify(good)],
      ['null', 'null'],
      ['a number', `{"clientId":1}`],
      ['true', `{"clientId":true}`],
      ['null for a text', `{"clientId":null}`],
      ['a list for a text', `{"clientId":["${CLIENT}"]}`],
      ['an object for a text', `{"clientId":{"$ne":""}}`],
      ['a deep nest', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
      ['NUL', `{"clientId":"x\\u0000"}`],
      ['half a character', `{"clientId":"\\ud800"}`],
    ])('refuse %s', async (_what, body) => {
      for (const path of paths) {
        const { status, json } = await postJson(as(), path, body)
        expect([status, json.reason], path).toEqual([400, 'json_body_malformed'])
      }
    })

    it('refuse what is no UTF-8, and what is too large', async () => {
      const bytes = new Uint8Array([...new TextEncoder().encode('{"clientId":"'), 0xff, 0x22, 0x7d])
      const headers = { 'content-type': 'application/json' }
      for (const path of paths) {
        const broken = await as().request(path, { method: 'POST', headers, body: bytes })
        expect([broken.status, broken.json.reason]).toEqual([400, 'json_body_malformed'])
        const large = await postJson(as(), path, { clientId: 'x'.repeat(70_000) })
        expect([large.status, large.json.reason]).toEqual([413, 'body_too_large'])
      }
    })

    it.each([
      ['with another value', `{"clientId":"${CLIENT}","clientId":"atm-two"}`],
      ['with the same value', `{"clientId":"${CLIENT}","clientId":"${CLIENT}"}`],
      ['written otherwise', `{"clientId":"${CLIENT}","client\\u0049d":"${CLIENT}"}`],
    ])('refuse a name that comes twice, %s', async (_what, body) => {
      for (const path of paths) {
        const { status, json } = await postJson(as(), path, body)
        expect([status, json.reason], path).toEqual([400, 'parameter_repeated'])
      }
    })

    it('take names that mean something to JavaScript for names', async () => {
      const body = `{"__proto__":"x","constructor":"y","toString":"z","clientId":"${CLIENT}"}`
      expect((await postJson(as(), '/auth/token', body)).json.reason).toBe('client_authentication_missing')
    })

    it('are posted: other methods are refused with the one that is served', async () => {
      for (const path of paths) {
        const { status, headers } = await as().request(path)
        expect([status, headers.get('allow')]).toEqual([405, 'POST'])
      }
    })
  })
}, atmOptions)
