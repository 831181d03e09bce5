// The page docs/reference/systems.md.
import { coverage, dues } from './coverage.mjs'

const SYSTEMS = [
  { name: 'atm', title: 'ATM', letter: 'S0', guide: '../guides/atm.md' },
  { name: 'toki', title: 'TOKI', letter: 'S1', guide: '../guides/toki.md' },
  { name: 'tapkey', title: 'Tapkey', letter: 'S2', guide: '../guides/tapkey.md' },
  { name: 'cloudentity', title: 'Cloudentity', letter: 'S3', guide: '../guides/cloudentity.md' },
]

const STANDARD = {
  ok: 'standard',
  ext: 'standard allows it',
  'n/a': 'no matter of a standard',
  note: 'a note',
}

/** Longest title that is shown whole. */
const TITLE = 110

/** The whole page, from the rows and the tests that name them. */
export function pageOf(rows, tests) {
  const covered = coverage(rows, tests)
  return `${introduction(covered)}\n${SYSTEMS.map((system) => section(system, covered)).join('\n')}`
}

function introduction(rows) {
  return `# Four systems, row by row

<!-- Made by \`npm run systems\` from scripts/systems/rows.json and the titles of the tests. Do not edit. -->

Pixy can take the place of four older authorization servers: [ATM](../guides/atm.md), [TOKI](../guides/toki.md),
[Tapkey](../guides/tapkey.md) and [Cloudentity](../guides/cloudentity.md). Their documentation was read sentence by sentence, and each
behaviour that can be tested is a row here, with the tests that show it.

Most of what they do is plain OAuth and OpenID Connect, and works for every client. Some of it no standard allows; a **dialect**
does it, for those clients alone that list it (\`"dialects": ["atm"]\`), never for one that registered itself. All others get the
standard's error, with the fix in its explanation. Such a row says what the standard asks for, and has a **strict twin**: a test
that a client without the dialect is refused, and told what to send. How dialects are built is in
[packages/server/src/dialects](../../packages/server/src/dialects/README.md).

A row is covered when a test's title starts with its number. \`npm run check\` fails where a row has no test, and where a
deviation has no strict twin.

| system | rows | covered | due with the console | notes | missing |
| --- | --- | --- | --- | --- | --- |
${SYSTEMS.map((system) => summary(system.title, `#${system.name}`, belonging(system, rows))).join('\n')}
${summary('all', undefined, rows)}
`
}

function summary(title, link, rows) {
  const count = (wanted) => rows.filter(({ state }) => state === wanted).length
  const name = link ? `[${title}](${link})` : `**${title}**`
  const cells = [rows.length, count('covered'), count('due'), count('note'), count('missing')]
  return `| ${name} | ${cells.join(' | ')} |`
}

function section(system, rows) {
  return `## ${system.title}

How to use it: [guide](${system.guide}).

| | behaviour | standard or dialect | tests | strict twin |
| --- | --- | --- | --- | --- |
${belonging(system, rows)
  .map((row) => line(row))
  .join('\n')}
`
}

const belonging = ({ name }, rows) => rows.filter(({ system }) => system === name)

function line(row) {
  const cells = [row.id, cell(row.behaviour), standardOf(row), testsOf(row), links(row.strict)]
  return `| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' ')
}

function standardOf({ system, standard, deviates }) {
  return standard === 'dev' ? `dialect \`${system}\`. ${cell(deviates)}` : (STANDARD[standard] ?? standard)
}

function testsOf({ state, due, tests }) {
  if (state === 'note') return 'a note: nothing to test'
  if (state === 'due') return `*${dues[due] ?? due}*`
  return state === 'missing' ? '**missing**' : links(tests)
}

function links(tests) {
  return tests.map(({ file, title }) => `[${cell(short(title))}](../../${file})`).join('<br>')
}

function short(title) {
  if (title.length <= TITLE) return title
  return `${title.slice(0, title.lastIndexOf(' ', TITLE))} …`
}

/** Text inside a cell and inside a link: no character of it is markup, but for the code of the rows themselves. */
function cell(text) {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\[\]|<>*]/g, (character) =>
      character === '<' ? '&lt;' : character === '>' ? '&gt;' : `\\${character}`,
    )
}
