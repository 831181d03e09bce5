import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { authorization, claimsOf } from '../support/authorization.ts'
import { lastRun, openDemo, type Run, signInToDemo } from '../support/demo.ts'
import { arriveAt, signIn } from '../support/hosted-pages.ts'
import type { World } from '../support/world.ts'

export function demo({ product, chromium }: World): void {
  it('signs in, and draws verifier, challenge, code and tokens as they were sent', async () => {
    await using context = await chromium.open({ reducedMotion: 'no-preference' })
    const person = await product.person('Ada Lovelace')
    const page = await openDemo(context, product)
    const sent = watchRequests(page, product.issuer)
    const run = await signInToDemo(page, person)

    expect(run).toMatchObject({ title: 'Sign in', outcome: 'done', problem: undefined })
    expect(run.steps.map(({ title }) => title)).toEqual([
      'Ask Pixy what it can do',
      'Make a secret: the code verifier',
      'Hash it: the code challenge',
      'Send the browser to Pixy',
      'Pixy sends the browser back with a code',
      'Check state',
      'Ask Pixy what it can do',
      'Check iss',
      'Redeem the code',
      'Pixy hands out tokens',
      "Fetch Pixy's public keys",
      'Verify the ID token',
      'Signed in',
      'Ask Pixy about the user',
      'It answers',
    ])
    const verifier = valueIn(run, 'Make a secret: the code verifier')
    const challenge = valueIn(run, 'Hash it: the code challenge')
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'))
    expect(sent.authorization?.get('code_challenge')).toBe(challenge)
    expect(sent.authorization?.has('code_verifier')).toBe(false)
    expect(sent.token?.get('code_verifier')).toBe(verifier)
    expect(sent.token?.get('code')).toBe(valueIn(run, 'Pixy sends the browser back with a code'))

    expect(await page.locator('.user-name').textContent()).toBe(person.name)
    expect(new URL(page.url()).search, 'no code stays in the address bar').toBe('')
    const { accessToken, idToken, refreshToken } = await known(page)
    expect(claimsOf(accessToken)).toMatchObject({ aud: product.api, client_id: 'demo-spa' })
    expect(claimsOf(idToken)).toMatchObject({ aud: 'demo-spa', sub: person.sub })
    expect(refreshToken).toBeTypeOf('string')
    const tokens = page.locator('.step', { hasText: 'Pixy hands out tokens' })
    await tokens.locator('summary').click()
    expect(await tokens.locator('.jwt').allTextContents()).toEqual([accessToken, idToken])
    expect(await tokens.locator('.decoded').first().textContent()).toContain(`"aud": "${product.api}"`)
  })

  it('gets a token for what was ticked alone; the API refuses the rest and says why', async () => {
    await using context = await chromium.open()
    const person = await product.person()
    const page = await openDemo(context, product)
    await signInToDemo(page, person, { untick: ['notes:write'] })

    const { accessToken } = await known(page)
    expect(claimsOf(accessToken).scope).toBe('openid profile email offline_access notes:read')
    expect(await page.locator('.scopes .refused s').allTextContents()).toEqual([
      'notes:write',
      'notes:delete',
    ])
    await page.fill('#note', 'Buy milk')
    await page.click('#add-note')
    const refused = await lastRun(page)
    expect(refused).toMatchObject({ title: 'Add a note', outcome: 'failed' })
    expect(refused.steps.map(({ value }) => value).at(-1)).toMatch(/^403 /)
    expect(refused.problem).toMatchObject({
      codes: ['insufficient_scope', 'scope_missing'],
      expected: 'notes:write',
      fix: expect.stringContaining('the user left it unticked at consent'),
    })
    await page.click('#read-notes')
    expect(await lastRun(page)).toMatchObject({ outcome: 'done' })

    // The answer is remembered, with what it left out: nobody is asked again.
    const again = await openDemo(context, product)
    await again.click('#sign-in')
    expect(await lastRun(again)).toMatchObject({ outcome: 'done' })
    expect(claimsOf((await known(again)).accessToken).scope).not.toContain('notes:write')
  })

  it('adds, reads and deletes notes where all of that was ticked', async () => {
    await using context = await chromium.open()
    const page = await openDemo(context, product)
    await signInToDemo(page, await product.person(), { tick: ['notes:delete'] })
    await page.fill('#note', 'Buy milk')
    await page.click('#add-note')
    expect(await lastRun(page)).toMatchObject({ title: 'Add a note', outcome: 'done' })
    await page.locator('.notes li').waitFor()
    expect(await page.locator('.notes li').allTextContents()).toEqual(['Buy milk'])
    await page.click('#delete-notes')
    expect(await lastRun(page)).toMatchObject({ title: 'Delete notes', outcome: 'done' })
    expect(await page.locator('.notes li').count()).toBe(0)
  })

  it('refreshes now, asks for userinfo, and is still signed in after a reload', async () => {
    await using context = await chromium.open()
    const person = await product.person('Grace Hopper')
    const page = await openDemo(context, product)
    await signInToDemo(page, person)
    const before = await known(page)
    await page.click('#refresh')
    expect(await lastRun(page)).toMatchObject({ title: 'Refresh', outcome: 'done' })
    const after = await known(page)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(after.refreshToken).not.toBe(before.refreshToken)

    await page.click('#userinfo')
    expect(await lastRun(page)).toMatchObject({
      title: 'Userinfo',
      outcome: 'done',
      text: 'Pixy answered 200.',
    })
    const answer = page.locator('.run').first().locator('.step', { hasText: 'It answers' })
    await answer.locator('summary').click()
    expect(JSON.parse((await answer.locator('pre').textContent()) ?? '')).toMatchObject({
      name: person.name,
      email: person.username,
    })

    await page.reload()
    await page.locator('#sign-out').waitFor()
    expect(await page.locator('.user-name').textContent()).toBe(person.name)
  })

  it('signs out without being asked, here and at Pixy: prompt=none finds nobody, the tokens are worthless', async () => {
    await using context = await chromium.open()
    const page = await openDemo(context, product)
    await signInToDemo(page, await product.person())
    const { refreshToken = '' } = await known(page)
    const visited: string[] = []
    page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname))
    await page.click('#sign-out')
    await page.locator('#sign-in').waitFor()
    expect(await lastRun(page)).toMatchObject({ title: 'Sign out', outcome: 'done' })
    expect(visited).toEqual(['/'])

    const { url } = authorization(product.issuer, {
      clientId: 'demo-spa',
      redirectUri: `${product.spa}/callback`,
      parameters: { prompt: 'none' },
    })
    const silent = await context.request.get(url, { maxRedirects: 0 })
    expect(new URL(silent.headers().location ?? '').searchParams.get('error')).toBe('login_required')
    const form = { grant_type: 'refresh_token', client_id: 'demo-spa', refresh_token: refreshToken }
    const refused = await context.request.post(`${product.issuer}/oauth2/token`, { form })
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant', reason: 'refresh_token_revoked' })
  })

  it('hears that the person cancelled, or denied', async () => {
    await using context = await chromium.open()
    const page = await openDemo(context, product)
    const refusal = {
      title: 'Sign in',
      outcome: 'failed',
      problem: {
        codes: ['access_denied', 'user_denied'],
        link: expect.stringContaining('/docs/errors/user_denied'),
      },
    }
    await page.click('#sign-in')
    await page.click('#login-cancel')
    expect(await lastRun(page)).toMatchObject(refusal)
    await page.click('#sign-in')
    await signIn(page, await product.person())
    await arriveAt(page, 'consent')
    await page.click('#consent-deny')
    expect(await lastRun(page)).toMatchObject(refusal)
    expect(await page.locator('#sign-in').isVisible()).toBe(true)
  })
}

function valueIn(run: Run, title: string): string {
  return run.steps.find((step) => step.title === title)?.value ?? ''
}

/** What the demo keeps for its diagram. */
async function known(page: Page): Promise<{ readonly [name: string]: string | undefined }> {
  return page.evaluate(`JSON.parse(sessionStorage.getItem('pixy-demo:known'))`)
}

function watchRequests(page: Page, issuer: string) {
  const sent: { authorization?: URLSearchParams; token?: URLSearchParams } = {}
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.href.startsWith(`${issuer}/oauth2/authorize`)) sent.authorization = url.searchParams
    if (url.href === `${issuer}/oauth2/token`) sent.token = new URLSearchParams(request.postData() ?? '')
  })
  return sent
}
