import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemRandom } from '../adapters/random.ts'
import { StartError } from './errors.ts'

const FILE = 'secret.key'
const MIN_LENGTH = 32

/** Where the embedded mode keeps the master secret. */
export function secretFile(dataFolder: string): string {
  return join(dataFolder, FILE)
}

/**
 * The master secret: `PIXY_SECRET`, else the file in the data folder, which is made for a new database.
 *
 * @throws {StartError} where it is missing for a database that exists, too short, or readable by others
 */
export async function masterSecret(options: {
  readonly configured: string | undefined
  readonly dataFolder: string
  readonly databaseExists: boolean
}): Promise<string> {
  const { configured, dataFolder, databaseExists } = options
  if (configured !== undefined) return checkLength(configured, 'PIXY_SECRET')
  const file = secretFile(dataFolder)
  const stored = await readFile(file, 'utf8').catch(() => undefined)
  if (stored !== undefined) {
    await checkMode(file)
    return checkLength(stored.trim(), file)
  }
  if (databaseExists) {
    throw new StartError(
      `The master secret is missing: the database is there, but neither PIXY_SECRET is set nor is there ${file}. Bring the secret back that this database was made with; without it nothing that is encrypted can be read.`,
    )
  }
  const secret = systemRandom().alphanumeric(64)
  await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  await chmod(file, 0o600)
  return secret
}

/** For commands beside the server: the secret as it is, or nothing. */
export async function existingSecret(
  configured: string | undefined,
  dataFolder: string,
): Promise<string | undefined> {
  if (configured !== undefined) return configured
  const stored = await readFile(secretFile(dataFolder), 'utf8').catch(() => undefined)
  return stored?.trim()
}

async function checkMode(file: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(file)
  if ((mode & 0o077) !== 0)
    throw new StartError(
      `${file} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 ${file}`,
    )
}

function checkLength(secret: string, name: string): string {
  if (secret.length < MIN_LENGTH) {
    throw new StartError(
      `${name} has ${secret.length} characters and needs ${MIN_LENGTH} or more: openssl rand -base64 48`,
    )
  }
  return secret
}
