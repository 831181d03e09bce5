import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { authorization, claimsOf, redeem } from '../support/authorization.ts'
import { lastRun, openDemo, signInToDemo } from '../support/demo.ts'
import { arriveAt, consent, signIn } from '../support/hosted-pages.ts'
import { startNativeApp } from '../support/native-app.ts'
import type { World } from '../support/world.ts'

export function accounts({ product, chromium }: World): void {
  it('a wrong password: the error is focused, said in the title, and the name is kept', async () => {
    await using context = await chromium.open()
    const person = await product.person()
    const page = await openDemo(context, product)
    await page.click('#sign-in')
    await signIn(page, person, { password: 'not the password' })
    await page.locator('#form-error').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('form-error')
    expect(await page.getAttribute('#form-error', 'role')).toBe('alert')
    expect(await page.title()).toMatch(/^Error: /)
    expect(await page.inputValue('#username')).toBe(person.username)
    expect(await page.inputValue('#password')).toBe('')
    expect(await page.getAttribute('#password', 'aria-describedby')).toContain('form-error')
    await signIn(page, person)
    await arriveAt(page, 'consent')
  })

  it('sign-up: an account is made, and its person is signed in', async () => {
    await using context = await chromium.open()
    const page = await openDemo(context, product)
    await page.click('#sign-in')
    await arriveAt(page, 'sign-in')
    await page.click('a[href*="/sign-up"]')
    await arriveAt(page, 'sign-up')
    const fill = async (password: string) => {
      await page.fill('#username', 'new.person@example.com')
      await page.fill('#name', 'New Person')
      await page.fill('#password', password)
      await page.fill('#password_confirm', password)
      await page.click('#signup-submit')
    }
    await fill('password1234567')
    await page.locator('#password-error').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('form-error')
    await fill('seven otters paint the moon')
    await consent(page)
    expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    expect(await page.locator('.user-name').textContent()).toBe('New Person')
  })

  describe('a browser that was closed', () => {
    it('still knows who asked to stay signed in', async () => {
      await using context = await chromium.open()
      await firstSignIn(context, true)
      await using reopened = await reopen(context)
      const page = await openDemo(reopened, product)
      await page.click('#sign-in')
      expect(await lastRun(page)).toMatchObject({ title: 'Sign in', outcome: 'done' })
    })

    it('has forgotten everybody else', async () => {
      await using context = await chromium.open()
      await firstSignIn(context, false)
      await using reopened = await reopen(context)
      const page = await openDemo(reopened, product)
      await page.click('#sign-in')
      await arriveAt(page, 'sign-in')
      expect(await page.inputValue('#username'), 'nor does it say who was here').toBe('')
    })

    async function firstSignIn(context: BrowserContext, remember: boolean): Promise<void> {
      const page = await openDemo(context, product)
      await page.click('#sign-in')
      await signIn(page, await product.person(), { remember })
      await consent(page)
      expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    }

    /** What a browser has after it was closed and opened: session cookies are gone. */
    async function reopen(context: BrowserContext): Promise<BrowserContext> {
      const reopened = await chromium.open()
      await reopened.addCookies((await context.cookies()).filter(({ expires }) => expires !== -1))
      return reopened
    }
  })

  it('two people in one browser: prompt=select_account lets one be chosen, or another come', async () => {
    await using context = await chromium.open()
    const [ada, grace] = [await product.person('Ada Lovelace'), await product.person('Grace Hopper')]
    await signInToDemo(await openDemo(context, product), ada)

    await using app = await startNativeApp()
    const page = await context.newPage()
    const request = authorization(product.issuer, {
      clientId: 'pixy-cli',
      redirectUri: app.redirectUri,
      scope: 'openid email',
      parameters: { prompt: 'select_account' },
    })
    await page.goto(request.url)
    await arriveAt(page, 'select-account')
    expect(await accountsOn(page)).toEqual([ada.username])
    await page.click('button[name=account][value=""]')
    await signIn(page, grace)
    await arriveAt(page, 'consent')
    expect(await page.locator('.account-line').textContent()).toContain(grace.name)

    // Changed their mind: the consent page leads back to the choice.
    await page.click('.account-line a')
    await arriveAt(page, 'select-account')
    expect((await accountsOn(page)).toSorted()).toEqual([ada.username, grace.username])
    await page.locator('button.account', { hasText: ada.username }).click()
    await arriveAt(page, 'consent')
    expect(await page.locator('.account-line').textContent()).toContain(ada.name)
    await page.click('#consent-allow')
    const tokens = await redeem(product.issuer, request, await app.callback)
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: ada.sub })
  })

  it('sign-out that nobody vouches for asks first, and takes no for an answer', async () => {
    await using context = await chromium.open()
    const demo = await openDemo(context, product)
    await signInToDemo(demo, await product.person())
    const page = await context.newPage()
    await page.goto(`${product.issuer}/oauth2/logout`)
    await arriveAt(page, 'sign-out')
    await page.click('#logout-cancel')
    await arriveAt(page, 'signed-out')
    await page.goto(`${product.issuer}/oauth2/logout`)
    await page.click('#logout-confirm')
    await page.locator('#signed-out').waitFor()
    await page.goto(`${product.issuer}/oauth2/logout`)
    await page.locator('#signed-out').waitFor()
  })
}

function accountsOn(page: Page): Promise<string[]> {
  return page.locator('.account-username').allTextContents()
}
