import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { aUser, plain, signedIn } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { basic, forEachSharedStore, forEachStore } from '../../support/test-as.ts'
import { WEB_SECRET } from '../../support/test-config.ts'
import { aDevice, allow, deviceConfig, enterCode, openConfirmation, poll } from './support.ts'

forEachSharedStore(
  (as) => {
    // The clock begins at the same time for each test, and what they ask for is counted.
    let tests = 0
    beforeEach(() => {
      as().server.clock.stop()
      as().advance(++tests * 3600)
    })

    const ask = (client_id = 'tv') => as().post('/oauth2/device_authorization', { client_id })
    const fill = async (count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => ask()))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    }

    describe('asking for codes without end', () => {
      it('comes to an end in each network, until the first of them expire', async () => {
        await fill(1)
        as().advance(100)
        await fill(99)
        const { status, json, headers } = await ask()
        expect([status, json.error, json.reason]).toEqual([429, 'slow_down', 'device_codes_too_many'])
        expect(headers.get('retry-after')).toBe('500')
        expect(headers.get('cache-control')).toBe('no-store')
        as().advance(500)
        expect((await ask()).status).toBe(200)
        expect((await ask()).status).toBe(429)
      })

      it('is not gone on with by answers that need no account, but by devices that were connected', async () => {
        const denied = await aDevice(as())
        const connected = await aDevice(as())
        await fill(98)
        const nobody = new FormBrowser()
        const { page } = await enterCode(as(), nobody, denied.userCode)
        await nobody.submit(page, [['action', 'cancel']])
        expect((await poll(as(), denied)).json.error).toBe('access_denied')
        expect((await ask()).status).toBe(429)
        const browser = new FormBrowser()
        await allow(browser, await openConfirmation(as(), browser, connected))
        expect((await poll(as(), connected)).status).toBe(200)
        expect((await ask()).status).toBe(200)
      })

      it('stops neither other clients, nor one that has a secret and may ask for many', async () => {
        await fill(100)
        expect((await ask()).status).toBe(429)
        expect((await ask('tv-two')).status).toBe(200)
        const statuses = new Set<number>()
        for (let asked = 0; asked < 101; asked++) {
          const { status } = await as().post(
            '/oauth2/device_authorization',
            {},
            basic('tv-secret', WEB_SECRET),
          )
          statuses.add(status)
        }
        expect(statuses).toEqual(new Set([200]))
      })
    })

    describe('guessing user codes with many accounts (RFC 8628 §5.1)', () => {
      it('is throttled by network too, far above what one person types wrong', async () => {
        const guess = async (browser: FormBrowser, code = 'BBBB-BBBB') =>
          (await enterCode(as(), browser, code)).page
        for (let account = 0; account < 10; account++) {
          const browser = await signedIn(as(), await aUser(as()))
          for (let wrong = 0; wrong < 10; wrong++) expect((await guess(browser)).status).toBe(400)
        }
        const next = await signedIn(as(), await aUser(as()))
        expect((await guess(next)).status).toBe(400)
        expect((await guess(next)).status).toBe(429)
        expect((await guess(new FormBrowser())).status).toBe(400)
      })
    })
  },
  { config: deviceConfig, hasher: quickHasher() },
)

forEachStore((start) => {
  describe('the confirmation page, where addresses say nothing', () => {
    it.each([
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '127.0.0.1'],
      ['172.17.0.1', '172.17.0.1'],
      ['192.168.1.20', '192.168.1.21'],
      ['10.0.0.1', '10.0.0.1'],
      ['100.64.0.1', '100.64.0.1'],
      ['fd00:1::2', 'fd00:1::2'],
    ])('of a device at %s does not soothe or alarm a browser at %s', async (there, here) => {
      const as = await start({ config: deviceConfig, hasher: quickHasher(), trustProxy: true })
      const form = { client_id: 'tv', scope: 'profile' }
      const { json } = await as.post('/oauth2/device_authorization', form, { 'x-forwarded-for': there })
      const browser = new FormBrowser((url, init) => {
        const headers = new Headers(init.headers)
        headers.set('x-forwarded-for', here)
        return fetch(url, { ...init, headers })
      })
      const text = plain((await openConfirmation(as, browser, { userCode: String(json.user_code) })).body)
      expect(text).toContain('It asked less than a minute ago.')
      expect(text).not.toMatch(/network than you|same network|Its address/)
    })
  })
})
