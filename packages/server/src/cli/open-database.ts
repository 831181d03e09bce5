import { existsSync } from 'node:fs'
import { systemClock } from '../adapters/clock.ts'
import { argon2Hasher } from '../adapters/hasher.ts'
import { systemRandom } from '../adapters/random.ts'
import { createVault } from '../adapters/vault.ts'
import { AdminError } from '../admin-api/admin-error.ts'
import type { AdminDeps } from '../admin-api/operation.ts'
import { WorkspaceDirectory } from '../core/workspaces/directory.ts'
import { existingSecret, secretFile } from '../start/master-secret.ts'
import { openSqlite } from '../store/sqlite/open.ts'
import type { Store } from '../store/store.ts'
import { databaseFile, type Place } from './place.ts'

/**
 * Opens the database as it is: nothing is created and nothing migrated.
 *
 * @throws {AdminError} `database_missing`
 */
export async function openExisting({ database }: Pick<Place, 'database'>): Promise<Store> {
  const file = databaseFile(database)
  if (file !== undefined && !existsSync(file)) {
    throw new AdminError('database_missing', `There is no database ${file}.`, {
      fix: 'Start the server once (pixy start), or say where it is: --data FOLDER, --config FILE or PIXY_DATABASE_URL.',
    })
  }
  // `compose` would load the whole server, which takes longer than most verbs.
  return file === undefined ? (await import('../compose.ts')).openStore(database) : openSqlite({ path: file })
}

/** @throws {AdminError} `secret_missing` */
export async function getSecret({ env, data }: Pick<Place, 'env' | 'data'>): Promise<string> {
  const secret = await existingSecret(env.secret, data)
  if (secret) return secret
  throw new AdminError('secret_missing', 'The master secret is not here.', {
    expected: `PIXY_SECRET, PIXY_SECRET_FILE or ${secretFile(data)}`,
    fix: 'Give this command the secret that the server runs with.',
  })
}

/**
 * What operations need, beside the server.
 *
 * @throws {AdminError} `database_missing`, `secret_missing`, `migrations_pending`
 */
export async function openDeps(place: Place): Promise<AdminDeps> {
  const store = await openExisting(place)
  try {
    const secret = await getSecret(place)
    const pending = await store.pendingMigrations()
    if (pending.length > 0) {
      throw new AdminError('migrations_pending', 'The database is older than this version of Pixy.', {
        received: `${pending.length} migrations to do: ${pending.join(', ')}`,
        fix: 'Bring it up to date: pixy migrate',
      })
    }
    const vault = createVault(secret, place.env.secretPrevious)
    const random = systemRandom()
    const clock = systemClock
    const workspaces = new WorkspaceDirectory({ store, vault, clock, random, url: place.url })
    return { store, vault, random, clock, hasher: argon2Hasher(), workspaces }
  } catch (error) {
    await store.close()
    throw error
  }
}
