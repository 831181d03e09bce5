import { beforeEach, describe, expect, it } from 'vitest'
import { FormBrowser } from '../../../../testing/src/browser.ts'
import { aUser } from '../../support/authorization.ts'
import { quickHasher } from '../../support/quick-hasher.ts'
import { basic, forEachSharedStore, forEachStore } from '../../support/test-as.ts'
import { WEB_SECRET } from '../../support/test-config.ts'
import {
  aDevice,
  allow,
  allowedDevice,
  DEVICE_CODE,
  type Device,
  deviceConfig,
  openConfirmation,
  poll,
} from './support.ts'

forEachSharedStore(
  (as) => {
    beforeEach(() => as().server.clock.stop())

    /** Waits, polls, and tells the error. */
    async function pollAfter(seconds: number, device: Device) {
      as().advance(seconds)
      const { status, json } = await poll(as(), device)
      expect(status).toBe(400)
      return json.error
    }
    const workspaceId = () => as().server.pixy.deps.workspaces.list()[0]?.id ?? ''

    describe('POST /oauth2/token, device_code: waiting (RFC 8628 §3.5)', () => {
      it('is pending at the interval, and told to slow down before it', async () => {
        const device = await aDevice(as())
        expect(await pollAfter(0, device)).toBe('authorization_pending')
        expect(await pollAfter(5, device)).toBe('authorization_pending')
        expect(await pollAfter(4, device)).toBe('slow_down')
      })

      it('adds five seconds with each poll that comes too early, for all that follow', async () => {
        const device = await aDevice(as())
        expect(await pollAfter(0, device)).toBe('authorization_pending')
        expect(await pollAfter(1, device)).toBe('slow_down')
        expect(await pollAfter(9, device)).toBe('slow_down')
        expect(await pollAfter(15, device)).toBe('authorization_pending')
        expect(await pollAfter(14, device)).toBe('slow_down')
        expect(await pollAfter(20, device)).toBe('authorization_pending')
      })

      it('lets one of many polls at once count as in time', async () => {
        const device = await aDevice(as())
        const answers = await Promise.all(Array.from({ length: 10 }, () => poll(as(), device)))
        const errors = answers.map(({ json }) => json.error)
        expect(errors.filter((error) => error === 'authorization_pending')).toHaveLength(1)
        expect(errors.filter((error) => error === 'slow_down')).toHaveLength(9)
      })

      it('goes on at its interval when the clock was set back', async () => {
        const device = await aDevice(as())
        expect(await pollAfter(0, device)).toBe('authorization_pending')
        as().server.clock.advance(-3600)
        expect(await pollAfter(5, device)).toBe('slow_down')
        expect(await pollAfter(10, device)).toBe('authorization_pending')
        const browser = new FormBrowser()
        await allow(browser, await openConfirmation(as(), browser, device))
        expect((await poll(as(), device)).status).toBe(200)
      })

      it('gives the tokens as soon as they are there, however often it was asked before', async () => {
        const device = await aDevice(as())
        for (let times = 0; times < 5; times++) await poll(as(), device)
        const browser = new FormBrowser()
        await allow(browser, await openConfirmation(as(), browser, device))
        expect((await poll(as(), device)).status).toBe(200)
      })

      it('says so when nobody came in time, and forgets the code a day later', async () => {
        const device = await aDevice(as())
        expect(await pollAfter(599, device)).toBe('authorization_pending')
        expect(await pollAfter(1, device)).toBe('expired_token')
        as().advance('1d')
        const { store, clock } = as().server.pixy.deps
        await store.sweep(clock.now(), 1000)
        expect(await pollAfter(0, device)).toBe('invalid_grant')
      })

      it('keeps waiting polls out of the log and of what pixy explain reads', async () => {
        const device = await aDevice(as())
        const before = as().server.logs.length
        await poll(as(), device)
        await poll(as(), device)
        const { flow } = (await poll(as(), device)).json
        const { deps, flowLog } = as().server.pixy
        await flowLog.flush()
        const events = await deps.store.flowEvents.findByFlow(String(flow))
        expect(events.map(({ kind, reason }) => [kind, reason])).toEqual([['device_authorization', null]])
        expect(
          as()
            .server.logs.slice(before)
            .filter((line) => line.includes('"reason"')),
        ).toEqual([])
      })
    })

    describe('POST /oauth2/token, device_code: redeeming', () => {
      it('gives tokens to one of twenty polls at once, and ends them with the others', async () => {
        const { device } = await allowedDevice(as())
        const answers = await Promise.all(Array.from({ length: 20 }, () => poll(as(), device)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        for (const { json } of answers.filter(({ status }) => status !== 200)) {
          expect(json).toMatchObject({ error: 'invalid_grant', reason: 'device_code_replayed' })
        }
      })

      it('ends what it gave when the same code comes again, as with codes (RFC 6749 §4.1.2)', async () => {
        const { device } = await allowedDevice(as())
        const { json } = await poll(as(), device)
        expect(await poll(as(), device)).toMatchObject({
          status: 400,
          json: { error: 'invalid_grant', reason: 'device_code_replayed' },
        })
        expect((await as().userinfo(String(json.access_token))).status).toBe(401)
        expect(await as().refresh(String(json.refresh_token), { client_id: 'tv' })).toMatchObject({
          json: { error: 'invalid_grant' },
        })
      })

      it('is bound to the client: another one learns nothing, burns nothing and ends nothing', async () => {
        const { device } = await allowedDevice(as())
        const stranger = { ...device, client: 'tv-two' }
        expect((await poll(as(), stranger)).json).toMatchObject({
          error: 'invalid_grant',
          reason: 'device_code_client_mismatch',
        })
        const { status, json } = await poll(as(), device)
        expect(status).toBe(200)
        await poll(as(), stranger)
        expect((await as().userinfo(String(json.access_token))).status).toBe(200)
      })

      it('wants a code, one it knows, and the authentication of its client', async () => {
        const ask = async (form: Record<string, string>, headers = {}) =>
          (await as().token({ grant_type: DEVICE_CODE, ...form }, headers)).json
        expect(await ask({ client_id: 'tv' })).toMatchObject({
          error: 'invalid_request',
          reason: 'device_code_missing',
        })
        for (const device_code of ['x', 'A'.repeat(50)]) {
          expect(await ask({ client_id: 'tv', device_code })).toMatchObject({
            error: 'invalid_grant',
            reason: 'device_code_unknown',
          })
        }
        const { json } = await as().post(
          '/oauth2/device_authorization',
          { scope: 'profile' },
          basic('tv-secret', WEB_SECRET),
        )
        const device_code = String(json.device_code)
        expect(await ask({ client_id: 'tv-secret', device_code })).toMatchObject({ error: 'invalid_client' })
        expect(await ask({ device_code }, basic('tv-secret', WEB_SECRET))).toMatchObject({
          error: 'authorization_pending',
        })
        expect(await ask({ client_id: 'spa', device_code })).toMatchObject({ error: 'unauthorized_client' })
      })

      it('refuses where the person was disabled, or taken off the client, after allowing it', async () => {
        const { store } = as().server.pixy.deps
        for (const [client_id, change] of [
          ['tv', { enabled: false }],
          ['tv-assigned', { clients: [] }],
        ] as const) {
          const person = await aUser(as(), { clients: ['tv-assigned'] })
          const device = await aDevice(as(), { client_id })
          const browser = new FormBrowser()
          await allow(browser, await openConfirmation(as(), browser, device, person))
          const user = await store.users.find(workspaceId(), person.userId)
          if (!user) throw new Error('the person is not there')
          await store.users.update({ ...user, ...change })
          expect((await poll(as(), device)).json).toMatchObject({
            error: 'invalid_grant',
            reason: 'user_disabled',
          })
        }
      })
    })
  },
  { config: deviceConfig, hasher: quickHasher() },
)

forEachStore((start) => {
  describe('POST /oauth2/token, device_code, in production', () => {
    it('does not tell a code of another client from one that never was', async () => {
      const as = await start({ config: deviceConfig, hasher: quickHasher(), production: true })
      const device = await aDevice(as)
      const answers = [
        await poll(as, { ...device, client: 'tv-two' }),
        await poll(as, { ...device, deviceCode: 'A'.repeat(50) }),
      ]
      const told = answers.map(({ status, json: { flow: _, ...rest } }) => ({ status, ...rest }))
      expect(told[0]).toEqual(told[1])
      expect(told[0]).toMatchObject({ error: 'invalid_grant', reason: 'device_code_invalid' })
    })
  })
})
