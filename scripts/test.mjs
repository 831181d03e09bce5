#!/usr/bin/env node
// npm test: makes ready, checks, runs the tests, and ends with one line alone: `N passed, N failed`.
// `npm test -- NAME -t "…"` runs the named tests only, without the check. `npm run golden` comes here with --golden.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.mjs'
import { ensureChromium } from './chromium.mjs'
import { ensureBuilt, ensureInstalled } from './ensure-ready.mjs'
import { at, runNode, tool } from './workspace.mjs'

const golden = process.argv.includes('--golden')
const args = process.argv.slice(2).filter((arg) => arg !== '--golden')
const everything = args.length === 0 && !golden

let counts = { passed: 0, failed: 1, skipped: 0 }
try {
  counts = await test()
} catch (error) {
  console.error(error.message)
}
const parts = [`${counts.passed} passed`, `${counts.failed} failed`]
if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`)
console.log(`\n${parts.join(', ')}`)
process.exitCode = counts.failed > 0 ? 1 : 0

async function test() {
  await ensureInstalled()
  const broken = [...(await failures(ensureBuilt)), ...(await failures(ensureChromium))]
  if (everything) broken.push(...(await check()))
  const counts = await runVitest()
  // Who runs one test by name wants to know about that test: what else is wrong was printed and does not count.
  return everything ? { ...counts, failed: counts.failed + broken.length } : counts
}

async function failures(step) {
  try {
    await step()
    return []
  } catch (error) {
    console.error(error.message)
    return [step.name]
  }
}

async function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'pixy-test-'))
  const file = join(folder, 'counts.json')
  try {
    const reporters = ['--reporter=default', `--reporter=${at('scripts', 'closing-line-reporter.mjs')}`]
    const options = [...reporters, ...(golden ? ['--update'] : []), ...args]
    const env = { PIXY_TEST_COUNTS: file, ...(golden ? { GOLDEN: 'write' } : {}) }
    const { code } = await runNode([tool('vitest'), 'run', ...options], { env })
    return closing(code, readCounts(file))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** The counts to print. An exit code that the counts do not explain (a crash, no test found) is one failure. */
function closing(code, counts) {
  if (!counts) return { passed: 0, failed: 1, skipped: 0 }
  const failed = counts.failed + counts.pending
  return { passed: counts.passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped: counts.skipped }
}
