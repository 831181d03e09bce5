import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Where pictures of the pages are kept for people to look at; without it none are taken. */
const folder = process.env.PIXY_TEST_SCREENSHOTS

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!folder) return
  await mkdir(folder, { recursive: true })
  // The demo's diagram stays in view while the rest scrolls: in a picture of the whole page it would be cut.
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: !name.startsWith('demo') })
}
