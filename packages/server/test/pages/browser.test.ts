import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../../../scripts/chromium.mjs'
import { consentPage } from '../../src/pages/consent.tsx'
import { formPostPage } from '../../src/pages/form-post.tsx'
import { signInPage } from '../../src/pages/sign-in.tsx'
import {
  aContext,
  type PageServer,
  pageNames,
  pagesUnderTest,
  type Sample,
  samples,
  samplesOf,
  servePages,
} from './support.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const MINUTES = 60_000

let browser: Browser
let server: PageServer
const pages = pagesUnderTest()

beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('There is no Chromium: npm test installs it or says how.')
  server = await servePages()
  browser = await chromium.launch({ executablePath, args: FLAGS })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** Opens every sample in one tab and collects what `look` finds, so that a failure names them all. */
async function lookAtAll(
  options: BrowserContextOptions & { readonly query: Readonly<Record<string, string>> },
  look: (page: Page, sample: Sample) => Promise<readonly string[]>,
  chosen: readonly Sample[] = samples,
): Promise<readonly string[]> {
  const { query, ...contextOptions } = options
  const found: string[] = []
  const context = await browser.newContext(contextOptions)
  const page = await context.newPage()
  page.on('console', (message) => found.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => found.push(`error: ${error.message}`))
  for (const sample of chosen) {
    // form-post would be gone before anybody could look.
    const stays = sample.page !== 'form-post'
    await page.goto(server.url(sample, stays ? query : { ...query, inline: 'refused' }), {
      waitUntil: 'domcontentloaded',
    })
    for (const finding of await look(page, sample)) found.push(`${sample.page}/${sample.name}: ${finding}`)
  }
  await context.close()
  return found.filter((finding) => !finding.startsWith('console: Executing inline script violates'))
}

async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'], elementRef: false })
    .analyze()
  return violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)
}

/** The first two of each page: enough where only colour or direction are new. */
const some = pageNames().flatMap((page) => samplesOf(page).slice(0, 2))

describe('axe finds nothing', () => {
  it.each([
    ['light', 'en', samples],
    ['dark', 'en', some],
    ['light', 'ar', some],
    ['dark', 'ar', some],
  ] as const)(
    'in %s, %s',
    async (colorScheme, locale, chosen) => {
      const found = await lookAtAll({ colorScheme, query: { locale, branding: 'full' } }, violations, chosen)
      expect(found).toEqual([])
    },
    5 * MINUTES,
  )

  it.each(['ffffff', '000000', 'ffcc00', '7f7f7f'])(
    'with the accent %s',
    async (accent) => {
      const chosen = samples.filter(
        ({ page, name }) => /^(sign-in|consent)$/.test(page) && /^(wrong|changed)$/.test(name),
      )
      for (const colorScheme of ['light', 'dark'] as const) {
        expect(await lookAtAll({ colorScheme, query: { accent } }, violations, chosen)).toEqual([])
      }
    },
    5 * MINUTES,
  )
})

/** Runs in the browser: what axe does not see. */
const probe = `(() => {
  const found = []
  const root = document.scrollingElement
  if (root.scrollWidth > innerWidth) found.push('scrolls sideways: ' + root.scrollWidth)
  for (const element of document.querySelectorAll('a, button, input:not([type=hidden])')) {
    const target = element.type === 'checkbox' ? element.closest('.choice, .scope') : element
    const { width, height, left, right } = target.getBoundingClientRect()
    if (width === 0 && element.hidden) continue
    const name = element.id || element.textContent
    const least = element.matches('a:not(.button)') ? 24 : 44
    if (height < least || width < 24) found.push('small target ' + name + ': ' + width + ' x ' + height)
    if (left < 0 || right > innerWidth + 0.5) found.push('cut off: ' + name)
    if (element.matches('input') && parseFloat(getComputedStyle(element).fontSize) < 16 && element.type !== 'checkbox')
      found.push('small text ' + name)
  }
  for (const element of document.querySelectorAll('main *, header *, footer *')) {
    const clipped = element.scrollWidth > element.clientWidth + 1
    if (clipped && getComputedStyle(element).display !== 'inline' && !element.closest('.unseen, svg, .initial'))
      found.push('overflows: ' + element.className + ' ' + element.textContent.slice(0, 40))
  }
  return found
})()`

describe('nothing scrolls sideways, targets are large enough', () => {
  it.each([
    ['en', 320, some],
    ['de', 320, some],
    ['ar', 320, some],
    ['en-XA', 320, samples],
    ['en', 640, some],
    ['en', 1280, some],
    ['ar', 1280, samples],
  ] as const)(
    'in %s at %i px',
    async (locale, width, chosen) => {
      const options = { viewport: { width, height: 640 }, query: { locale, branding: 'full' } }
      const found = await lookAtAll(options, (page) => page.evaluate<readonly string[]>(probe), chosen)
      expect(found).toEqual([])
    },
    5 * MINUTES,
  )
})

