import { it } from 'vitest'
import { startChromium } from './support/chromium.ts'
import { startProduct } from './support/product.ts'
import { lastRun, openDemo, signInToDemo } from './support/demo.ts'
import { groups } from '../../examples/demo-spa/src/app/experiments.ts'
import { arriveAt, readError, signIn, consent } from './support/hosted-pages.ts'

it('explores', async () => {
  const t = performance.now()
  const product = await startProduct()
  console.log('product', performance.now() - t)
  const chromium = await startChromium()
  console.log('chromium', performance.now() - t)
  const context = await chromium.open()
  const person = await product.person()
  const page = await openDemo(context, product)
  console.log(JSON.stringify(await signInToDemo(page, person), null, 1))
  console.log('signed in', performance.now() - t)
  for (const id of ['refresh', 'userinfo', 'read-notes']) {
    await page.click('#' + id)
    console.log(JSON.stringify(await lastRun(page)))
  }
  for (const { id, wait, staysAtPixy } of groups.flatMap((g) => g.experiments)) {
    if (wait) continue
    const t0 = performance.now()
    const tab = await openDemo(context, product)
    await tab.click('#sign-in')
    await lastRun(tab)
    await tab.click('#break-' + id)
    try {
    if (staysAtPixy) { console.log(id, await readError(tab)); await tab.goBack() }
    await tab.waitForTimeout(50)
    const run = await lastRun(tab)
    console.log(id, Math.round(performance.now() - t0), run.title, run.outcome, run.text, JSON.stringify(run.problem), JSON.stringify(run.steps.map(s=>s.title)))
    } catch (e) { console.log(id, 'FAILED', String(e).slice(0,300), tab.url()) }
    await tab.close()
  }
  console.log(chromium.complaints)
  await chromium.close()
  await product.close()
}, 200_000)
