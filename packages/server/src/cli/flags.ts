import { InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'
import { UsageError } from './errors.ts'

/** `--workspace`, for verbs that work in one. */
export function workspaceOption(): Option {
  return new Option('--workspace <id>', 'tenant:workspace, where there are several')
}

/** For a flag that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

/** For a flag that takes a whole number. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

/** `NAME=VALUE`, each: JSON where the value is JSON, else text. */
export function members(pairs: readonly string[] | undefined, flag: string): Record<string, Json> {
  return Object.fromEntries(
    (pairs ?? []).map((pair) => {
      const mark = pair.indexOf('=')
      if (mark < 1) throw new UsageError(`${flag} takes NAME=VALUE, such as ${flag} locale=de-AT`)
      return [pair.slice(0, mark), jsonOrText(pair.slice(mark + 1))]
    }),
  )
}

export type Json = string | number | boolean | null | Json[] | { [member: string]: Json }

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The members that have a value: an absent flag is not the same as one that says nothing. */
export function given<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> }
}

/**
 * Asks before something that cannot be undone.
 *
 * @throws {UsageError} where nobody can be asked, and where the answer is no
 */
export async function confirm({ terminal, yes }: Context, question: string): Promise<void> {
  if (yes) return
  if (!terminal.canAsk) throw new UsageError(`${question} Pass --yes to do it.`)
  if (!(await terminal.askYes(question))) throw new UsageError('Nothing was done.')
}
