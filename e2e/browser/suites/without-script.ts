import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { authorization, claimsOf, redeem } from '../support/authorization.ts'
import { lastRun, openDemo } from '../support/demo.ts'
import { arriveAt, consent, signIn } from '../support/hosted-pages.ts'
import { startNativeApp } from '../support/native-app.ts'
import type { World } from '../support/world.ts'

export function withoutScript({ product, chromium }: World): void {
  it('JavaScript off: a native app gets its code, for what was ticked', async () => {
    await using context = await chromium.open({ javaScriptEnabled: false })
    await using app = await startNativeApp()
    const person = await product.person()
    const page = await context.newPage()
    const request = authorization(product.issuer, {
      clientId: 'pixy-cli',
      redirectUri: app.redirectUri,
      scope: 'openid email offline_access notes:read notes:write',
    })
    await page.goto(request.url)
    await signIn(page, person, { password: 'not the password' })
    await page.locator('#form-error').waitFor()
    expect(await page.locator('button[data-reveal]').isVisible(), 'nothing that needs script is shown').toBe(
      false,
    )
    await page.click('footer a[hreflang=de]')
    await page.locator('html[lang=de]').waitFor()
    await signIn(page, person, { remember: true })
    await consent(page, { untick: ['notes:write', 'offline_access'] })
    await page.locator('h1', { hasText: 'You can close this window' }).waitFor()

    const tokens = await redeem(product.issuer, request, await app.callback)
    expect(tokens.scope).toBe('openid email notes:read')
    expect(tokens).not.toHaveProperty('refresh_token')
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: person.sub })
  })

  it('JavaScript off: sign-up, deny, and sign-out work too', async () => {
    await using context = await chromium.open({ javaScriptEnabled: false })
    await using app = await startNativeApp()
    const page = await context.newPage()
    const { url } = authorization(product.issuer, {
      clientId: 'pixy-cli',
      redirectUri: app.redirectUri,
      parameters: { prompt: 'create' },
    })
    await page.goto(url)
    await arriveAt(page, 'sign-up')
    await page.fill('#username', 'without.script@example.com')
    await page.fill('#password', 'nine herons read the paper')
    await page.fill('#password_confirm', 'nine herons read the paper')
    await page.click('#signup-submit')
    await arriveAt(page, 'consent')
    await page.click('#consent-deny')
    expect((await app.callback).searchParams.get('error')).toBe('access_denied')

    await page.goto(`${product.issuer}/sign-out`)
    await page.click('#logout-confirm')
    await page.locator('#signed-out').waitFor()
  })

  it('keyboard alone: sign-in, a box unticked, allow; each focus can be seen', async () => {
    await using context = await chromium.open()
    const person = await product.person()
    const page = await openDemo(context, product)
    await tabTo(page, '#sign-in')
    await page.keyboard.press('Enter')
    await arriveAt(page, 'sign-in')
    expect(await page.evaluate('document.activeElement.id'), 'the first field waits').toBe('username')
    await page.keyboard.type(person.username)
    await tabTo(page, '#password')
    await page.keyboard.type(person.password)
    await tabTo(page, '#remember')
    await page.keyboard.press('Space')
    await tabTo(page, '#login-submit')
    await page.keyboard.press('Enter')
    await arriveAt(page, 'consent')
    await tabTo(page, '[name=scope][value="notes:write"]')
    await page.keyboard.press('Space')
    await tabTo(page, '#consent-allow')
    await page.keyboard.press('Enter')
    expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    expect(await page.locator('.scopes .refused s').allTextContents()).toContain('notes:write')
    await tabTo(page, '#refresh')
    await page.keyboard.press('Enter')
    await page.locator('.run h3', { hasText: 'Refresh' }).waitFor()
    await tabTo(page, '.run[data-outcome=done] .step summary')
    await page.keyboard.press('Enter')
    await page.locator('.step details[open]').waitFor()
  })
}

const MOST_STEPS = 40

/** Presses Tab until this is focused. Whatever is focused on the way must show it. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    await page.keyboard.press('Tab')
    const { there, name, ring } = await page.evaluate<Focus>(`(${FOCUS})(${JSON.stringify(selector)})`)
    if (name !== '' && !ring) expect.fail(`the focus on ${name} cannot be seen`)
    if (there) return
  }
  expect.fail(`Tab does not reach ${selector}`)
}

interface Focus {
  readonly there: boolean
  readonly name: string
  readonly ring: boolean
}

const FOCUS = `(selector) => {
  const focused = document.activeElement
  if (focused === document.body) return { there: false, name: '', ring: false }
  const visible = [focused, ...focused.labels ?? [], focused.closest('.scope, .choice, .control')].filter(Boolean)
  const ring = visible.some((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
  })
  return { there: focused.matches(selector), name: focused.id || focused.textContent, ring }
}`