describe('a form', () => {
  const action = '/echo'
  const signIn = { ...signInPage.samples.empty, action } as Parameters<typeof signInPage.render>[0]
  const consent = { ...consentPage.samples.ordinary, action } as Parameters<typeof consentPage.render>[0]
  const showSignIn = (change: Partial<typeof signIn> = {}): string =>
    server.show(pages.render('sign-in', { ...signIn, ...change }, aContext()))

  const open = async (url: string, javaScriptEnabled: boolean): Promise<Page> => {
    const page = await browser.newPage({ javaScriptEnabled })
    await page.goto(url)
    return page
  }
  const posted = async (page: Page): Promise<unknown> => {
    await page.waitForURL('**/echo')
    const pairs: unknown = JSON.parse(await page.innerText('body'))
    await page.close()
    return pairs
  }

  it.each([true, false])('signs in by keyboard alone, script: %s', async (script) => {
    const page = await open(showSignIn(), script)
    await page.waitForFunction(`document.activeElement.matches('#username')`)
    await page.keyboard.type('ada@example.com')
    await page.keyboard.press('Tab')
    await page.keyboard.type('correct horse')
    await page.keyboard.press('Enter')
    expect(await posted(page)).toEqual([
      ['csrf', 'csrf-value'],
      ['username', 'ada@example.com'],
      ['password', 'correct horse'],
    ])
  })

  it.each([true, false])('is left by Cancel without being filled, script: %s', async (script) => {
    const page = await open(showSignIn(), script)
    await page.click('#login-cancel')
    expect(await posted(page)).toEqual([
      ['csrf', 'csrf-value'],
      ['username', ''],
      ['password', ''],
      ['action', 'cancel'],
    ])
  })

  it('stays signed in when the row is clicked', async () => {
    const page = await open(showSignIn({ username: 'ada' }), false)
    await page.fill('#password', 'x')
    await page.click('label[for=remember]')
    await page.click('#login-submit')
    expect(await posted(page)).toContainEqual(['remember', 'on'])
  })

  it('starts at the error, and says it', async () => {
    const page = await open(showSignIn({ username: 'ada', problem: { kind: 'wrong_credentials' } }), false)
    expect(await page.title()).toBe('Error: Sign in · Acme')
    await page.waitForFunction('document.activeElement.getAttribute("role") === "alert"')
    await page.close()
  })

  it.each([
    [{}, '#username'],
    [{ username: 'ada' }, '#password'],
  ])('starts where there is something to type: %s', async (change, selector) => {
    const page = await open(showSignIn(change), false)
    await page.waitForFunction(`document.activeElement.matches('${selector}')`)
    await page.close()
  })

  it('shows the password on demand, and sends it hidden', async () => {
    const page = await open(showSignIn({ username: 'ada' }), true)
    await page.fill('#password', 'secret')
    await page.click('button.reveal')
    expect(await page.getAttribute('#password', 'type')).toBe('text')
    expect(await page.getAttribute('button.reveal', 'aria-label')).toBe('Hide password')
    await page.evaluate(`document.forms[0].addEventListener('submit', (event) => event.preventDefault())`)
    await page.click('#login-submit')
    expect(await page.getAttribute('#password', 'type')).toBe('password')
    await page.close()
  })

  it('has no button that does nothing where there is no script', async () => {
    const page = await open(showSignIn(), false)
    expect(await page.isVisible('button.reveal')).toBe(false)
    await page.close()
  })

  it('is sent once, however often the button is pressed', async () => {
    const page = await open(showSignIn({ username: 'ada' }), true)
    await page.fill('#password', 'x')
    let requests = 0
    await page.route('**/echo', async (route) => {
      requests++
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.continue()
    })
    await page.evaluate(`for (let i = 0; i < 3; i++) document.getElementById('login-submit').click()`)
    await posted(page)
    expect(requests).toBe(1)
  })

  it.each([true, false])('allows what is ticked, script: %s', async (script) => {
    const page = await open(server.show(pages.render('consent', consent, aContext())), script)
    await page.click('label[for=scope-1]')
    await page.click('#consent-allow')
    expect(await posted(page)).toEqual([
      ['csrf', 'csrf-value'],
      ['scope', 'email'],
      ['scope', 'notes:read'],
      ['scope', 'offline_access'],
      ['action', 'allow'],
    ])
  })

  it('denies', async () => {
    const page = await open(server.show(pages.render('consent', consent, aContext())), false)
    await page.click('#consent-deny')
    expect(await posted(page)).toContainEqual(['action', 'deny'])
  })

  const response = {
    ...formPostPage.samples.code,
    action,
    parameters: [
      ['state', `"><script>alert(1)</script>&amp; 'é'`],
      ['submit', 'shadows form.submit'],
    ],
  } as Parameters<typeof formPostPage.render>[0]

  it('hands the response over by itself, under the policy', async () => {
    const page = await open(server.show(pages.render('form-post', response, aContext())), true)
    expect(await posted(page)).toEqual(response.parameters)
  })

  it('hands the response over by a button where there is no script', async () => {
    const page = await open(server.show(pages.render('form-post', response, aContext())), false)
    await page.click('button')
    expect(await posted(page)).toEqual(response.parameters)
  })
})
