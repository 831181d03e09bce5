import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { authorization } from '../support/authorization.ts'
import { lastRun, openDemo } from '../support/demo.ts'
import { arriveAt, signIn } from '../support/hosted-pages.ts'
import { look } from '../support/look.ts'
import { WEB_CALLBACK } from '../support/product.ts'
import { keepPicture } from '../support/screenshots.ts'
import type { World } from '../support/world.ts'

/** How people look at a page. The document is the same each time: after the first look only what can differ is of interest. */
const VIEWS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 }, rules: undefined },
  {
    name: 'dark',
    colorScheme: 'dark',
    viewport: { width: 1280, height: 800 },
    rules: ['color-contrast'],
  },
  {
    name: 'light at 320 px',
    colorScheme: 'light',
    viewport: { width: 320, height: 640 },
    rules: ['target-size', 'scrollable-region-focusable'],
  },
] as const
const MINUTE = 60_000

/** The pages as people meet them, one after the other; each alone, with every sample, is tested where the pages are. */
export function accessibility({ product, chromium }: World): void {
  it(
    'axe finds nothing in light and dark; at 320 px nothing scrolls sideways; targets are 24 px or more',
    async () => {
      await using context = await chromium.open()
      const found: string[] = []
      for await (const [station, page] of stations(context)) {
        for (const { name, colorScheme, viewport, rules } of VIEWS) {
          await page.emulateMedia({ colorScheme })
          await page.setViewportSize(viewport)
          await keepPicture(page, `${station} ${name}`)
          for (const finding of await look(page, rules)) found.push(`${station}, ${name}: ${finding}`)
        }
      }
      expect(found).toEqual([])
    },
    2 * MINUTE,
  )

  async function* stations(context: BrowserContext): AsyncGenerator<readonly [string, Page]> {
    const person = await product.person()
    const page = await openDemo(context, product)
    yield ['demo signed out', page]
    await page.click('#sign-in')
    await arriveAt(page, 'sign-in')
    yield ['sign-in', page]
    await page.click('a[href*="/sign-up"]')
    await arriveAt(page, 'sign-up')
    yield ['sign-up', page]
    await page.click('main .aside a')
    await signIn(page, person, { password: 'not the password' })
    await page.locator('#form-error').waitFor()
    yield ['sign-in with an error', page]
    await signIn(page, person)
    await arriveAt(page, 'consent')
    yield ['consent', page]
    await page.click('#consent-allow')
    await lastRun(page)
    yield ['demo signed in', page]
    await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`)
    yield ['demo with every step open', page]
    await page.click('#break-tampered-token')
    await page.locator('.run[data-outcome=refused]').waitFor()
    yield ['demo after an experiment', page]
    yield* others(context)
  }

  async function* others(context: BrowserContext): AsyncGenerator<readonly [string, Page]> {
    const page = await context.newPage()
    const elsewhere = { clientId: 'elsewhere', redirectUri: WEB_CALLBACK }
    await page.goto(
      authorization(product.issuer, { ...elsewhere, parameters: { prompt: 'select_account' } }).url,
    )
    await arriveAt(page, 'select-account')
    yield ['select-account', page]
    await page.goto(authorization(product.issuer, { ...elsewhere, redirectUri: `${WEB_CALLBACK}/evil` }).url)
    await arriveAt(page, 'error')
    yield ['error', page]
    const opened = context.waitForEvent('page')
    await page.click('a[href*="/docs/errors/"]')
    const documentation = await opened
    await documentation.locator('h1', { hasText: 'redirect_uri_mismatch' }).waitFor()
    yield ['docs of an error', documentation]
    await page.goto(`${product.issuer}/oauth2/logout`)
    await arriveAt(page, 'sign-out')
    yield ['sign-out', page]
    await page.click('#logout-confirm')
    await arriveAt(page, 'signed-out')
    yield ['signed-out', page]
    for (const path of ['', '/explanation/pkce', '/reference/configuration']) {
      await page.goto(`${product.issuer}/docs${path}`)
      yield [`docs${path.replaceAll('/', ' ')}`, page]
    }
  }
}
