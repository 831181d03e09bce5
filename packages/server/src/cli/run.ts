import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { type Context, createContext } from './context.ts'
import { Exit, errorBody, exitCode, formatError } from './errors.ts'
import type { Terminal } from './terminal/terminal.ts'
import { type Run, verbs } from './verbs.ts'

/** Runs a command line; resolves with its exit code. What it has to say goes to the terminal. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = await createProgram(args, terminal)
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' })
    return 0
  } catch (error) {
    // Help and version are no errors; what else is wrong with the line commander has said already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return report(error, args.includes('--json'), terminal)
  }
}

const EXAMPLES = `
Begin:
  pixy start             the demo on http://localhost:4000
  pixy login             a token, from another terminal
  pixy explain flow_…    why something was refused

Exit codes: 0 done, 1 failed, 2 called wrongly, 3 configuration invalid, 4 doctor found errors, 5 drift.`

async function createProgram(args: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command('pixy')
    .description('A self-hosted OAuth 2.1 and OpenID Connect authorization server.')
    .usage('VERB [options]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [verb]', 'show help for a verb')
    .option('--config <file>', 'configuration file (PIXY_CONFIG)')
    .option('--data <folder>', 'data folder (PIXY_DATA, else ./data)')
    .option('--json', 'print results as JSON')
    .option('--quiet', 'print only the id, secret or token that was made, and errors')
    .option('-y, --yes', 'ask nothing: say yes')
    .addHelpText('after', EXAMPLES)
  configure(program, terminal)
  for (const { name, summary, load } of verbs) {
    const command = program
      .command(name)
      .description(`${capital(summary)}.`)
      .summary(summary)
    // The others are names in the help. A flag's value that is a verb's name loads one file more, and does no harm.
    if (!args.includes(name)) continue
    const { define } = await load()
    define(command, runIn(program, terminal))
    if (command.commands.length > 0) command.helpCommand(false)
  }
  return program
}

function configure(program: Command, terminal: Terminal): void {
  const { colors, columns } = terminal
  program
    .exitOverride()
    .showHelpAfterError('(pixy --help lists the verbs, pixy VERB --help their flags)')
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => colors.isColorSupported,
      getErrHasColors: () => colors.isColorSupported,
      outputError: (text, write) => write(`${colors.red('✖')} ${text.replace(/^error: /, '')}`),
    })
}

/** A verb and its arguments; that it has flags goes without saying. */
function subcommandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  )
  return [command.name(), ...names].join(' ')
}

function runIn(program: Command, terminal: Terminal): Run {
  return <Values extends unknown[]>(action: (context: Context, ...values: Values) => Promise<void>) =>
    async (...values: [...Values, Command]) => {
      const flags = program.opts<{
        json?: true
        quiet?: true
        yes?: true
        config?: string
        data?: string
      }>()
      const { json = false, quiet = false, yes = false, ...places } = flags
      // Commander appends the command itself.
      const own = values.slice(0, -1) as unknown as Values
      await action(createContext(terminal, { json, quiet, yes, ...places }), ...own)
    }
}

function report(error: unknown, json: boolean, terminal: Terminal): number {
  const code = exitCode(error)
  if (error instanceof Exit) return code
  const body = errorBody(error)
  terminal.err(json ? `${JSON.stringify({ error: body })}\n` : formatError(terminal, body))
  if (terminal.env.PIXY_LOG_LEVEL === 'debug' && error instanceof Error)
    terminal.err(`${error.stack ?? ''}\n`)
  return code
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
