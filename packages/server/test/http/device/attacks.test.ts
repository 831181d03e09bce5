import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser, pageName, readForm, type Visit } from '../../../../testing/src/browser.ts'
import {
  arrive,
  aUser,
  errorOn,
  expectErrorPage,
  flowOf,
  openPage,
  press,
  signedIn,
} from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { forEachSharedStore, forEachStore } from '../../support/test-as.ts'
import { ALICE, BOB } from '../../support/test-config.ts'
import { aDevice, allow, allowedDevice, deviceConfig, enterCode, openConfirmation, poll } from './support.ts'

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    const stillWaits = async (device: Parameters<typeof poll>[1]) => {
      expect((await poll(as(), device)).json.error).toMatch(/^(authorization_pending|slow_down)$/)
    }
    const post = (browser: FormBrowser, page: Visit, values: Array<[string, string]>, headers = {}) =>
      browser.visit(readForm(page).action, {
        body: new URLSearchParams(values),
        headers: { origin: new URL(page.url).origin, 'sec-fetch-site': 'same-origin', ...headers },
      })
    const csrfOf = (page: Visit) => readForm(page).values.find(([name]) => name === 'csrf')?.[1] ?? ''

    describe('approving a device without its person (RFC 8628 §5.4, RFC 6819 §4.4.1.8)', () => {
      it('does nothing by GET, whatever the address says, for somebody who is signed in', async () => {
        const device = await aDevice(as())
        const browser = await signedIn(as(), ALICE)
        const page = await openConfirmation(as(), browser, device)
        const flow = flowOf(page)
        for (const path of [
          `/device?user_code=${device.userCode}&action=allow`,
          `/device-confirm?flow=${flow}&action=allow&scope=profile&csrf=${csrfOf(page)}`,
          `/device-done?flow=${flow}`,
          `/consent?flow=${flow}`,
          `/continue?flow=${flow}`,
          `/sign-in?flow=${flow}`,
        ]) {
          await arrive(browser, await browser.visit(as().issuer + path))
          await stillWaits(device)
        }
      })

      it('takes no form of another site, of another page, or of nobody', async () => {
        const device = await aDevice(as())
        const browser = await signedIn(as(), ALICE)
        const page = await openConfirmation(as(), browser, device)
        const csrf = csrfOf(page)
        const other = await openConfirmation(as(), browser, await aDevice(as()))
        const codePage = await browser.visit(`${as().issuer}/device`)
        const attempts: Array<[Array<[string, string]>, object]> = [
          [[['action', 'allow']], {}],
          [
            [
              ['action', 'allow'],
              ['csrf', csrfOf(other)],
            ],
            {},
          ],
          [
            [
              ['action', 'allow'],
              ['csrf', csrfOf(codePage)],
            ],
            {},
          ],
          [
            [
              ['action', 'allow'],
              ['csrf', csrf],
            ],
            { origin: 'https://evil.example' },
          ],
          [
            [
              ['action', 'allow'],
              ['csrf', csrf],
            ],
            { 'sec-fetch-site': 'cross-site' },
          ],
        ]
        for (const [values, headers] of attempts) {
          const answer = await post(browser, page, values, headers)
          expect(errorOn(answer).reason).toMatch(/^(csrf_mismatch|cross_site_post)$/)
        }
        expectErrorPage(
          {
            page: await post(browser, page, [
              ['action', 'yes'],
              ['csrf', csrf],
            ]),
            response: undefined,
          },
          'interaction_step_skipped',
        )
        await stillWaits(device)
      })

      it('takes no code in the name of a browser that did not ask for the form (login CSRF)', async () => {
        const device = await aDevice(as())
        const victim = await signedIn(as(), ALICE)
        const attacker = new FormBrowser()
        const page = await attacker.visit(`${as().issuer}/device`)
        const answer = await post(victim, page, [
          ['csrf', csrfOf(page)],
          ['user_code', device.userCode],
        ])
        expect(errorOn(answer).reason).toBe('csrf_mismatch')
        const bare = await post(new FormBrowser(), page, [
          ['csrf', csrfOf(page)],
          ['user_code', device.userCode],
        ])
        expect(errorOn(bare).reason).toBe('csrf_mismatch')
      })

      it('goes on in no other browser than the one in which the code was entered', async () => {
        const device = await aDevice(as())
        const attacker = new FormBrowser()
        const { page } = await enterCode(as(), attacker, device.userCode)
        const victim = await signedIn(as(), ALICE)
        for (const path of ['device-confirm', 'sign-in', 'device-done']) {
          const { page: shown } = await arrive(
            victim,
            await victim.visit(`${as().issuer}/${path}?flow=${flowOf(page)}`),
          )
          expect(errorOn(shown).reason).toBe('interaction_other_browser')
        }
        await stillWaits(device)
      })

      it('is not approved by the consent form, which has no warning', async () => {
        const device = await aDevice(as())
        const browser = await signedIn(as(), ALICE)
        const page = await openConfirmation(as(), browser, device)
        const answer = await browser.visit(`${as().issuer}/consent?flow=${flowOf(page)}`, {
          body: new URLSearchParams([
            ['csrf', csrfOf(page)],
            ['action', 'allow'],
            ['scope', 'profile'],
          ]),
          headers: { origin: as().issuer, 'sec-fetch-site': 'same-origin' },
        })
        expect(errorOn(answer).reason).toBe('csrf_mismatch')
        const shown = await arrive(
          browser,
          await browser.visit(readForm(page).action.replace('device-confirm', 'consent')),
        )
        expect(pageName(shown.page)).toBe('device-confirm')
        await stillWaits(device)
      })

      it('neither confirms nor ends the request of an app in the browser at the pages of a device', async () => {
        const browser = await signedIn(as(), ALICE)
        const page = await openPage(as(), browser, 'consent', { parameters: { prompt: 'consent' } })
        const flow = flowOf(page)
        for (const path of ['device-confirm', 'device-done']) {
          const shown = await arrive(browser, await browser.visit(`${as().issuer}/${path}?flow=${flow}`))
          expect(shown.response).toBeUndefined()
          expect(['consent', 'error']).toContain(pageName(shown.page))
        }
        const answer = await browser.visit(`${as().issuer}/device-confirm?flow=${flow}`, {
          body: new URLSearchParams([
            ['csrf', csrfOf(page)],
            ['action', 'allow'],
          ]),
          headers: { origin: as().issuer, 'sec-fetch-site': 'same-origin' },
        })
        expect(errorOn(answer).reason).toBe('csrf_mismatch')
      })

      it('ends with the client: disabled, it is neither found, nor confirmed, nor given tokens', async () => {
        const { store, workspaces } = as().server.pixy.deps
        const device = await aDevice(as(), { client_id: 'tv-two' })
        const [early, late] = [new FormBrowser(), new FormBrowser()]
        const page = await openConfirmation(as(), early, device)
        const client = await store.clients.find(workspaces.list()[0]?.id ?? '', 'tv-two')
        if (!client) throw new Error('there is no tv-two')
        await store.clients.update({ ...client, disabled: true })
        await workspaces.reload()
        try {
          expect((await enterCode(as(), late, device.userCode)).page.status).toBe(400)
          const { page: answer } = await press(early, page, ['action', 'allow'])
          expect(errorOn(answer).reason).toBe('authorization_client_unknown')
          expect(await poll(as(), device)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
        } finally {
          await store.clients.update(client)
          await workspaces.reload()
        }
        await stillWaits(device)
      })

      it('counts for the account that the page showed, not for one that was signed in meanwhile', async () => {
        const device = await aDevice(as())
        const browser = await signedIn(as(), ALICE)
        const page = await openConfirmation(as(), browser, device)
        // The session that was used last is the one that counts, to the second.
        as().advance(1)
        await signedIn(as(), BOB, { browser, parameters: { prompt: 'login' } })
        const { page: answer } = await press(browser, page, ['action', 'allow'])
        expect(errorOn(answer).reason).toBe('csrf_mismatch')
        await stillWaits(device)
      })

      it('remembers no consent: what a device was allowed opens nothing elsewhere', async () => {
        await allowedDevice(as())
        const { store, workspaces } = as().server.pixy.deps
        const [workspace] = workspaces.list()
        const alice = await store.users.findByUsername(workspace?.id ?? '', 'pool', ALICE.username)
        expect(await store.consents.find(workspace?.id ?? '', alice?.userId ?? '', 'tv')).toBeUndefined()
      })
    })

    describe('answering twice', () => {
      it('is refused: the first person counts', async () => {
        const device = await aDevice(as())
        const [first, second] = [new FormBrowser(), new FormBrowser()]
        const page = await openConfirmation(as(), first, device, ALICE)
        const late = await openConfirmation(as(), second, device, BOB)
        await allow(first, page)
        for (const action of ['allow', 'deny']) {
          const { page: answer } = await press(second, late, ['action', action])
          expectErrorPage({ page: answer, response: undefined }, 'user_code_unknown')
        }
        expectErrorPage(await arrive(second, await second.visit(late.url)), 'user_code_unknown')
        expectErrorPage(
          await arrive(second, await second.visit(`${as().issuer}/device-done?flow=${flowOf(late)}`)),
          'interaction_finished',
        )
        const { json } = await poll(as(), device)
        expect((await as().userinfo(String(json.access_token))).json.name).toBe('Alice Adams')
      })

      it('is refused in one browser too: Back and once more', async () => {
        const device = await aDevice(as())
        const browser = new FormBrowser()
        const page = await openConfirmation(as(), browser, device)
        await allow(browser, page)
        const { page: again } = await press(browser, page, ['action', 'deny'])
        expect(errorOn(again).reason).toBe('interaction_finished')
        expect((await poll(as(), device)).status).toBe(200)
      })

      it('gives one answer when two say yes and no at once', async () => {
        const device = await aDevice(as())
        const [first, second] = [new FormBrowser(), new FormBrowser()]
        const yes = await openConfirmation(as(), first, device, ALICE)
        const no = await openConfirmation(as(), second, device, BOB)
        const answers = await Promise.all([
          first.submit(yes, [['action', 'allow']]),
          second.submit(no, [['action', 'deny']]),
        ])
        expect(answers.map(({ status }) => status).sort()).toEqual([303, 400])
      })

      it('is refused after ten minutes, with the page open all the while', async () => {
        const device = await aDevice(as())
        const browser = new FormBrowser()
        const page = await openConfirmation(as(), browser, device)
        as().advance(600)
        const { page: late } = await press(browser, page, ['action', 'allow'])
        expectErrorPage({ page: late, response: undefined }, 'user_code_unknown')
        expect((await poll(as(), device)).json.error).toBe('expired_token')
      })
    })

    describe('who may not use the client', () => {
      it('is told so, and the device goes on waiting for somebody who may', async () => {
        const device = await aDevice(as(), { client_id: 'tv-assigned' })
        const browser = new FormBrowser()
        const { page } = await enterCode(as(), browser, device.userCode)
        const answer = await browser.submit(page, [
          ['username', BOB.username],
          ['password', BOB.password],
        ])
        expectErrorPage({ page: answer, response: undefined }, 'user_not_assigned')
        await stillWaits(device)
        const other = new FormBrowser()
        const member = await aUser(as(), { clients: ['tv-assigned'] })
        await allow(other, await openConfirmation(as(), other, device, member))
        expect((await poll(as(), device)).status).toBe(200)
      })
    })

    describe('guessing user codes (RFC 8628 §5.1)', () => {
      const GUESS = 'BBBB-BBBB'
      const guess = async (browser: FormBrowser, code = GUESS) => (await enterCode(as(), browser, code)).page

      it('learns nothing: unknown, expired, answered, denied and malformed codes give one answer', async () => {
        const expired = await aDevice(as())
        as().advance(600)
        const { device: answered } = await allowedDevice(as())
        const denied = await aDevice(as())
        const nobody = new FormBrowser()
        await press(nobody, await openConfirmation(as(), nobody, denied), ['action', 'deny'])
        const shown = []
        for (const code of [GUESS, expired.userCode, answered.userCode, denied.userCode, 'AAAA-EEEE']) {
          const page = await guess(new FormBrowser(), code)
          expect([page.status, pageName(page)]).toEqual([400, 'device'])
          const typed = readForm(page).values.find(([name]) => name === 'user_code')?.[1] ?? '?'
          shown.push(page.body.replaceAll(typed, '').replaceAll(csrfOf(page), ''))
        }
        expect(new Set(shown).size).toBe(1)
      })

      it('is throttled by browser', async () => {
        const browser = new FormBrowser()
        for (let wrong = 0; wrong < 6; wrong++) expect((await guess(browser)).status).toBe(400)
        const page = await guess(browser)
        expect(page.status).toBe(429)
        expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0)
        expect((await guess(new FormBrowser())).status).toBe(400)
      })

      it('is throttled by network, also for codes that are right', async () => {
        const device = await aDevice(as())
        for (let wrong = 0; wrong < 11; wrong++) expect((await guess(new FormBrowser())).status).toBe(400)
        expect((await guess(new FormBrowser(), device.userCode)).status).toBe(429)
        as().advance('2h')
        const { page } = await enterCode(as(), new FormBrowser(), (await aDevice(as())).userCode)
        expect(pageName(page)).toBe('sign-in')
      })

      it('has no more tries at once than one after the other', async () => {
        const browsers = Array.from({ length: 40 }, () => new FormBrowser())
        const pages = await Promise.all(browsers.map((browser) => guess(browser)))
        expect(pages.filter(({ status }) => status === 400)).toHaveLength(11)
      })

      it('does not stop those who are signed in, whose account is counted instead', async () => {
        for (let wrong = 0; wrong < 12; wrong++) await guess(new FormBrowser())
        const browser = await signedIn(as(), ALICE)
        const device = await aDevice(as())
        const page = await openConfirmation(as(), browser, device)
        expect(pageName(page)).toBe('device-confirm')
        for (let wrong = 0; wrong < 11; wrong++) expect((await guess(browser)).status).toBe(400)
        expect((await guess(browser, device.userCode)).status).toBe(429)
      })

      it('is not made cheaper by devices of one’s own: a right code empties no bucket', async () => {
        for (let wrong = 0; wrong < 10; wrong++) await guess(new FormBrowser())
        await enterCode(as(), new FormBrowser(), (await aDevice(as())).userCode)
        expect((await guess(new FormBrowser())).status).toBe(400)
        expect((await guess(new FormBrowser())).status).toBe(429)
      })

      it('costs nothing for a slip of the finger that no code could be', async () => {
        const browser = new FormBrowser()
        for (let typo = 0; typo < 20; typo++) expect((await guess(browser, 'WDJB-MJH')).status).toBe(400)
      })
    })
  },
  { config: deviceConfig, hasher: quickHasher() },
)

