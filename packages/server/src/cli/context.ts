import type { Terminal } from './terminal/terminal.ts'

/** Flags that every verb takes. */
export interface GlobalFlags {
  readonly json: boolean
  readonly quiet: boolean
  readonly yes: boolean
  readonly config?: string
  readonly data?: string
}

/** What a verb runs in. */
export interface Context extends GlobalFlags {
  readonly terminal: Terminal
  /** Prints a result: the value with `--json`, the short form with `--quiet`, else the text. */
  result(value: unknown, text: () => string, short?: string): void
  /** Says something beside the result: not with `--json` or `--quiet`. */
  note(text: string): void
}

export function createContext(terminal: Terminal, flags: GlobalFlags): Context {
  return {
    ...flags,
    terminal,
    result(value, text, short) {
      if (flags.json) terminal.out(`${JSON.stringify(value, null, terminal.isTTY ? 2 : 0)}\n`)
      else if (!flags.quiet) terminal.out(text())
      else if (short !== undefined) terminal.out(`${short}\n`)
    },
    note(text) {
      if (!flags.json && !flags.quiet) terminal.err(`${text}\n`)
    },
  }
}
