import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm } from '../../../../testing/src/browser.ts'
import { arrive, plain, press, signedIn } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { basic, claimsOf, forEachSharedStore, forEachStore } from '../../support/test-as.ts'
import { ALICE, BOB, WEB_SECRET } from '../../support/test-config.ts'
import {
  aDevice,
  allow,
  allowedDevice,
  DEVICE_CODE,
  deviceConfig,
  openConfirmation,
  poll,
} from './support.ts'

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    describe('POST /oauth2/device_authorization (RFC 8628 §3.1, §3.2)', () => {
      it('answers codes, where to enter them, and how long that is good for', async () => {
        const { json, headers } = await as().post('/oauth2/device_authorization', { client_id: 'tv' })
        const shown = String(json.user_code)
        expect(json).toEqual({
          device_code: expect.stringMatching(/^[A-Za-z0-9]{50}$/),
          user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
          verification_uri: `${as().issuer}/device`,
          verification_uri_complete: `${as().issuer}/device?user_code=${shown}`,
          expires_in: 600,
          interval: 5,
        })
        expect(headers.get('cache-control')).toBe('no-store')
        expect(
          (await as().post('/oauth2/device_authorization', { client_id: 'tv' })).json.user_code,
        ).not.toBe(shown)
      })

      it('stores neither code', async () => {
        const { deviceCode, userCode } = await aDevice(as())
        const { deps } = as().server.pixy
        const plainCode = userCode.replace('-', '')
        for (const name of [deviceCode, userCode, plainCode]) {
          expect(await deps.store.deviceCodes.find(deps.workspaces.list()[0]?.id ?? '', name)).toBeUndefined()
          expect(
            await deps.store.deviceCodes.findByUserCode(deps.workspaces.list()[0]?.id ?? '', name),
          ).toBeUndefined()
        }
        expect(as().server.logs.join('\n')).not.toMatch(new RegExp(`${deviceCode}|${userCode}|${plainCode}`))
      })

      it('authenticates confidential clients as the token endpoint does', async () => {
        const ask = (form: Record<string, string>, headers = {}) =>
          as().post('/oauth2/device_authorization', form, headers)
        expect((await ask({}, basic('tv-secret', WEB_SECRET))).status).toBe(200)
        expect(await ask({ client_id: 'tv-secret' })).toMatchObject({
          status: 401,
          json: { error: 'invalid_client' },
        })
        expect(await ask({}, basic('tv-secret', 'wrong'))).toMatchObject({
          status: 401,
          json: { error: 'invalid_client' },
        })
        expect(await ask({ client_id: 'nobody' })).toMatchObject({ status: 401 })
      })

      it('refuses clients of other grant types, scopes they may not have, and foreign resources', async () => {
        const ask = async (form: Record<string, string>) =>
          (await as().post('/oauth2/device_authorization', form)).json
        expect(await ask({ client_id: 'spa' })).toMatchObject({
          error: 'unauthorized_client',
          reason: 'grant_type_not_allowed',
        })
        expect(await ask({ client_id: 'tv', scope: 'email' })).toMatchObject({ error: 'invalid_scope' })
        expect(await ask({ client_id: 'tv', resource: 'https://evil.example' })).toMatchObject({
          error: 'invalid_target',
        })
      })

      it('is advertised with its grant type (RFC 8628 §4)', async () => {
        const { json } = await as().request('/.well-known/oauth-authorization-server')
        expect(json.device_authorization_endpoint).toBe(`${as().issuer}/oauth2/device_authorization`)
        expect(json.grant_types_supported).toContain(DEVICE_CODE)
      })
    })

    describe('the whole way (RFC 8628 §1)', () => {
      it('S3-29 a device without a browser gets tokens once its person has allowed it on another screen', async () => {
        const device = await aDevice(as(), { scope: 'openid profile offline_access notes:read notes:delete' })
        expect(await poll(as(), device)).toMatchObject({
          status: 400,
          json: { error: 'authorization_pending' },
        })
        const browser = new FormBrowser()
        const page = await openConfirmation(as(), browser, device)
        expect(page.body).toContain(device.userCode)
        expect(page.body).toContain('Living-room TV')
        expect(page.body).toContain('If somebody sent you this code, press Deny.')
        const done = await allow(browser, page, ['profile', 'notes:read', 'offline_access'])
        expect(pageName(done)).toBe('device-done')
        expect(done.body).toContain('id="device-connected"')

        as().advance(5)
        const { status, json, headers } = await poll(as(), device)
        expect(status).toBe(200)
        expect(headers.get('cache-control')).toBe('no-store')
        expect(json).toEqual({
          access_token: expect.any(String),
          token_type: 'Bearer',
          expires_in: 600,
          refresh_token: expect.any(String),
          id_token: expect.any(String),
          scope: 'openid profile offline_access notes:read',
        })
        expect(claimsOf(String(json.id_token))).toMatchObject({
          iss: as().issuer,
          aud: 'tv',
          amr: ['pwd'],
          acr: expect.any(String),
          auth_time: expect.any(Number),
          sid: expect.stringMatching(/^ses_/),
        })
        expect((await as().userinfo(String(json.access_token))).json).toMatchObject({ name: 'Alice Adams' })
        expect(await as().refresh(String(json.refresh_token), { client_id: 'tv' })).toMatchObject({
          status: 200,
        })
      })

      it('gives no refresh token without offline_access, and no ID token without openid', async () => {
        const { device } = await allowedDevice(as(), { scope: 'notes:read' }, ['notes:read'])
        const { json } = await poll(as(), device)
        expect(json).toMatchObject({ scope: 'notes:read' })
        expect(Object.keys(json)).not.toContain('refresh_token')
        expect(Object.keys(json)).not.toContain('id_token')
      })

      it('carries the resource from the device to the token (RFC 8707 §2.1)', async () => {
        const form = { scope: 'notes:read', resource: 'https://api.example' }
        const { device } = await allowedDevice(as(), form, ['notes:read'])
        const { json } = await poll(as(), device)
        expect(claimsOf(String(json.access_token)).aud).toBe('https://api.example')
      })

      it('ends with the session where nothing is offline, also before the device has come for it', async () => {
        const signOut = async (browser: FormBrowser) => {
          const { page } = await arrive(browser, await browser.visit(`${as().issuer}/oauth2/logout`))
          await press(browser, page)
        }
        const online = await allowedDevice(as(), {}, ['profile'])
        const waiting = await allowedDevice(as(), {}, ['profile'])
        const { json } = await poll(as(), online.device)
        await signOut(online.browser)
        await signOut(waiting.browser)
        expect((await as().userinfo(String(json.access_token))).status).toBe(401)
        expect((await poll(as(), waiting.device)).json).toMatchObject({ error: 'invalid_grant' })
      })
    })

    describe('GET and POST /device (RFC 8628 §3.3)', () => {
      it.each([
        ['as shown', (code: string) => code],
        ['without the dash', (code: string) => code.replace('-', '')],
        ['in lower case', (code: string) => code.toLowerCase()],
        ['with spaces', (code: string) => ` ${code.replace('-', '  ')} `],
        ['with another dash', (code: string) => code.replace('-', ' – ')],
        [
          'in wide letters',
          (code: string) =>
            code.replace(/[A-Z]/g, (c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0)),
        ],
      ])('takes the code %s', async (_, change) => {
        const { userCode } = await aDevice(as())
        await openConfirmation(as(), new FormBrowser(), { userCode: change(userCode) })
      })

      it('fills in the code of verification_uri_complete, and waits for a person to go on (§3.3.1)', async () => {
        const device = await aDevice(as())
        const browser = new FormBrowser()
        const page = await browser.visit(device.verificationUriComplete)
        expect([page.status, pageName(page)]).toEqual([200, 'device'])
        expect(readForm(page).values).toContainEqual(['user_code', device.userCode])
        expect(page.body).toContain('id="device-continue"')
        expect(page.body).toContain('Go on only if your device shows the same code.')
        expect((await poll(as(), device)).json.error).toBe('authorization_pending')
        expect(pageName((await press(browser, page)).page)).toBe('sign-in')
      })

      it('asks for the code where there is none, and shows what was typed again', async () => {
        const browser = new FormBrowser()
        const page = await browser.visit(`${as().issuer}/device`)
        const empty = await press(browser, page)
        expect([empty.page.status, pageName(empty.page)]).toEqual([400, 'device'])
        const wrong = await press(browser, page, ['user_code', 'aeiou"><b>'])
        expect(wrong.page.status).toBe(400)
        expect(readForm(wrong.page).values).toContainEqual(['user_code', 'aeiou"><b>'])
      })
    })

    describe('GET and POST /device-confirm (RFC 8628 §3.3, §5.4)', () => {
      it('always asks: also a browser that is signed in, a client with implied consent, and a second time', async () => {
        const browser = await signedIn(as(), ALICE)
        for (const form of [{ client_id: 'tv-own' }, { client_id: 'tv' }, { client_id: 'tv' }]) {
          const device = await aDevice(as(), { scope: 'openid profile', ...form })
          const page = await openConfirmation(as(), browser, device)
          expect((await poll(as(), device)).json.error).toBe('authorization_pending')
          await allow(browser, page)
          expect((await poll(as(), device)).status).toBe(200)
        }
      })

      it('offers the scopes with boxes as the consent page does, and the form can only narrow', async () => {
        const device = await aDevice(as(), { scope: 'openid profile notes:delete' })
        const browser = new FormBrowser()
        const page = await openConfirmation(as(), browser, device)
        expect(
          readForm(page).checkboxes.map(({ value, checked, disabled }) => [value, checked, disabled]),
        ).toEqual([
          ['openid', true, true],
          ['profile', true, false],
          ['notes:delete', false, false],
        ])
        await allow(browser, page, ['notes:delete', 'offline_access', 'email'])
        expect((await poll(as(), device)).json.scope).toBe('openid notes:delete')
      })

      it('says when the device asked, and not its address', async () => {
        const device = await aDevice(as())
        as().advance(130)
        const page = await openConfirmation(as(), new FormBrowser(), device)
        const text = plain(page.body) ?? ''
        expect(text).toContain('It asked 2 minutes ago.')
        expect(page.body).not.toContain('127.0.')
      })

      it('lets another account be chosen', async () => {
        const device = await aDevice(as())
        const browser = await signedIn(as(), ALICE)
        const page = await openConfirmation(as(), browser, device)
        const flow = new URL(page.url).searchParams.get('flow')
        const select = await browser.visit(`${as().issuer}/select-account?flow=${flow}`)
        const { page: signInPage } = await press(browser, select, ['account', ''])
        expect(pageName(signInPage)).toBe('sign-in')
        const answer = await browser.submit(signInPage, [
          ['username', BOB.username],
          ['password', BOB.password],
        ])
        const again = (await arrive(browser, answer)).page
        expect(pageName(again)).toBe('device-confirm')
        await allow(browser, again)
        expect((await as().userinfo(String((await poll(as(), device)).json.access_token))).json.name).toBe(
          'Bob',
        )
      })

      it('tells the device of a no, whether it is said here, by no box, or at the sign-in page', async () => {
        const denials = [
          async (browser: FormBrowser, code: { userCode: string }) =>
            press(browser, await openConfirmation(as(), browser, code), ['action', 'deny']),
          async (browser: FormBrowser, code: { userCode: string }) =>
            press(browser, await openConfirmation(as(), browser, code), ['action', 'allow']),
          async (browser: FormBrowser, code: { userCode: string }) => {
            const page = await browser.visit(`${as().issuer}/device`)
            const signIn = await press(browser, page, ['user_code', code.userCode])
            return press(browser, signIn.page, ['action', 'cancel'])
          },
        ]
        for (const deny of denials) {
          const device = await aDevice(as(), { scope: 'profile' })
          const { page } = await deny(new FormBrowser(), device)
          expect(pageName(page)).toBe('device-done')
          expect(page.body).toContain('id="device-denied"')
          for (let twice = 0; twice < 2; twice++) {
            expect(await poll(as(), device)).toMatchObject({ status: 400, json: { error: 'access_denied' } })
          }
        }
      })
    })
  },
  { config: deviceConfig, hasher: quickHasher() },
)

