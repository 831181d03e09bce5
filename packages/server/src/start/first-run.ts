import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../adapters/random.ts'
import { passphrase } from './passphrase.ts'

/** Secrets of the demo tenant, made once for each data folder. Never printed to a log: the file is how programs get them. */
export interface FirstRun {
  readonly demo_username: string
  readonly demo_password: string
  readonly demo_web_secret: string
  readonly demo_machine_secret: string
  readonly demo_atm_secret: string
  readonly demo_toki_secret: string
}

/** The file of the data folder; where it is, the demo made the folder. */
export const FIRST_RUN = 'first-run.json'

export const DEMO_USERNAME = 'demo@example.com'

/**
 * Reads `first-run.json` of the data folder, or writes it (mode 0600). `isFirst`: it was made now. What an earlier version
 * did not know is added; what it made stays.
 */
export async function firstRun(dataFolder: string): Promise<FirstRun & { readonly isFirst: boolean }> {
  const file = join(dataFolder, FIRST_RUN)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  const known = text === undefined ? {} : (JSON.parse(text) as Partial<FirstRun>)
  const first: FirstRun = { ...newSecrets(), ...known }
  if (Object.keys(first).some((name) => !Object.hasOwn(known, name))) await save(file, first)
  return { ...first, isFirst: text === undefined }
}

function newSecrets(): FirstRun {
  const random = systemRandom()
  return {
    demo_username: DEMO_USERNAME,
    demo_password: passphrase(random),
    demo_web_secret: random.alphanumeric(50),
    demo_machine_secret: random.alphanumeric(50),
    demo_atm_secret: random.alphanumeric(50),
    demo_toki_secret: random.alphanumeric(50),
  }
}

/** Whole or not at all: the password is nowhere else. */
async function save(file: string, first: FirstRun): Promise<void> {
  const beside = `${file}.new`
  await writeFile(beside, `${JSON.stringify(first, null, 2)}\n`, { mode: 0o600 })
  await chmod(beside, 0o600)
  await rename(beside, file)
}