forEachStore((start) => {
  describe('guessing user codes from everywhere', () => {
    it('leaves each network two wrong codes, and locks nobody out', async () => {
      const as = await start({ config: deviceConfig, hasher: quickHasher(), trustProxy: true })
      as.server.clock.stop()
      const from = (address: string) => {
        const browser = new FormBrowser((url, init) => {
          const headers = new Headers(init.headers)
          headers.set('x-forwarded-for', address)
          return fetch(url, { ...init, headers })
        })
        return browser
      }
      const guess = async (address: string, code = 'BBBB-BBBB') =>
        (await enterCode(as, from(address), code)).page
      const attackers = Array.from({ length: 10 }, (_, host) => `198.51.100.${host}`)
      for (let wrong = 0; wrong < 10; wrong++) {
        const pages = await Promise.all(attackers.map((address) => guess(address)))
        expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([400]))
      }
      const { userCode } = await aDevice(as)
      for (const status of [400, 400, 429]) expect((await guess('203.0.113.1')).status).toBe(status)
      for (const address of attackers) expect((await guess(address)).status).toBe(429)
      expect((await guess('203.0.113.1', userCode)).status).toBe(429)
      expect(pageName(await guess('203.0.113.2', userCode))).toBe('sign-in')
      as.advance(600)
      expect((await guess('203.0.113.1')).status).toBe(400)
    })
  })
})
