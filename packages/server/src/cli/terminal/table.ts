import { stripVTControlCharacters } from 'node:util'
import type { Terminal } from './terminal.ts'

/** Columns of text, as wide as their widest cell; the last one is not padded. Nothing where there are no rows. */
export function table(
  { colors }: Pick<Terminal, 'colors'>,
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
): string {
  const widths = head.map((name, column) =>
    Math.max(...[name, ...rows.map((row) => row[column] ?? '')].map(width)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === cells.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join('  ')
      .trimEnd()
  return [colors.dim(line(head)), ...rows.map(line)].map((text) => `${text}\n`).join('')
}

/** Names and what they say, one under the other. Rows without a value are left out. */
export function facts(
  { colors }: Pick<Terminal, 'colors'>,
  rows: ReadonlyArray<readonly [name: string, value: string | undefined]>,
  indent = '  ',
): string {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined && row[1] !== '')
  const wide = Math.max(0, ...shown.map(([name]) => width(name)))
  return shown
    .map(([name, value]) => {
      const gap = `\n${indent}${' '.repeat(wide + 2)}`
      return `${indent}${colors.dim(name.padEnd(wide))}  ${value.split('\n').join(gap)}\n`
    })
    .join('')
}

/** How many columns a text takes. Good enough for the texts we print: no wide characters among them. */
export function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/**
 * A text from elsewhere (a token, a server's answer) as it may be printed.
 * Security: control characters could move the cursor, rewrite lines, or make the terminal answer.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === '\n' ? '\n' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}
