// Reads the titles of tests that start with row numbers: `S0-29 S0-30 takes …`, `S0-29 strict: refuses …`.
import { parseSync, Visitor } from 'vite'

const CALLS = ['it', 'test', 'describe', 'suite']
/** What is switched off, or must fail, covers nothing. */
const OFF = ['skip', 'todo', 'fails']
/** Behind the rows may stand the exchanges of the guides, such as `P4`. */
const ROWS = /^\s*((?:S\d+-\d+\b[\s,:·/+&]*)+)(?:[ATPC]\d{1,2}\b[\s,:]*)*(strict:)?\s*(.*)$/s
const ROW = /S\d+-\d+/g

/**
 * The tests of one file that name rows. A `describe` that names rows counts where at least one test stands in it.
 *
 * @param {string} file its path, which tells TypeScript from JSX
 * @param {string} text
 * @returns {Array<{file: string, rows: string[], strict: boolean, title: string}>}
 */
export function titlesOf(file, text) {
  const parsed = parseSync(file, text, { sourceType: 'module' })
  const error = parsed.errors.find(({ severity }) => severity === 'Error')
  if (error) throw new Error(`${file} cannot be read: ${error.message}`)
  const found = []
  /** The calls around the one that is read: those that count, and those that are off. */
  const around = []
  const visitor = new Visitor({
    CallExpression(node) {
      const call = testCall(node)
      if (!call) return
      const entry = {
        node,
        off: call.off || around.some(({ off }) => off),
        group: call.group,
        titles: call.titles,
        tests: 0,
      }
      if (!call.group && !entry.off) for (const outer of around) outer.tests += 1
      around.push(entry)
    },
    'CallExpression:exit'(node) {
      if (around.at(-1)?.node !== node) return
      const { off, group, titles, tests } = around.pop()
      if (off || (group && tests === 0)) return
      for (const title of titles) {
        const named = rowsOf(title)
        if (named) found.push({ file, ...named, at: node.start })
      }
    },
  })
  visitor.visit(parsed.program)
  return found.sort((one, other) => one.at - other.at).map(({ at: _, ...test }) => test)
}

/** The rows that a title starts with, and what it says behind them. */
export function rowsOf(title) {
  const match = ROWS.exec(title)
  if (!match) return undefined
  const [, rows, strict, says] = match
  return { rows: [...new Set(rows.match(ROW))], strict: strict !== undefined, title: says.trim() }
}

/** What a call is, where it declares a test or a group of them with a body: `it(…)`, `it.each(…)(…)`, `describe.skip(…)`. */
function testCall({ callee, arguments: args }) {
  const modifiers = []
  let root = callee
  while (root.type !== 'Identifier') {
    if (root.type === 'MemberExpression') {
      modifiers.push(root.property.name)
      root = root.object
    } else if (root.type === 'CallExpression') root = root.callee
    else if (root.type === 'TaggedTemplateExpression') root = root.tag
    else return undefined
  }
  if (!CALLS.includes(root.name)) return undefined
  // `it.each(table)` itself is no test yet: what it returns is called with a title and a body.
  if (!args.some(({ type }) => /Function/.test(type))) return undefined
  return {
    titles: titlesIn(textOf(args[0]), callee),
    group: root.name === 'describe' || root.name === 'suite',
    off: modifiers.some((name) => OFF.includes(name)),
  }
}

/** One title, or one a row of the table where it begins with the first column: `it.each([['S0-01 a', 1]])('%s is', …)`. */
function titlesIn(title, callee) {
  if (title === undefined) return []
  if (!title.startsWith('%s') || callee.type !== 'CallExpression') return [title]
  const table = plainOf(callee.arguments[0])
  if (table?.type !== 'ArrayExpression') return [title]
  return table.elements.flatMap((element) => {
    const row = plainOf(element)
    const first = textOf(row?.type === 'ArrayExpression' ? plainOf(row.elements[0]) : row)
    return first === undefined ? [] : [first + title.slice(2)]
  })
}

/** Without `as const` and `satisfies`. */
function plainOf(node) {
  return node && 'expression' in node ? plainOf(node.expression) : node
}

/** The text of a string or a template; what a template puts in is shown as `…`. */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node?.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked).join('…')
  return undefined
}
