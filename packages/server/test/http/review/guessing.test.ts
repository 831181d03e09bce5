import { describe, expect, it } from 'vitest'
import { FormBrowser, pageName } from '../../../../testing/src/browser.ts'
import { argon2Hasher } from '../../../src/adapters/hasher.ts'
import { aUser, open, openPage, signedIn, signIn } from '../../support/authorization.ts'
import { throughProxy } from '../../support/inject.ts'
import { forEachStore, type TestAs } from '../../support/test-as.ts'
import { testConfig } from '../../support/test-config.ts'

const config = testConfig({ workspace: { signing_algs: ['ES256'] } })

/** A browser that goes on with the cookies of another, from an address of its own. */
function stolen(as: TestAs, from: FormBrowser, names: readonly string[], address: string): FormBrowser {
  const { origin } = new URL(as.issuer)
  const thief = new FormBrowser(throughProxy(as, address))
  for (const [name, value] of from.cookies(origin))
    if (names.includes(name)) thief.setCookie(origin, name, value)
  return thief
}

forEachStore((start) => {
  describe('review: guessing passwords (NIST SP 800-63B-4 §3.2.2)', () => {
    it('does not let guesses that are sent at once all be tried before the first is counted', async () => {
      const as = await start({ config })
      const person = await aUser(as)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in')
      const guesses = Array.from({ length: 60 }, (_, n) =>
        n === 59 ? person.password : `a wrong guess ${n}`,
      )
      const answers = await Promise.all(
        guesses.map((password) => signIn(browser, page, { username: person.username, password })),
      )
      expect(answers.at(-1)?.page.status).toBe(429)
      const tried = answers.filter((answer) => answer.page.status === 401)
      expect(tried.length).toBeLessThanOrEqual(14)
    })

    it('counts guesses with a stolen known-device cookie in one bucket, from however many addresses they come', async () => {
      const as = await start({ config })
      const person = await aUser(as)
      const owner = await signedIn(as, person)
      const statuses: number[] = []
      for (let n = 0; n < 14; n++) {
        const thief = stolen(as, owner, ['pixy_dev'], `2001:db8::${n + 1}`)
        const page = await openPage(as, thief, 'sign-in')
        statuses.push((await signIn(thief, page, { ...person, password: 'a wrong guess' })).page.status)
      }
      expect(statuses.filter((status) => status === 401)).toHaveLength(11)
    })

    it('does not let a password that was reset while it was checked open a session', async () => {
      let meanwhile = async () => {}
      const argon2 = argon2Hasher()
      const as = await start({
        config,
        hasher: {
          hash: argon2.hash,
          async verify(stored, password) {
            const right = await argon2.verify(stored, password)
            await meanwhile()
            return right
          },
        },
      })
      const person = await aUser(as)
      const browser = new FormBrowser()
      const page = await openPage(as, browser, 'sign-in')
      const { store, workspaces, clock } = as.server.pixy.deps
      const workspaceId = workspaces.list()[0]?.id ?? ''
      meanwhile = async () => {
        const user = await store.users.find(workspaceId, person.userId)
        if (!user) throw new Error('no user')
        await store.users.update({
          ...user,
          passwordHash: await argon2.hash('a new password that nobody knows'),
        })
        await store.sessions.deleteByUser(workspaceId, person.userId)
        await store.grants.revokeByUser(workspaceId, person.userId, null, clock.now(), 'password_reset')
      }
      const answer = await signIn(browser, page, person)
      expect(pageName(answer.page)).toBe('sign-in')
      expect(answer.page.status).toBe(401)
      const silent = await open(as, browser, { parameters: { prompt: 'none' } })
      expect(silent.response?.searchParams.get('error')).toBe('login_required')
    })
  })

  describe('review: one subscriber with 2^64 addresses', () => {
    it('makes no more accounts than one with one: the /64 is what counts', async () => {
      const as = await start({ config })
      const page = await openPage(as, new FormBrowser(), 'sign-up', { parameters: { prompt: 'create' } })
      expect(page.status).toBe(200)
      const statuses: number[] = []
      for (let n = 0; n < 23; n++) {
        const browser = new FormBrowser(throughProxy(as, `2001:db8:1:2::${n + 1}`))
        const form = await openPage(as, browser, 'sign-up', { parameters: { prompt: 'create' } })
        const password = `violet turbine ${n} orchard lantern`
        const answer = await browser.submit(form, [
          ['username', `flood-${n}@example.com`],
          ['password', password],
          ['password_confirm', password],
        ])
        statuses.push(answer.status)
      }
      expect(statuses.filter((status) => status === 303)).toHaveLength(21)
      expect(statuses.at(-1)).toBe(429)
    })

    it('is throttled as a client too, and does not fill the store with a row an address', async () => {
      const as = await start({ config })
      let last = 0
      for (let n = 0; n < 53; n++) {
        const send = throughProxy(as, `2001:db8:1:2::${(n + 1).toString(16)}`)
        const answer = await send(`${as.issuer}/oauth2/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: `invented-${n}`,
            client_secret: 'x',
          }),
        })
        last = answer.status
      }
      expect(last).toBe(429)
    })
  })

  describe('review: a sign-up form made to keep the processor busy', () => {
    // Everybody waits while a password is estimated: a hundred characters and a long name took seconds.
    it.each([
      [
        'a long name',
        'aaaaaaaaaaaaaaaaaaaaaaaaa',
        Array.from({ length: 9000 }, (_, n) => n.toString(36)).join('.'),
      ],
      ['a long password of common words', 'passwordpassw0rdqwertyuiopasdfgh1234567890'.repeat(20), 'x'],
      ['a password of substitutions', '4@8({[<369!1|0$5+7%2/}'.repeat(40), 'x'.repeat(40_000)],
    ])('is answered at once: %s', async (_what, password, name) => {
      const as = await start({ config })
      const browser = new FormBrowser()
      const form = await openPage(as, browser, 'sign-up', { parameters: { prompt: 'create' } })
      const submit = (secret: string, called: string) =>
        browser.submit(form, [
          ['username', 'busy@example.com'],
          ['name', called],
          ['password', secret],
          ['password_confirm', 'something else'],
        ])
      await submit('warm up the estimate', 'warm')
      const began = process.cpuUsage()
      expect((await submit(password, name)).status).toBe(400)
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(500)
    })

    it('is throttled: weak passwords are counted, since each costs an estimate', async () => {
      const as = await start({ config })
      const browser = new FormBrowser()
      const form = await openPage(as, browser, 'sign-up', { parameters: { prompt: 'create' } })
      const statuses: number[] = []
      for (let n = 0; n < 22; n++) {
        const answer = await browser.submit(form, [
          ['username', `weak-${n}@example.com`],
          ['password', 'aaaaaaaaaaaaaaaaaaaaaaaaa'],
          ['password_confirm', 'aaaaaaaaaaaaaaaaaaaaaaaaa'],
        ])
        statuses.push(answer.status)
      }
      expect(statuses.filter((status) => status === 400)).toHaveLength(21)
      expect(statuses.at(-1)).toBe(429)
    })
  })
})
