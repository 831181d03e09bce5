// A vitest reporter: the slowest files and tests, and the counts for the closing line of `npm test`,
// which test.mjs prints after everything else.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

const SHOWN = 10

export default class ClosingLineReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state) => tests.filter((test) => test.result().state === state).length
    // A file that could not be loaded, a hook that failed and an error outside of any test count as one failure each.
    const broken = modules.filter(
      (module) => module.state() === 'failed' && ![...module.children.allTests('failed')].length,
    )
    const counts = {
      passed: count('passed'),
      failed: count('failed') + broken.length + unhandledErrors.length,
      skipped: count('skipped'),
      pending: count('pending'),
    }
    printSlowest(modules, tests)
    const file = process.env.PIXY_TEST_COUNTS
    if (file) writeFileSync(file, JSON.stringify(counts))
  }
}

function printSlowest(modules, tests) {
  const name = (module) => relative(process.cwd(), module.moduleId)
  print(
    'Slowest files',
    modules.map((module) => {
      const { collectDuration, setupDuration, duration } = module.diagnostic()
      return [collectDuration + setupDuration + duration, name(module)]
    }),
  )
  print(
    'Slowest tests',
    tests.map((test) => [test.diagnostic()?.duration ?? 0, `${name(test.module)} › ${test.fullName}`]),
  )
}

function print(title, rows) {
  const shown = rows.sort(([a], [b]) => b - a).slice(0, SHOWN)
  if (shown.length === 0) return
  console.log(`\n${title}`)
  for (const [milliseconds, name] of shown)
    console.log(`${(milliseconds / 1000).toFixed(2).padStart(8)} s  ${name}`)
}
