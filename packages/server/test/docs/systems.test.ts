import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { problemsOf, type Row } from '../../../../scripts/systems/coverage.mjs'
import { pageOf } from '../../../../scripts/systems/page.mjs'
import { type RowTest, rowsOf, titlesOf } from '../../../../scripts/systems/titles.mjs'
import { checkSystems, readRows, readTests } from '../../../../scripts/systems-table.mjs'

describe('docs/reference/systems.md', () => {
  it('has a test for every row, a strict twin for every deviation, and is up to date', () => {
    expect(checkSystems()).toEqual([])
  })

  it('has every behaviour of the four systems', () => {
    const rows = readRows()
    const numbers = [46, 29, 41, 30].flatMap((count, system) =>
      Array.from({ length: count }, (_, row) => `S${system}-${String(row + 1).padStart(2, '0')}`),
    )
    expect(rows.map(({ id }) => id)).toEqual(numbers)
    expect(numbers).toHaveLength(146)
    for (const row of rows) {
      expect(row.behaviour.length, row.id).toBeGreaterThan(15)
      expect(row.deviates !== undefined, row.id).toBe(row.standard === 'dev')
      expect(row.note === true, row.id).toBe(row.standard === 'note')
    }
  })

  it('links to files that are there', () => {
    const file = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))
    for (const test of readTests()) expect(existsSync(file(test.file)), test.file).toBe(true)
  })
})

const titles = (text: string) =>
  titlesOf('a.test.ts', text).map(({ rows, strict, title }) => [rows.join(' '), strict, title])

describe('the titles of tests', () => {
  it('name one row or several at their start', () => {
    expect(titles(`it('S0-29 takes it', () => {})`)).toEqual([['S0-29', false, 'takes it']])
    expect(titles(`test("S0-29 S1-02, S0-30: takes it", async () => {})`)).toEqual([
      ['S0-29 S1-02 S0-30', false, 'takes it'],
    ])
    expect(rowsOf('S2-33 P4 P5 strict: refuses')).toEqual({ rows: ['S2-33'], strict: true, title: 'refuses' })
    expect(rowsOf('S0-29 S0-29 twice')).toEqual({ rows: ['S0-29'], strict: false, title: 'twice' })
  })

  it('call a twin strict right behind the numbers', () => {
    expect(titles(`it('S0-29 S0-30 strict: refuses', () => {})`)).toEqual([['S0-29 S0-30', true, 'refuses']])
    expect(titles(`it('S0-29 refuses what is not strict: no', () => {})`)).toEqual([
      ['S0-29', false, 'refuses what is not strict: no'],
    ])
  })

  it('are read through each, templates, chains and groups', () => {
    expect(titles(`it.each([1, 2])('S0-01 %s', (n) => n)`)).toEqual([['S0-01', false, '%s']])
    expect(titles(`it.each\`a\n\${1}\`('S0-02 $a', ({ a }) => a)`)).toEqual([['S0-02', false, '$a']])
    expect(
      titles(`it.each([['S0-01 a', 1], ['b', 2], ['S0-02 c', 3]] as const)('%s is %i', (n) => n)`),
    ).toEqual([
      ['S0-01', false, 'a is %i'],
      ['S0-02', false, 'c is %i'],
    ])
    expect(titles(`it.each(['S0-01 strict: a', other])('%s is', (n) => n)`)).toEqual([
      ['S0-01', true, 'a is'],
    ])
    expect(titles(`it(\`S0-03 as \${name} does\`, () => {})`)).toEqual([['S0-03', false, 'as … does']])
    expect(titles(`it.runIf(yes)('S0-04 sometimes', { timeout: 1 }, function () {})`)).toEqual([
      ['S0-04', false, 'sometimes'],
    ])
    expect(titles(`forEach((s) => { describe('S0-05 group', () => { it('inside', () => {}) }) })`)).toEqual([
      ['S0-05', false, 'group'],
    ])
    expect(titlesOf('a.test.tsx', `it('S0-06 page', () => { render(<p>S0-07</p>) })`)).toHaveLength(1)
  })

  it('count nowhere else: in the middle, in comments, in other calls, in what is switched off', () => {
    for (const text of [
      `it('takes S0-01', () => {})`,
      `// it('S0-01 takes', () => {})`,
      `const a = "it('S0-01 takes', () => {})"`,
      `expect('S0-01 takes', () => {})`,
      `describe('S0-01 empty', () => {})`,
      `describe('S0-01 all are off', () => { it.skip('x', () => {}); it.todo('y') })`,
      `describe.skip('off', () => { it('S0-01 inside', () => {}) })`,
      `it.skip('S0-01 off', () => {})`,
      `it.skip.each([1])('S0-01 off', () => {})`,
      `it.todo('S0-01 later')`,
      `it.skip.each([['S0-01 a']])('%s', () => {})`,
      `it.each([['a', 'S0-01 b']])('%s', () => {})`,
      `it.each([['S0-01 a']])('the %s', () => {})`,
      `it.fails('S0-01 fails', () => {})`,
      `it('S0-01 without a body')`,
      `it('S0-x', () => {})`,
    ]) {
      expect(titles(text), text).toEqual([])
    }
  })

  it('of a file that cannot be read are an error, not none', () => {
    expect(() => titlesOf('a.test.ts', `it('S0-01`)).toThrow('a.test.ts')
  })
})

