#!/usr/bin/env node
// Writes docs/reference/systems.md: every behaviour of the four systems, with the tests whose titles name it.
// With --check it writes nothing, prints what is missing or out of date, and fails where anything is.
import { readFileSync, writeFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { problemsOf } from './systems/coverage.mjs'
import { pageOf } from './systems/page.mjs'
import { titlesOf } from './systems/titles.mjs'
import { at, filesBelow } from './workspace.mjs'

const PAGE = ['docs', 'reference', 'systems.md']
const TEST = /\.test\.tsx?$/

/** The rows of the table. */
export function readRows() {
  return JSON.parse(readFileSync(at('scripts', 'systems', 'rows.json'), 'utf8'))
}

/** Every test of the repository that names rows. */
export function readTests() {
  return ['packages', 'examples', 'e2e']
    .flatMap((folder) => filesBelow(at(folder)))
    .filter((file) => TEST.test(file) && !file.split(sep).includes('dist'))
    .sort()
    .flatMap((file) => titlesOf(relative(at(), file).split(sep).join('/'), readFileSync(file, 'utf8')))
}

/** What is wrong, a sentence each: rows without tests, and a page that is not what would be written. */
export function checkSystems() {
  const rows = readRows()
  const tests = readTests()
  const stale =
    readPage() === pageOf(rows, tests) ? [] : [`${PAGE.join('/')} is out of date: npm run systems.`]
  return [...problemsOf(rows, tests), ...stale]
}

function readPage() {
  try {
    return readFileSync(at(...PAGE), 'utf8')
  } catch {
    return undefined
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!process.argv.includes('--check')) writeFileSync(at(...PAGE), pageOf(readRows(), readTests()))
  const problems = checkSystems()
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? 'Every row has its tests.' : `\n${problems.length} to mend.`)
  if (problems.length > 0 && process.argv.includes('--check')) process.exitCode = 1
}
