import { readFile } from 'node:fs/promises'
import { callAdmin } from '../admin.ts'
import type { Context } from '../context.ts'
import { Exit, UsageError } from '../errors.ts'
import { facts, printable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dateTime, relative } from '../terminal/time.ts'
import type { Inspection } from '../token/inspect.ts'
import type { DefineVerb } from '../verbs.ts'

interface Flags {
  readonly aud?: string
  readonly iss?: string
  readonly scope?: string
  readonly issuer?: string
  readonly file?: string
}

/** `pixy token …` */
export const define: DefineVerb = (command, run) => {
  command.usage('VERB [options]').description('Tokens.')
  command
    .command('inspect')
    .description(
      'Decodes a token, verifies it with the keys of its issuer or with the data of the server here, and says why an API would refuse it (exit code 1). Times are of this machine.',
    )
    .argument('[token]', 'the token; - or nothing: standard input, where other processes do not see it')
    .option('--aud <uri>', 'the audience that the API expects')
    .option('--iss <url>', 'the issuer that the API expects')
    .option('--scope <names>', 'scopes that the API needs, in quotes')
    .option('--issuer <url>', 'whose keys to verify with (the issuer that the token names)')
    .option('--file <file>', 'read the token from a file')
    .action(run(inspectToken))
}

async function inspectToken(context: Context, argument: string | undefined, flags: Flags): Promise<void> {
  const token = (await readToken(context, argument, flags)).trim().replace(/^Bearer\s+/i, '')
  if (token === '') throw new UsageError('There is no token to inspect')
  const { inspect } = await import('../token/inspect.ts')
  const now = Math.floor(Date.now() / 1000)
  // Without a server or a database at hand the keys of the issuer are enough.
  const ask = (token: string) => callAdmin(context, 'token.inspect', { token }).catch(() => undefined)
  const inspection = await inspect(token, { ...flags, now, ask })
  context.result(inspection, () => inspectionText(context.terminal, inspection, now))
  if (!inspection.accepted) throw new Exit(1)
}

async function readToken(
  { terminal }: Context,
  argument: string | undefined,
  { file }: Flags,
): Promise<string> {
  if (file !== undefined) return readFile(file, 'utf8')
  if (argument !== undefined && argument !== '-') return argument
  if (terminal.canAsk)
    throw new UsageError('Pass the token on standard input: pixy token inspect < token.txt')
  return terminal.readStdin()
}

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time'])

function inspectionText(terminal: Terminal, inspection: Inspection, now: number): string {
  const { bold, dim, green, red } = terminal.colors
  const { header, claims, checks, accepted } = inspection
  const headerText = header ? `${bold('header')}\n${facts(terminal, rowsOf(header))}` : ''
  const claimsText = claims ? `${bold('claims')}\n${facts(terminal, rowsOf(claims))}` : ''
  const lines = checks.map(({ check, ok, message, fix }) => {
    const mark = ok === null ? dim('·') : ok ? green('✔') : red('✖')
    const advice = fix ? `\n      ${dim('fix')}  ${printable(fix)}` : ''
    return ` ${mark} ${check.padEnd(9)}  ${printable(message)}${advice}\n`
  })
  const end = accepted ? green('An API would take it.') : red('An API would refuse it.')
  return `${headerText}${claimsText}${headerText === '' ? '' : '\n'}${lines.join('')}${end}\n`

  function rowsOf(record: Readonly<Record<string, unknown>>) {
    return Object.entries(record).map(([name, value]): readonly [string, string] => {
      const text = printable(typeof value === 'string' ? value : JSON.stringify(value))
      const isTime = TIMES.has(name) && typeof value === 'number'
      return [
        printable(name),
        isTime ? `${text}  ${dim(`${dateTime(value)}, ${relative(value, now)}`)}` : text,
      ]
    })
  }
}
