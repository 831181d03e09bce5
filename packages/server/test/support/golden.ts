import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const folder = fileURLToPath(new URL('../golden/', import.meta.url))

/**
 * Compares `text` with the golden file `packages/server/test/golden/<name>`, line endings and the last line break aside.
 * `npm run golden` writes what it gets instead; the diff is the review.
 */
export function expectGolden(name: string, text: string): void {
  const actual = normalize(text)
  const file = join(folder, name)
  if (process.env.GOLDEN === 'write') {
    if (read(file) === actual) return
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, actual)
    return
  }
  const expected = read(file)
  const advice = 'If the change is meant: npm run golden, and review the diff.'
  if (expected === undefined) throw new Error(`There is no golden file test/golden/${name}. ${advice}`)
  expect(actual, `differs from golden file test/golden/${name}. ${advice}`).toBe(expected)
}

/** The same for a value: as JSON, two spaces deep, members in the order they have. */
export function expectGoldenJson(name: string, value: unknown): void {
  expectGolden(name, JSON.stringify(value, null, 2))
}

function read(file: string): string | undefined {
  try {
    return normalize(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const normalize = (text: string): string => `${text.replaceAll('\r\n', '\n').trimEnd()}\n`
