// Which rows have tests, and what is missing.

/** What a row waits for that has no test yet, by its `due`. */
export const dues = { console: 'comes with the admin console' }

/**
 * Lays the tests beside the rows. A test whose title says `strict:` shows that the standard's answer is kept: it covers
 * no row by itself.
 *
 * @returns {Array<object>} the rows, each with `tests`, `strict` and `state`: covered, due, note or missing
 */
export function coverage(rows, tests) {
  return rows.map((row) => {
    const own = tests.filter((test) => test.rows.includes(row.id))
    const plain = own.filter(({ strict }) => !strict)
    return { ...row, tests: plain, strict: own.filter(({ strict }) => strict), state: stateOf(row, plain) }
  })
}

function stateOf({ note, due }, tests) {
  if (note) return 'note'
  if (tests.length > 0) return 'covered'
  return due ? 'due' : 'missing'
}

/** Everything that is wrong with rows and tests, a sentence each; none where all is well. */
export function problemsOf(rows, tests) {
  const covered = coverage(rows, tests)
  return [
    ...rows.filter(({ due }) => due !== undefined && !Object.hasOwn(dues, due)).map(unknownDue),
    ...repeated(rows.map(({ id }) => id)).map((id) => `${id} stands twice in scripts/systems/rows.json.`),
    ...covered.filter(({ state }) => state === 'missing').map(withoutTest),
    ...covered.filter(({ standard, strict }) => standard === 'dev' && strict.length === 0).map(withoutTwin),
    ...covered
      .filter(({ due, tests: own, strict }) => due && own.length + strict.length > 0)
      .map(
        ({ id, due }) =>
          `${id} is marked as due (${due}), and has a test: remove the mark in scripts/systems/rows.json.`,
      ),
    ...unknownRows(rows, tests),
  ]
}

const unknownDue = ({ id, due }) =>
  `${id} waits for ${due}, which scripts/systems/coverage.mjs does not know.`

const withoutTest = ({ id, behaviour }) => `${id} has no test. It says: ${behaviour}.`

const withoutTwin = ({ id, deviates }) =>
  `${id} has no strict twin (a test titled '${id} strict: …'). The standard says: ${deviates}.`

function unknownRows(rows, tests) {
  const known = new Set(rows.map(({ id }) => id))
  return tests.flatMap(({ file, rows: named, title }) =>
    named.filter((id) => !known.has(id)).map((id) => `${id} is no row: ${file}, '${title}'.`),
  )
}

function repeated(ids) {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
}