describe('the check of rows', () => {
  const row = (id: string, more: Partial<Row> = {}): Row => ({
    id,
    system: 'atm',
    behaviour: `what ${id} says`,
    kinds: ['RU'],
    standard: 'ok',
    ...more,
  })
  const tests = (...names: readonly string[]): RowTest[] =>
    names.map((name) => ({ file: 'a.test.ts', rows: [], strict: false, title: '', ...rowsOf(name) }))
  const dev = row('S0-02', { standard: 'dev', deviates: 'RFC 0 §1: otherwise' })

  it('finds nothing where every row has what it needs', () => {
    const rows = [
      row('S0-01'),
      dev,
      row('S0-03', { due: 'console' }),
      row('S0-04', { standard: 'note', note: true }),
    ]
    expect(problemsOf(rows, tests('S0-01 S0-02 works', 'S0-02 strict: refused'))).toEqual([])
  })

  it.each<[string, readonly Row[], readonly string[], string]>([
    ['a row without a test', [row('S0-01')], [], 'S0-01 has no test'],
    ['a row that only a twin names', [row('S0-01')], ['S0-01 strict: refused'], 'S0-01 has no test'],
    ['a deviation without a twin', [dev], ['S0-02 works'], 'S0-02 has no strict twin'],
    ['a deviation with a twin alone', [dev], ['S0-02 strict: no'], 'S0-02 has no test'],
    ['a number that is no row', [row('S0-01')], ['S0-01 x', 'S0-99 works'], 'S0-99 is no row'],
    [
      'a row that is due no longer',
      [row('S0-01', { due: 'console' })],
      ['S0-01 x'],
      'S0-01 is marked as due',
    ],
    ['a row that waits for who knows what', [row('S0-01', { due: 'x' })], [], 'S0-01 waits for x'],
    ['a row that stands twice', [row('S0-01'), row('S0-01')], ['S0-01 x'], 'S0-01 stands twice'],
  ])('finds %s, and nothing else', (_what, rows, names, problem) => {
    const problems = problemsOf(rows, tests(...names))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  it('is shown on the page, which changes with rows and tests', () => {
    const page = pageOf([row('S0-01'), dev], tests('S0-02 takes a | b', 'S0-02 strict: refused'))
    expect(page).toContain('| S0-01 | what S0-01 says | standard | **missing** | |')
    expect(page).toContain(
      '| S0-02 | what S0-02 says | dialect `atm`. RFC 0 §1: otherwise | [takes a \\| b](../../a.test.ts) | [refused](../../a.test.ts) |',
    )
    expect(page).toContain('| [ATM](#atm) | 2 | 1 | 0 | 0 | 1 |')
  })
})
