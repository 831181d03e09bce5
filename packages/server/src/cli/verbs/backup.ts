import { existsSync } from 'node:fs'
import { chmod, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { findPlace } from '../place.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { DefineVerb } from '../verbs.ts'

/** `pixy backup FILE` */
export const define: DefineVerb = (command, run) => {
  command
    .description(
      'Copies the whole database to a new file, as it is at one moment, while servers go on using it.',
    )
    .argument('<file>', 'where to; it must not be there yet')
    .action(run((context, file: string) => backUp(context, resolve(file))))
}

async function backUp(context: Context, file: string): Promise<void> {
  if (existsSync(file)) throw new UsageError(`${file} is there already: choose another name`)
  const place = await findPlace(context)
  const { openExisting } = await import('../open-database.ts')
  const store = await openExisting(place)
  const partial = `${file}.part`
  const bar = progressBar(context)
  try {
    await rm(partial, { force: true })
    await store.backup(partial, bar.show)
    await chmod(partial, 0o600)
    // Whole or not at all: a backup that stopped half way must not look like one.
    await rename(partial, file)
  } finally {
    bar.end()
    await rm(partial, { force: true })
    await store.close()
  }
  const { size } = await stat(file)
  const secret = place.env.secret === undefined ? `${place.data}/secret.key` : 'PIXY_SECRET'
  const advice = `The master secret is not in it. Keep ${secret} safe, and apart from it: without it nothing encrypted can be read.`
  const text = () => `${context.terminal.colors.green('✔')} ${file}  ${megabytes(size)}\n${advice}\n`
  context.result({ file, bytes: size, secret_included: false }, text, file)
}

const WIDTH = 30

/** A bar on the terminal, where there is one. */
function progressBar({ terminal, json, quiet }: Context): { show(done: number): void; end(): void } {
  if (!terminal.isTTY || json || quiet) return { show: () => {}, end: () => {} }
  return {
    show: (done) => terminal.err(`\r${bar(terminal, done)}`),
    end: () => terminal.err('\r\u001b[K'),
  }
}

function bar({ colors }: Terminal, done: number): string {
  const full = Math.round(done * WIDTH)
  const percent = String(Math.round(done * 100)).padStart(3)
  return `${colors.cyan('█'.repeat(full))}${colors.dim('░'.repeat(WIDTH - full))} ${percent} %`
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
