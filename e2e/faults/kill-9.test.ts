import { expect, it } from 'vitest'
import { killRepeatedly } from './kill-9.ts'

const CYCLES = Number(process.env.PIXY_TEST_KILLS ?? 20)

it(`F-01 survives ${CYCLES} kills by SIGKILL under load: nothing acknowledged is lost, no code is used twice`, {
  timeout: 60_000 + CYCLES * 15_000,
}, async () => {
  const report = await killRepeatedly({ cycles: CYCLES, workers: 8, longest: 900 })
  console.log(
    `kill -9: ${JSON.stringify(report.counts)}, slowest start ${Math.round(report.slowestStart)} ms`,
  )
  expect(report.violations).toEqual([])
  // A run that did nothing proves nothing.
  expect(report.counts.logins).toBeGreaterThan(CYCLES)
  expect(report.counts.refreshes).toBeGreaterThan(CYCLES)
})
