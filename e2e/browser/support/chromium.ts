import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { findChromium } from '../../../scripts/chromium.mjs'

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
const PATIENCE = 15_000

/** One Chromium for all tests; each opens windows of its own in it. */
export interface Chromium {
  /** A window without history and cookies. What its pages complain about is kept, unless the test expects complaints. */
  open(options?: BrowserContextOptions, watch?: 'watched' | 'unwatched'): Promise<BrowserContext>
  /** Errors of scripts, and all that Chromium wrote to the console: above all what a policy refused. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export async function startChromium(): Promise<Chromium> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('There is no Chromium: npm test installs it or says how.')
  const browser = await chromium.launch({
    executablePath,
    args: FLAGS,
    // People's Back button shows pages from this cache; Playwright would switch it off.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const complaints: string[] = []
  return {
    complaints,
    open: (options, watch = 'watched') => open(browser, complaints, options, watch),
    close: () => browser.close(),
  }
}

async function open(
  browser: Browser,
  complaints: string[],
  options: BrowserContextOptions | undefined,
  watch: 'watched' | 'unwatched',
): Promise<BrowserContext> {
  // With it the demo waits for no drawing, and no test for the demo.
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE)
  if (watch === 'unwatched') return context
  context.on('console', (message) => {
    if (!isStatus(message.text())) complaints.push(`${message.page()?.url()}: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`${error.page()?.url()}: ${error.error().message}`))
  return context
}

/** Chromium's note that an answer was 4xx: refusals are what many tests are about. */
function isStatus(text: string): boolean {
  return text.startsWith('Failed to load resource: the server responded with a status of 4')
}
