import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/**
 * What is wrong with this page as it is shown now: what axe finds, and what axe does not see. Empty: nothing.
 *
 * @param rules those of axe that can find something new here; all of them where none are named
 */
export async function look(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // Whatever fades in is not there yet for the eye, nor for a measurement of contrast.
  await page.evaluate(`Promise.all(document.getAnimations().map((animation) => animation.finish()))`)
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({
      resultTypes: ['violations'],
      elementRef: false,
      ...(rules ? { runOnly: [...rules] } : { rules: { 'target-size': { enabled: true } } }),
    })
    .analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  return [...found, ...(await page.evaluate<string[]>(PROBE))]
}

const PROBE = `(() => {
  const found = []
  const root = document.scrollingElement
  if (root.scrollWidth > innerWidth) found.push('scrolls sideways: ' + root.scrollWidth + ' px of ' + innerWidth)
  for (const element of document.querySelectorAll('a, button, input:not([type=hidden]), summary')) {
    if (!element.checkVisibility()) continue
    const target = element.type === 'checkbox' ? element.closest('.choice, .scope') : element
    const { width, height, left, right } = target.getBoundingClientRect()
    const name = element.id || element.textContent.trim().slice(0, 40)
    const inText = element.matches('a') && getComputedStyle(element).display === 'inline' && element.closest('main:not(.card) :is(p, li, td)')
    if (!inText && (height < 24 || width < 24)) found.push('small target: ' + name + ' ' + width + ' x ' + height)
    if (left < -0.5 || right > innerWidth + 0.5) found.push('cut off: ' + name)
  }
  return found
})()`
