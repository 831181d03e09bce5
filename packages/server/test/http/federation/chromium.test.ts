import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { chromium } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../../../../scripts/chromium.mjs'
import { CALLBACK } from '../../support/authorization.ts'
import { forEachStore, TestAs } from '../../support/test-as.ts'
import { brokerConfig, PERSON_AT_IDP, withProviderWorkspace } from './support.ts'

const closing: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

forEachStore((start) => {
  describe('a real browser', () => {
    it('S3-12 goes to the provider, through its forms, and back to the client', {
      timeout: 60_000,
    }, async () => {
      const port = await freePort()
      const ours = `http://localhost:${port}`
      const config = withProviderWorkspace(brokerConfig({ corp: `${ours}/idp` }), ours)
      const { server } = await start({ config, port })
      const as = new TestAs(server, ours)
      const executablePath = findChromium()
      if (executablePath === undefined)
        throw new Error('There is no Chromium: npm test installs it or says how.')
      const browser = await chromium.launch({
        executablePath,
        args: ['--headless', '--no-sandbox', '--disable-gpu'],
      })
      closing.push(() => browser.close())
      const page = await browser.newPage()
      await page.goto(as.authorizationUrl({ client: 'corp-only' }).url)
      await page.fill('#username', PERSON_AT_IDP.username)
      await page.fill('#password', PERSON_AT_IDP.password)
      await page.click('#login-submit')
      // The form of the provider's last page may lead to us, and by its policy to nobody else.
      const [back] = await Promise.all([
        page.waitForRequest((request) => request.url().startsWith(CALLBACK), { timeout: 15_000 }),
        page.click('#consent-allow'),
      ])
      expect(new URL(back.url()).searchParams.has('code')).toBe(true)
    })
  })
})
