import { it } from 'vitest'
import { openWorld } from './support/world.ts'
import { openDemo, lastRun } from './support/demo.ts'
import { arriveAt } from './support/hosted-pages.ts'
it('times', async () => {
  const world = await openWorld()
  const { product, chromium } = world
  const cpu = () => process.cpuUsage()
  for (let i = 0; i < 4; i++) {
    const t: string[] = []
    let last = performance.now(); let c = cpu()
    const lap = (n: string) => { const now = performance.now(); const d = process.cpuUsage(c); t.push(`${n} ${Math.round(now - last)}/${Math.round((d.user + d.system) / 1000)}`); last = now; c = cpu() }
    const context = await chromium.open()
    lap('context')
    const person = await product.person()
    const page = await openDemo(context, product); lap('demo')
    await page.click('#sign-in'); lap('click')
    await arriveAt(page, 'sign-in'); lap('arrive')
    await page.fill('#username', person.username); await page.fill('#password', person.password); lap('fill')
    await page.click('#login-submit'); lap('submit')
    await arriveAt(page, 'consent'); lap('arrive')
    await page.click('#consent-allow'); lap('allow')
    await lastRun(page); lap('run')
    await context.close(); lap('close')
    console.log(t.join(' | '))
  }
  await world.close()
}, 100_000)
