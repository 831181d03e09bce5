import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../adapters/random.ts'
import { passphrase } from './passphrase.ts'

/** Secrets of the demo tenant, made once for each data folder. Never printed to a log: the file is how programs get them. */
export interface FirstRun {
  readonly demo_username: string
  readonly demo_password: string
  readonly demo_web_secret: string
  readonly demo_machine_secret: string
}

/** The file of the data folder; where it is, the demo made the folder. */
export const FIRST_RUN = 'first-run.json'

export const DEMO_USERNAME = 'demo@example.com'

/** Reads `first-run.json` of the data folder, or writes it (mode 0600). `isFirst`: it was made now. */
export async function firstRun(dataFolder: string): Promise<FirstRun & { readonly isFirst: boolean }> {
  const file = join(dataFolder, FIRST_RUN)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) return { ...(JSON.parse(text) as FirstRun), isFirst: false }
  const random = systemRandom()
  const made: FirstRun = {
    demo_username: DEMO_USERNAME,
    demo_password: passphrase(random),
    demo_web_secret: random.alphanumeric(50),
    demo_machine_secret: random.alphanumeric(50),
  }
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return { ...made, isFirst: true }
}
