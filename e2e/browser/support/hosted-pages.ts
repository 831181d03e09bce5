import type { Page } from 'playwright-core'
import type { Person } from './product.ts'

/** Resolves when this hosted page is shown. */
export async function arriveAt(page: Page, name: string): Promise<void> {
  await page.locator(`body[data-page="${name}"]`).waitFor()
}

export interface SignIn {
  readonly password?: string
  readonly remember?: boolean
}

export async function signIn(page: Page, person: Person, { password, remember }: SignIn = {}): Promise<void> {
  await arriveAt(page, 'sign-in')
  await page.fill('#username', person.username)
  await page.fill('#password', password ?? person.password)
  if (remember) await page.check('#remember')
  await page.click('#login-submit')
}

export interface Consent {
  readonly tick?: readonly string[]
  readonly untick?: readonly string[]
}

export async function consent(page: Page, { tick = [], untick = [] }: Consent = {}): Promise<void> {
  await arriveAt(page, 'consent')
  for (const scope of tick) await page.check(`[name=scope][value="${scope}"]`)
  for (const scope of untick) await page.uncheck(`[name=scope][value="${scope}"]`)
  await page.click('#consent-allow')
}

/** What the error page says. */
export async function readError(page: Page) {
  await arriveAt(page, 'error')
  return {
    code: await page.locator('#error-code').textContent(),
    reason: (await page.locator('a[href*="/docs/errors/"]').getAttribute('href'))?.split('/').at(-1),
    heading: await page.locator('h1').textContent(),
    title: await page.title(),
  }
}
