import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { lastRun, openDemo, signInToDemo } from '../support/demo.ts'
import { goBack } from '../support/history.ts'
import { arriveAt, consent, readError, signIn } from '../support/hosted-pages.ts'
import type { Product } from '../support/product.ts'
import type { World } from '../support/world.ts'

export function tabsAndHistory({ product, chromium }: World): void {
  describe('two tabs', () => {
    it('sign in one beside the other, and both finish', async () => {
      await using context = await chromium.open()
      const person = await product.person()
      const first = await openDemo(context, product)
      const second = await openDemo(context, product)
      await first.click('#sign-in')
      await arriveAt(first, 'sign-in')
      await second.click('#sign-in')
      await signIn(second, person)
      await arriveAt(second, 'consent')
      await signIn(first, person)
      for (const page of [second, first]) {
        await consent(page)
        expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
      }
    })

    it('each count their own answer, also where the other was faster', async () => {
      await using context = await chromium.open()
      const person = await product.person()
      const tabs = [
        await openDemo(context, product),
        await openDemo(context, product),
        await openDemo(context, product),
      ]
      const [all, less, none] = tabs as [Page, Page, Page]
      await all.click('#sign-in')
      await signIn(all, person)
      for (const page of [less, none]) await page.click('#sign-in')
      for (const page of tabs) await arriveAt(page, 'consent')
      await consent(all)
      expect(await lastRun(all)).toMatchObject({ outcome: 'done' })
      expect(await grantedScopes(all)).toContain('notes:write')
      await consent(less, { untick: ['notes:write'] })
      expect(await lastRun(less)).toMatchObject({ outcome: 'done' })
      expect(await grantedScopes(less)).not.toContain('notes:write')
      await none.click('#consent-deny')
      expect(await lastRun(none)).toMatchObject({ problem: { codes: ['access_denied', 'user_denied'] } })
    })

    it('that leave for Pixy in the same moment, in a browser that was never there, both finish', async () => {
      await using context = await chromium.open()
      const person = await product.person()
      const tabs = await Promise.all([openDemo(context, product), openDemo(context, product)])
      await Promise.all(tabs.map((page) => page.click('#sign-in')))
      await Promise.all(tabs.map((page) => arriveAt(page, 'sign-in')))
      for (const page of tabs) {
        await signIn(page, person)
        await arriveAt(page, 'consent')
      }
      await Promise.all(tabs.map((page) => consent(page)))
      for (const page of tabs) expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    })

    it('may hold two people; each tab keeps its own', async () => {
      await using context = await chromium.open()
      const [ada, grace] = [await product.person('Ada Lovelace'), await product.person('Grace Hopper')]
      const first = await openDemo(context, product)
      const second = await openDemo(context, product)
      for (const page of [first, second]) await page.click('#sign-in')
      await signIn(first, ada)
      await arriveAt(first, 'consent')
      await signIn(second, grace)
      await consent(second)
      await consent(first)
      for (const [page, name] of [
        [first, ada.name],
        [second, grace.name],
      ] as const) {
        expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
        expect(await page.locator('.user-name').textContent()).toBe(name)
      }
    })
  })

  it('six copies of a tab refresh at once, again and again, and nobody is signed out', async () => {
    await using context = await chromium.open()
    const page = await openDemo(context, product)
    await signInToDemo(page, await product.person())
    const refreshes: string[] = []
    context.on('response', (response) => {
      if (response.url().endsWith('/oauth2/token')) refreshes.push(String(response.status()))
    })
    const tabs = [page, ...(await Promise.all(Array.from({ length: 5 }, () => duplicate(context, page))))]
    for (let round = 0; round < 5; round++) {
      await Promise.all(tabs.map((tab) => tab.click('#refresh')))
      for (const tab of tabs) expect(await lastRun(tab)).toMatchObject({ title: 'Refresh', outcome: 'done' })
    }
    expect(new Set(refreshes)).toEqual(new Set(['200']))
    for (const tab of tabs) {
      await tab.click('#read-notes')
      expect(await lastRun(tab)).toMatchObject({ title: 'Read notes', outcome: 'done' })
    }
  })

  describe('Back', () => {
    it('from the sign-in page leads to the demo, which lets people begin again', async () => {
      await using context = await chromium.open()
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await arriveAt(page, 'sign-in')
      await goBack(page)
      expect(await lastRun(page)).toMatchObject({ text: 'You came back without finishing at Pixy.' })
      expect(await signInToDemo(page, await product.person())).toMatchObject({ outcome: 'done' })
    })

    it('from the consent page does not ask for the password again, and Forward is where it was', async () => {
      await using context = await chromium.open()
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await signIn(page, await product.person())
      await arriveAt(page, 'consent')
      await goBack(page)
      await consent(page)
      expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    })

    it('after consent makes no second code, and leads to a page that leads on', async () => {
      await using context = await chromium.open()
      const page = await openDemo(context, product)
      const codes = watchCodes(page, product)
      await signInToDemo(page, await product.person())
      await goBack(page)
      const error = await readError(page)
      expect(error).toMatchObject({ code: 'invalid_request', reason: 'interaction_finished' })
      expect(error.heading).toBe('This cannot be continued')
      expect(codes).toHaveLength(1)
      await page.click('main .button.primary')
      await page.locator('#sign-out').waitFor()
      expect(page.url()).toBe(`${product.spa}/`)
      expect(codes).toHaveLength(1)
    })

    it('after a sign-in without pages, and after signing out, stays in the demo', async () => {
      await using context = await chromium.open()
      const first = await openDemo(context, product)
      await signInToDemo(first, await product.person())
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await page.locator('#sign-out').waitFor()
      await goBack(page)
      await page.locator('#sign-out').waitFor()
      await page.click('#sign-out')
      await page.locator('.run .outcome', { hasText: 'Signed out here and at Pixy.' }).waitFor()
      await goBack(page)
      await page.locator('#sign-in').waitFor()
    })
  })

  describe('reload', () => {
    it('of the sign-in page, of the same with an error, and of the consent page keeps the flow', async () => {
      await using context = await chromium.open()
      const person = await product.person()
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await arriveAt(page, 'sign-in')
      const flow = await reference(page)
      await page.reload()
      await signIn(page, person, { password: 'not the password' })
      await page.locator('#form-error').waitFor()
      await page.reload()
      await arriveAt(page, 'sign-in')
      await signIn(page, person)
      await arriveAt(page, 'consent')
      await page.reload()
      expect(await reference(page)).toBe(flow)
      await consent(page)
      expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    })
  })

  describe('languages', () => {
    it('are chosen on the page, remembered on the next, and keep the flow; Arabic runs from the right', async () => {
      await using context = await chromium.open()
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await arriveAt(page, 'sign-in')
      const flow = await reference(page)
      await page.click('footer a[hreflang=de]')
      await page.locator('html[lang=de][dir=ltr] h1', { hasText: 'Anmelden' }).waitFor()
      await page.click('footer a[hreflang=ar]')
      await page.locator('html[lang=ar][dir=rtl]').waitFor()
      expect(await reference(page)).toBe(flow)
      const person = await product.person()
      await signIn(page, person, { password: 'not the password' })
      await page.locator('html[lang=ar] #form-error').waitFor()
      await page.click('footer a[hreflang=de]')
      await page.locator('html[lang=de] body[data-page=sign-in]').waitFor()
      await page.click('footer a[hreflang=ar]')
      await page.locator('html[lang=ar]').waitFor()
      await signIn(page, person)
      await page.locator('html[lang=ar][dir=rtl] body[data-page=consent]').waitFor()
      await page.click('footer a[hreflang=de]')
      await page.locator('html[lang=de] body[data-page=consent]').waitFor()
      await consent(page)
      expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    })
  })
}

/** A script's window starts with a copy of the tab's sessionStorage, as one that people duplicate does. */
async function duplicate(context: BrowserContext, page: Page): Promise<Page> {
  const opened = context.waitForEvent('page')
  await page.evaluate(`void open('/')`)
  const copy = await opened
  await copy.locator('#sign-out').waitFor()
  return copy
}

function grantedScopes(page: Page): Promise<string[]> {
  return page.locator('.scopes li:not(.refused)').allTextContents()
}

function reference(page: Page): Promise<string | null> {
  return page.locator('footer .reference code').textContent()
}

/** Codes that come to the demo in this tab. */
function watchCodes(page: Page, { spa }: Product): readonly string[] {
  const codes: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    const code = url.searchParams.get('code')
    if (url.origin === spa && code !== null) codes.push(code)
  })
  return codes
}
