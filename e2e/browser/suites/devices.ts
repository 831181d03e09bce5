import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { claimsOf } from '../support/authorization.ts'
import { arriveAt, signIn } from '../support/hosted-pages.ts'
import { look } from '../support/look.ts'
import { keepPicture } from '../support/screenshots.ts'
import type { World } from '../support/world.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const SCOPE = 'openid profile offline_access notes:read notes:delete'

const VIEWS = [
  { name: 'light', colorScheme: 'light', width: 1280, rules: undefined },
  { name: 'dark', colorScheme: 'dark', width: 1280, rules: ['color-contrast'] },
  { name: 'at 320 px', colorScheme: 'light', width: 320, rules: ['target-size'] },
] as const
const MINUTE = 60_000

/** A device that shows a code, and its person at another screen (RFC 8628). */
export function devices({ product, chromium }: World): void {
  interface Codes {
    readonly device_code: string
    readonly user_code: string
    readonly verification_uri: string
    readonly verification_uri_complete: string
  }

  async function post(path: string, form: Record<string, string>) {
    const response = await fetch(product.issuer + path, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'tv', ...form }),
    })
    return (await response.json()) as Record<string, string>
  }
  const startDevice = async () =>
    (await post('/oauth2/device_authorization', { scope: SCOPE })) as unknown as Codes
  const poll = ({ device_code }: Codes) => post('/oauth2/token', { grant_type: DEVICE_CODE, device_code })

  it('JavaScript off: the code typed by hand, signed in, allowed for what was ticked', async () => {
    await using context = await chromium.open({ javaScriptEnabled: false })
    const person = await product.person()
    const codes = await startDevice()
    expect(await poll(codes)).toMatchObject({ error: 'authorization_pending' })
    const page = await context.newPage()
    await page.goto(codes.verification_uri)
    await arriveAt(page, 'device')
    await page.fill('#user_code', 'bbbb bbbb')
    await page.click('#device-continue')
    await page.locator('#form-error').waitFor()
    await page.fill('#user_code', codes.user_code.toLowerCase().replace('-', ' '))
    await page.click('#device-continue')
    await signIn(page, person)
    await arriveAt(page, 'device-confirm')
    expect(await page.locator('.user-code code').textContent()).toBe(codes.user_code)
    await page.uncheck('[name=scope][value="notes:read"]')
    await page.click('#device-allow')
    await arriveAt(page, 'device-done')
    await page.locator('#device-connected').waitFor()

    const tokens = await poll(codes)
    expect(tokens.scope).toBe('openid profile offline_access')
    expect(claimsOf(tokens.id_token ?? '')).toMatchObject({ sub: person.sub, aud: 'tv' })
  })

  it('a link that somebody sent: filled in, warned about, denied', async () => {
    await using context = await chromium.open()
    const person = await product.person()
    const codes = await startDevice()
    const page = await context.newPage()
    await page.goto(codes.verification_uri_complete)
    await arriveAt(page, 'device')
    expect(await page.inputValue('#user_code')).toBe(codes.user_code)
    await page.click('#device-continue')
    await signIn(page, person)
    await arriveAt(page, 'device-confirm')
    expect(await page.locator('.notice.warning').textContent()).toContain('press Deny')
    await page.click('#device-deny')
    await page.locator('#device-denied').waitFor()
    expect(await poll(codes)).toMatchObject({ error: 'access_denied' })
  })

  it(
    'axe finds nothing on the way, in three views and from the right; nothing scrolls sideways',
    async () => {
      const found: string[] = []
      for (const locale of ['en', 'ar']) {
        await using context = await chromium.open({ locale })
        for await (const [station, page] of stations(context)) {
          for (const { name, colorScheme, width, rules } of VIEWS) {
            await page.emulateMedia({ colorScheme })
            await page.setViewportSize({ width, height: 800 })
            await keepPicture(page, `${station} ${locale} ${name}`)
            for (const finding of await look(page, rules)) {
              found.push(`${station}, ${locale}, ${name}: ${finding}`)
            }
          }
        }
      }
      expect(found).toEqual([])
    },
    2 * MINUTE,
  )

  async function* stations(context: BrowserContext): AsyncGenerator<readonly [string, Page]> {
    const person = await product.person()
    const codes = await startDevice()
    const page = await context.newPage()
    await page.goto(codes.verification_uri)
    yield ['device', page]
    await page.click('#device-continue')
    await page.goto(codes.verification_uri_complete)
    yield ['device with a link', page]
    await page.fill('#user_code', 'BBBB-BBBB')
    await page.click('#device-continue')
    await page.locator('#form-error').waitFor()
    yield ['device with an error', page]
    await page.goto(codes.verification_uri_complete)
    await page.click('#device-continue')
    await signIn(page, person)
    await arriveAt(page, 'device-confirm')
    yield ['device-confirm', page]
    await page.click('#device-allow')
    await arriveAt(page, 'device-done')
    yield ['device-done', page]
  }
}
