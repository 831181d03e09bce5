import { runCli } from './run.ts'
import { processTerminal } from './terminal/terminal.ts'

// The exit code is set, not forced: a server that was started lives on, and what was written is flushed.
process.exitCode = await runCli(process.argv.slice(2), processTerminal())
