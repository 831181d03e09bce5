import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import {
  arrive,
  decisionsOf,
  errorOn,
  lastRefusal,
  openUrl,
  press,
  signIn,
} from '../../support/authorization.ts'
import { forEachSharedStore, pkce } from '../../support/test-as.ts'
import { ALICE, BOB } from '../../support/test-config.ts'
import {
  ALICE_THERE,
  atmOptions,
  CALLBACK,
  CLIENT,
  deviationsOf,
  exchange,
  hex,
  login,
  loginUrl,
  SECRET,
  VERIFIER,
} from './support.ts'

forEachSharedStore((as) => {
  const open = (parameters: Readonly<Record<string, string | null>> = {}, browser = new FormBrowser()) =>
    openUrl(browser, loginUrl(as(), parameters))

  /** The refusal that the browser sees in place. */
  async function refused(parameters: Readonly<Record<string, string | null>>) {
    const { page, response } = await open(parameters)
    expect(response?.href).toBeUndefined()
    expect(page.status).toBe(400)
    return { reason: errorOn(page).reason, ...(await lastRefusal(as())) }
  }

  describe('GET /login (atm)', () => {
    it('S0-06 S0-07 S0-08 S0-27 shows the sign-in page for clientId, challenge and method alone', async () => {
      const { page } = await open()
      expect([page.status, pageName(page)]).toEqual([200, 'sign-in'])
      expect(new URL(page.url).pathname).toBe('/sign-in')
    })

    it('S0-11 S0-31 sends the browser back with a code of fifty letters and digits and nothing else', async () => {
      const back = await login(as())
      expect(back.href).toMatch(/^https:\/\/app\.example\/callback\?code=[A-Za-z0-9]{50}$/)
      const { json, status } = await exchange(as(), back.searchParams.get('code'))
      expect([status, Object.keys(json).sort()]).toEqual([
        200,
        ['access_token', 'exp_access_token', 'id_token', 'refresh_token'],
      ])
    })

    it('S0-28 takes SHA256 and SHA512 and no third, with the misprint of the page explained', async () => {
      const back = await login(as(), {
        code_challenge: hex(VERIFIER, 'sha512'),
        code_challenge_method: 'SHA512',
      })
      expect((await exchange(as(), back.searchParams.get('code'))).status).toBe(200)
      for (const method of ['SHA246', 'sha256', 'SHA-256', 'SHA1', 'plain', 'constructor', '', null]) {
        const { reason, expected, fix } = await refused({ code_challenge_method: method })
        expect([reason, expected], String(method)).toEqual([
          'code_challenge_method_unsupported',
          'SHA256 or SHA512',
        ])
        expect(fix).toContain('code_challenge_method=SHA256')
      }
      expect((await refused({ code_challenge_method: 'SHA246' })).fix).toContain('misprint')
    })

    it('S0-29 S0-30 takes the hex SHA-256 of 123456789, and the verifier itself in exchange', async () => {
      const challenge = '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'
      const back = await login(as(), { code_challenge: challenge })
      const code = back.searchParams.get('code')
      expect((await exchange(as(), code, { code_verifier: '123456789' })).status).toBe(200)
    })

    it.each([
      ['upper case', hex(VERIFIER).toUpperCase(), 'SHA256', 'Send the digits in lower case.'],
      ['base64url', pkce().challenge, 'SHA256', 'send it with code_challenge_method=S256'],
      ['a SHA-512 named SHA256', hex(VERIFIER, 'sha512'), 'SHA256', 'send code_challenge_method=SHA512'],
      ['a SHA-256 named SHA512', hex(VERIFIER), 'SHA512', 'send code_challenge_method=SHA256'],
      ['one digit less', hex(VERIFIER).slice(1), 'SHA256', "createHash('sha256')"],
      ['one digit more', `${hex(VERIFIER)}0`, 'SHA256', "createHash('sha256')"],
      ['a verifier', VERIFIER, 'SHA512', "createHash('sha512')"],
      ['a line break behind', `${hex(VERIFIER)}\n`, 'SHA256', "createHash('sha256')"],
    ])('S0-29 refuses %s as a challenge, and says what to send', async (_what, challenge, method, fix) => {
      const answer = await refused({ code_challenge: challenge, code_challenge_method: method })
      expect(answer.reason).toBe('code_challenge_malformed')
      expect(answer.fix).toContain(fix)
    })

    it('requires a challenge of everybody', async () => {
      for (const clientId of [CLIENT, 'atm-spa']) {
        const { reason, fix } = await refused({ clientId, code_challenge: null, code_challenge_method: null })
        expect(reason).toBe('code_challenge_missing')
        expect(fix).toContain('sha256(code_verifier) in hexadecimal')
      }
    })

    it('S0-02 S0-10 sends a native app its code by MyApp://, after a page with what it will get', async () => {
      const browser = new FormBrowser()
      const { page } = await open({ clientId: 'atm-native' }, browser)
      const consent = (await signIn(browser, page, ALICE)).page
      expect(pageName(consent)).toBe('consent')
      const offered = readForm(consent).checkboxes.map(({ value }) => value)
      expect(offered.sort()).toEqual(['email', 'offline_access', 'openid', 'profile'])
      const { response } = await press(browser, consent, ['action', 'allow'], ['scope', 'email'])
      expect(response?.href).toMatch(/^MyApp:\/\/\?code=[A-Za-z0-9]{50}$/i)
      const code = response?.searchParams.get('code')
      const answer = await exchange(as(), code, { clientId: 'atm-native', clientSecret: undefined })
      expect([answer.status, 'id_token' in answer.json]).toEqual([200, true])
      expect([...(await deviationsOf(as(), 'atm-native')).keys()]).toContain('atm_undotted_scheme')
    })

    it('S0-09 S0-26 asks for an account of the application’s own people, where it has some', async () => {
      const clientId = 'atm-own-people'
      const browser = new FormBrowser()
      const { page } = await open({ clientId }, browser)
      expect((await signIn(browser, page, ALICE)).page.status).toBe(401)
      const { response } = await signIn(browser, page, ALICE_THERE)
      const code = response?.searchParams.get('code')
      expect((await exchange(as(), code, { clientId })).status).toBe(200)
    })

    it('returns a state where one is sent, and takes standard names and a standard challenge', async () => {
      const { verifier, challenge } = pkce()
      const back = await login(as(), {
        clientId: null,
        client_id: CLIENT,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid',
        state: 'a/b c',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      expect([...back.searchParams.keys()]).toEqual(['code', 'state'])
      expect(back.searchParams.get('state')).toBe('a/b c')
      const answer = await exchange(as(), back.searchParams.get('code'), { code_verifier: verifier })
      expect([answer.status, answer.json.refresh_token]).toEqual([200, undefined])
    })

    it('tells the client of a denial and of a silent try that cannot be, as the standard does', async () => {
      const browser = new FormBrowser()
      const { page } = await open({ state: 's' }, browser)
      const { response } = await press(browser, page, ['action', 'cancel'])
      expect(response?.searchParams.get('error')).toBe('access_denied')
      expect(response?.searchParams.get('state')).toBe('s')
      const silent = await open({ prompt: 'none' })
      expect(silent.response?.searchParams.get('error')).toBe('login_required')
      expect(silent.response?.searchParams.has('iss')).toBe(false)
    })

    it('asks for redirect_uri where several are registered, and compares it exactly', async () => {
      const clientId = 'atm-several'
      const { reason, expected, fix } = await refused({ clientId })
      expect(reason).toBe('redirect_uri_missing')
      expect(expected).toContain('https://app.example/two')
      expect(fix).toContain('Add redirect_uri')
      const two = 'https://app.example/two'
      const back = await login(as(), { clientId, redirect_uri: two }, { redirectUri: two })
      expect(back.href.startsWith(`${two}?code=`)).toBe(true)
      expect((await refused({ clientId, redirect_uri: `${two}/` })).reason).toBe('redirect_uri_mismatch')
    })

    it('refuses a parameter that comes twice, in one spelling or in two', async () => {
      const twice = `${loginUrl(as())}&clientId=${CLIENT}`
      expect(errorOn((await openUrl(new FormBrowser(), twice)).page).reason).toBe('parameter_repeated')
      expect((await refused({ client_id: 'atm-two' })).reason).toBe('parameter_repeated')
      expect((await open({ client_id: CLIENT })).page.status).toBe(200)
    })

    it('uses the session of the browser: who is signed in is not asked again', async () => {
      const browser = new FormBrowser()
      await login(as(), {}, { browser, user: BOB })
      const second = await arrive(browser, await browser.visit(loginUrl(as(), { clientId: 'atm-two' })))
      expect(second.response?.searchParams.get('code')).toMatch(/^[A-Za-z0-9]{50}$/)
    })

    it('counts what the client does in its own way, and notes it in the flow', async () => {
      const { page } = await open({ clientId: 'atm-few' })
      const counted = await deviationsOf(as(), 'atm-few')
      expect([...counted].sort()).toEqual([
        ['atm_bare_request', 1],
        ['atm_client_id_name', 1],
        ['atm_hex_challenge', 1],
        ['atm_login_path', 1],
      ])
      const flow = new URL(page.url).searchParams.get('flow') ?? ''
      const notes = (await decisionsOf(as(), flow)).filter(({ rule }) => rule === 'dialect_used')
      expect(notes.map(({ received }) => received).sort()).toEqual([...counted.keys()].sort())
    })

    it('has no secret in what it logs', async () => {
      await login(as())
      expect(as().server.logs.join('\n')).not.toContain(SECRET)
      expect(as().server.logs.join('\n')).not.toContain(ALICE.password)
    })
  })
}, atmOptions)
