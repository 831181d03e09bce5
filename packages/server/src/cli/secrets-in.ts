import { readFile } from 'node:fs/promises'
import type { Context } from './context.ts'
import { UsageError } from './errors.ts'

/** Where a secret comes from; never from a flag's value, which every process of the machine can read. */
export interface SecretSource {
  /** For messages: `password`. */
  readonly what: string
  readonly stdin?: boolean | undefined
  readonly file?: string | undefined
  /** Asked twice: a typing error would lock somebody out. */
  readonly isNew?: boolean | undefined
}

/**
 * Reads a secret from standard input or a file, without the line break at its end, or asks for it.
 *
 * @throws {UsageError} where there is none
 */
export async function readSecret({ terminal, yes }: Context, source: SecretSource): Promise<string> {
  const { what, stdin, file, isNew } = source
  if (stdin && file !== undefined)
    throw new UsageError(`--${what}-stdin and --${what}-file do not go together`)
  if (stdin) return nonEmpty(await terminal.readStdin(), what, 'standard input')
  if (file !== undefined) return nonEmpty(await readText(file), what, file)
  if (!terminal.canAsk || yes) {
    throw new UsageError(`There is no ${what}: pass --${what}-stdin or --${what}-file FILE`)
  }
  const first = await terminal.askSecret(isNew ? `New ${what}` : capital(what))
  if (!first) throw new UsageError(`There is no ${what}`)
  if (isNew && (await terminal.askSecret(`The ${what} again`)) !== first) {
    throw new UsageError(`The two ${what}s differ`)
  }
  return first
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, { cause })
  }
}

function nonEmpty(text: string, what: string, from: string): string {
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`There is no ${what} in ${from}`)
  return secret
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
