import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { privateKeyContext } from '../../core/keys/sealing.ts'
import type { Vault } from '../../core/ports.ts'
import { secretsContext } from '../../core/workspaces/directory.ts'
import type { Store } from '../../store/store.ts'
import { databaseFile } from '../place.ts'
import { type Check, type Finding, findings } from './finding.ts'

/** SQLite's own look at the file: every page is reachable and every index agrees with its table. */
export const checkIntegrity: Check = async ({ place }) => {
  const { ok, error, skipped } = findings('database')
  const file = databaseFile(place.database)
  if (file === undefined) return []
  if (!existsSync(file)) return [skipped(`there is no database ${file} yet: pixy start makes it`)]
  const restore = 'Stop the server and put a backup back; pixy backup makes one.'
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    try {
      const rows = database.prepare('pragma quick_check(5)').all()
      const problems = rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok')
      if (problems.length > 0) return [error(`${file} is damaged: ${problems.join('; ')}`, restore)]
      return [ok(`${file} is whole`)]
    } finally {
      database.close()
    }
  } catch (cause) {
    return [
      error(`${file} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, restore),
    ]
  }
}

/** The schema is that of this version. */
export async function checkMigrations(store: Store): Promise<Finding> {
  const { ok, error } = findings('migrations')
  const pending = await store.pendingMigrations()
  if (pending.length === 0) return ok('the schema is up to date')
  return error(
    `${pending.length} migrations are pending: ${pending.join(', ')}`,
    'pixy migrate, or start the server.',
  )
}

/** The master secret opens what is sealed: secrets of workspaces, and private keys. */
export async function checkSealed(store: Store, vault: Vault): Promise<Finding> {
  const { ok, error } = findings('secret')
  let opened = 0
  for (const { workspaceId, secretsSealed } of await store.workspaces.list()) {
    try {
      vault.open(secretsSealed, secretsContext(workspaceId))
      for (const key of await store.keys.list(workspaceId)) {
        vault.open(key.privateSealed, privateKeyContext(workspaceId, key.kid))
        opened += 1
      }
    } catch {
      const fix =
        'Give the secret that this database was made with: PIXY_SECRET, or PIXY_SECRET_PREVIOUS after a change.'
      return error(`the master secret does not open what ${workspaceId} has sealed`, fix)
    }
  }
  return ok(`the master secret opens ${opened} signing keys`)
}
