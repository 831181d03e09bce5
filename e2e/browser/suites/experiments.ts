import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findExperiment, groups } from '../../../examples/demo-spa/src/app/experiments.ts'
import { lastRun, openDemo, signInToDemo } from '../support/demo.ts'
import { goBack } from '../support/history.ts'
import { readError } from '../support/hosted-pages.ts'
import type { World } from '../support/world.ts'

/** Who notices, and what the demo shows of it: the error, and the reason where it is more exact. */
const BY_PIXY = {
  'no-pkce': ['invalid_request', 'code_challenge_missing'],
  'plain-method': ['invalid_request', 'code_challenge_method_unsupported'],
  'hex-challenge': ['invalid_request', 'code_challenge_malformed'],
  'wrong-verifier': ['invalid_grant', 'code_verifier_mismatch'],
  'no-verifier': ['invalid_grant', 'code_verifier_missing'],
  'token-redirect-uri': ['invalid_grant', 'token_redirect_uri_mismatch'],
  'other-client': ['invalid_grant', 'code_client_mismatch'],
  'code-replay': ['invalid_grant', 'code_replayed'],
  'refresh-replay': ['invalid_grant', 'refresh_token_replayed'],
}
const BY_THE_APP = {
  'wrong-state': ['state_mismatch'],
  'wrong-issuer': ['iss_mismatch'],
  'wrong-nonce': ['id_token_invalid', 'nonce_mismatch'],
}
const BY_THE_API = {
  'tampered-token': ['invalid_token', 'signature_invalid'],
  'id-token-at-api': ['invalid_token', 'typ_mismatch'],
  'too-little-scope': ['insufficient_scope', 'scope_missing'],
}
/** Those whose end is another: each has a test of its own. */
const OTHERWISE = ['redirect-uri', 'late-code']

export function experiments({ product, chromium }: World): void {
  let context: BrowserContext
  beforeAll(async () => {
    context = await chromium.open()
    const page = await openDemo(context, product)
    await signInToDemo(page, await product.person())
    await page.close()
  })
  afterAll(() => context.close())

  /** A tab with what the experiment needs. The browser is signed in, so nobody has to type anything. */
  async function tabFor(id: string): Promise<Page> {
    const page = await openDemo(context, product)
    if (findExperiment(id)?.needs === 'nothing') return page
    await page.click('#sign-in')
    expect(await lastRun(page)).toMatchObject({ outcome: 'done' })
    return page
  }

  async function breakIt(page: Page, id: string) {
    const title = await page.locator(`#break-${id} .experiment-title`).textContent()
    await page.click(`#break-${id}`)
    await page.locator('#runs > .run:first-child h3', { hasText: title ?? '' }).waitFor()
    const run = await lastRun(page)
    expect(run).toMatchObject({ title, outcome: 'refused', text: 'Noticed and refused, as it should be.' })
    expect(run.problem?.text).toMatch(/\w{3}.*\.$/)
    expect(run.problem?.fix, 'says what to do').toMatch(/\w{3}.*\.$|pixy client list$/)
    return run
  }

  it('has a test here for each experiment', () => {
    const ids = [BY_PIXY, BY_THE_APP, BY_THE_API].flatMap((table) => Object.keys(table))
    const all = groups.flatMap((group) => group.experiments.map(({ id }) => id))
    expect([...ids, ...OTHERWISE].toSorted()).toEqual(all.toSorted())
  })

  describe('Pixy refuses, with a reason, a fix and a page about it', () => {
    it.concurrent.each(Object.entries(BY_PIXY))('%s', async (id, codes) => {
      const page = await tabFor(id)
      const { problem } = await breakIt(page, id)
      expect(problem?.codes).toEqual(codes)
      expect(problem?.link).toContain(`${product.issuer}/docs/errors/${codes[1]}`)
      if (id.endsWith('replay'))
        expect(await page.locator('#sign-in').isVisible(), 'all is taken back').toBe(true)
      await page.close()
    })
  })

  describe('the app notices by itself', () => {
    it.concurrent.each(Object.entries(BY_THE_APP))('%s', async (id, codes) => {
      const page = await tabFor(id)
      expect((await breakIt(page, id)).problem?.codes).toEqual(codes)
      expect(await page.locator('#sign-in').isVisible(), 'nobody is signed in').toBe(true)
      await page.close()
    })
  })

  describe('the API refuses', () => {
    it.concurrent.each(Object.entries(BY_THE_API))('%s', async (id, codes) => {
      const page = await tabFor(id)
      const { problem } = await breakIt(page, id)
      expect(problem?.codes).toEqual(codes)
      await page.close()
    })
  })

  it('Pixy keeps the browser where the redirect URI is not registered, and Back leads to the demo', async () => {
    const page = await openDemo(context, product)
    await page.click('#break-redirect-uri')
    expect(await readError(page)).toMatchObject({ code: 'invalid_request', reason: 'redirect_uri_mismatch' })
    expect(await page.locator('.value').allTextContents()).toEqual([
      `${product.spa}/callback/evil`,
      `${product.spa}/callback`,
    ])
    await goBack(page)
    expect(await lastRun(page)).toMatchObject({
      outcome: 'refused',
      text: 'Pixy kept the browser and redirected nowhere, as it should.',
    })
    await page.close()
  })

  it('Pixy refuses a code that comes too late', async () => {
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(`${product.spa}/`)
    await page.click('#break-late-code')
    await page.clock.runFor(1000)
    await page.locator('#announcer', { hasText: 'Waiting' }).waitFor()
    product.server.clock.advance(63)
    await page.clock.runFor(63_000)
    expect(await lastRun(page)).toMatchObject({
      outcome: 'refused',
      problem: { codes: ['invalid_grant', 'code_expired'] },
    })
    product.server.clock.advance(-63)
    await page.close()
  })
}