forEachStore((start) => {
  describe('the confirmation page, behind a proxy', () => {
    it.each([
      ['203.0.113.9', '203.0.113.9', 'It is in the same network as you are.'],
      ['203.0.113.9', '198.51.100.7', 'It is in another network than you are: 203.0.x.x'],
      ['2001:db8:1:2::9', '2001:db8:1:2:f::7', 'It is in the same network as you are.'],
      ['2001:db8:1:2::9', '2001:db8:1:3::9', 'It is in another network than you are: 2001:db8:…'],
      ['2001:db8:1:2::9', '203.0.113.9', 'Its address begins like this: 2001:db8:…'],
    ])('of a device at %s tells a browser at %s: %s', async (there, here, expected) => {
      const as = await start({ config: deviceConfig, hasher: quickHasher(), trustProxy: true })
      const form = { client_id: 'tv', scope: 'profile' }
      const { json } = await as.post('/oauth2/device_authorization', form, { 'x-forwarded-for': there })
      const browser = new FormBrowser((url, init) => {
        const headers = new Headers(init.headers)
        headers.set('x-forwarded-for', here)
        return fetch(url, { ...init, headers })
      })
      const page = await openConfirmation(as, browser, { userCode: String(json.user_code) })
      expect(plain(page.body)).toContain(expected)
      expect(page.body).not.toContain('203.0.113')
      expect(page.body).not.toContain('2001:db8:1')
    })
  })
})
