import type { Page } from 'playwright-core'

/** As the browser's button. Its cache may show the page as it was, which Playwright's own `goBack` would wait for. */
export async function goBack(page: Page): Promise<void> {
  const left = page.waitForEvent('framenavigated')
  await page.evaluate('void setTimeout(() => history.back())') // after this call is over: it ends with the page
  await left
}
