import { networkInterfaces } from 'node:os'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { authorization, redeem } from '../support/authorization.ts'
import { arriveAt, consent, signIn } from '../support/hosted-pages.ts'
import { startNativeApp } from '../support/native-app.ts'
import { SCHEME_CALLBACK, WEB_CALLBACK } from '../support/product.ts'
import type { World } from '../support/world.ts'

const hasIpv6 = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .some(({ address }) => address === '::1')

/** Chromium applies `form-action` to the redirects that follow a post too: the flow ends at the app, or nowhere. */
export function policy({ product, chromium }: World): void {
  const toApp = () => authorization(product.issuer, { clientId: 'elsewhere', redirectUri: WEB_CALLBACK })
  const toPhone = () => authorization(product.issuer, { clientId: 'phone', redirectUri: SCHEME_CALLBACK })

  it.each([
    ['an app at another origin', toApp],
    ['the private-use scheme of an app', toPhone],
  ])('lets the flow end at %s, by cancelling and by consent', async (_, make) => {
    await using context = await chromium.open({}, 'unwatched') // nothing answers there
    const person = await product.person()
    const endings: ReadonlyArray<readonly [string, (page: Page) => Promise<void>]> = [
      ['error', (page) => page.click('#login-cancel')],
      ['code', (page) => signIn(page, person).then(() => consent(page))],
    ]
    for (const [parameter, finish] of endings) {
      const { url, redirectUri } = make()
      const page = await context.newPage()
      await page.goto(url)
      await arriveAt(page, 'sign-in')
      const [arrived] = await Promise.all([
        page.waitForRequest((request) => request.url().startsWith(redirectUri)),
        finish(page),
      ])
      expect(new URL(arrived.url()).searchParams.has(parameter)).toBe(true)
    }
  })

  it('would stop it elsewhere: without the scheme in form-action the browser refuses', async () => {
    await using context = await chromium.open({}, 'unwatched')
    const page = await context.newPage()
    await page.goto(toPhone().url)
    await arriveAt(page, 'sign-in')
    await page.route(/\/sign-in/, async (route) => {
      if (route.request().method() !== 'GET') return route.continue()
      const response = await route.fetch()
      const policy = response.headers()['content-security-policy'] ?? ''
      expect(policy).toContain(`form-action 'self' com.example.notes:;`)
      const headers = {
        ...response.headers(),
        'content-security-policy': policy.replace(' com.example.notes:', ''),
      }
      await route.fulfill({ response, headers })
    })
    await page.reload()
    const refused = page.waitForEvent('console', (message) => message.text().includes('form-action'))
    await page.click('#login-cancel')
    await refused
  })

  it.skipIf(!hasIpv6)(
    'lets a native app listen on the IPv6 loopback, which form-action cannot name',
    async () => {
      await using context = await chromium.open()
      await using app = await startNativeApp('[::1]')
      const page = await context.newPage()
      const request = authorization(product.issuer, { clientId: 'pixy-cli', redirectUri: app.redirectUri })
      await page.goto(request.url)
      await signIn(page, await product.person())
      await consent(page)
      await page.locator('h1', { hasText: 'You can close this window' }).waitFor()
      expect(await redeem(product.issuer, request, await app.callback)).toMatchObject({ scope: 'openid' })
    },
  )

  it('shows no page in a frame of somebody else', async () => {
    await using context = await chromium.open({}, 'unwatched')
    const page = await context.newPage()
    const refused = page.waitForEvent('console', (message) => /frame/i.test(message.text()))
    await page.setContent(`<iframe src="${toApp().url.replaceAll('&', '&amp;')}"></iframe>`)
    expect((await refused).text()).toMatch(/X-Frame-Options|frame-ancestors/)
    expect(await page.frames()[1]?.locator('#login-form').count()).toBe(0)
  })
}
