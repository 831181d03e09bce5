import type { Context } from '../context.ts'
import type { Finding, Level } from '../doctor/finding.ts'
import { Exit } from '../errors.ts'
import { printable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy doctor` */
export const define: DefineVerb = (command, run) => {
  command
    .description(
      'Looks at Node, configuration, files, database, secret, port, issuers, keys and clients. Changes nothing. Exit code 4 where something is wrong; warnings alone are 0.',
    )
    .action(run(doctor))
}

async function doctor(context: Context): Promise<void> {
  const { examine } = await import('../doctor/examine.ts')
  const found = await examine(context)
  const count = (level: Level) => found.filter((finding) => finding.level === level).length
  const summary = {
    ok: count('ok'),
    warnings: count('warning'),
    errors: count('error'),
    skipped: count('skipped'),
  }
  context.result({ ...summary, findings: found }, () => reportText(context.terminal, found, summary))
  if (summary.errors > 0) throw new Exit(4)
}

function reportText(
  terminal: Terminal,
  found: readonly Finding[],
  { ok, warnings, errors }: { readonly ok: number; readonly warnings: number; readonly errors: number },
): string {
  const { dim, green, red, yellow } = terminal.colors
  const marks: Record<Level, string> = {
    ok: green('✔'),
    warning: yellow('⚠'),
    error: red('✖'),
    skipped: dim('–'),
  }
  const wide = Math.max(0, ...found.map(({ check }) => check.length))
  const lines = found.map(({ check, level, message, fix }) => {
    const advice = fix ? `\n   ${' '.repeat(wide)}  ${dim('fix')}  ${printable(fix)}` : ''
    return ` ${marks[level]} ${dim(check.padEnd(wide))}  ${printable(message)}${advice}\n`
  })
  const words = [
    `${ok} ok`,
    `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
    `${errors} ${errors === 1 ? 'error' : 'errors'}`,
  ]
  return `${lines.join('')}\n ${words.join(' · ')}\n`
}
