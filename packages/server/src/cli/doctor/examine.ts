import { existsSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { createVault } from '../../adapters/vault.ts'
import type { AdminDeps } from '../../admin-api/operation.ts'
import { loadConfig } from '../../config/load.ts'
import type { PixyConfig } from '../../config/schema.ts'
import { isPostgresUrl } from '../../store/postgres/url.ts'
import { StoreUnavailable } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { errorBody } from '../errors.ts'
import { getSecret, openDeps, openExisting } from '../open-database.ts'
import { databaseFile, findPlace, type Place } from '../place.ts'
import { issuersOfServer } from '../running-server.ts'
import { checkClients } from './clients.ts'
import { checkConfiguration } from './configuration.ts'
import { checkIntegrity, checkMigrations, checkSealed } from './database.ts'
import { checkFiles } from './files.ts'
import { type Check, type Finding, findings, type Patient } from './finding.ts'
import { checkKeys } from './keys.ts'
import { checkPostgres } from './postgres.ts'
import { checkDisk, checkRuntime } from './runtime.ts'
import { checkIssuers, checkPort } from './server.ts'

const checks: readonly Check[] = [
  checkRuntime,
  checkConfiguration,
  checkFiles,
  checkDisk,
  checkIntegrity,
  checkPostgres,
  checkPort,
  checkIssuers,
  checkKeys,
  checkClients,
]

/** Looks at everything, whatever of it is broken: each trouble is a finding, none stops the others. */
export async function examine(context: Context): Promise<readonly Finding[]> {
  const found: Finding[] = []
  const take = (check: string, cause: unknown) => void found.push(...troubles(check, cause))
  const place = await findPlace(context).catch((cause: unknown) => take('config', cause))
  if (!place) return found
  const config = await readConfig(context, place).catch((cause: unknown) => take('config', cause))
  const runningIssuers = await issuersOfServer(place)
  const opened = await openPatient(withUrl(place, runningIssuers))
  try {
    const patient: Patient = {
      place,
      config: config ?? undefined,
      deps: opened.deps,
      runningIssuers,
      now: systemClock.now(),
    }
    for (const check of checks) {
      found.push(...(await check(patient).catch((cause: unknown) => troubles('doctor', cause))))
      if (check === checkPostgres) found.push(...opened.found)
    }
    return found
  } finally {
    await opened.deps?.store.close()
  }
}

/** The demo's URL follows its port, which only the server knows. */
function withUrl(place: Place, issuers: readonly string[] | undefined): Place {
  const [only, second] = issuers ?? []
  const isNamed = place.file !== undefined || place.env.url !== undefined
  return only === undefined || second !== undefined || isNamed
    ? place
    : { ...place, url: new URL(only).origin }
}

function readConfig({ terminal, data, config }: Context, { file }: Place): Promise<PixyConfig> {
  return loadConfig({ file: config ?? file, env: terminal.env, overrides: { data }, production: false })
}

/** Opens the database step by step, so that what is wrong is told by its name. */
async function openPatient(
  place: Place,
): Promise<{ readonly deps?: AdminDeps; readonly found: readonly Finding[] }> {
  const file = databaseFile(place.database)
  if (file !== undefined && !existsSync(file)) return { found: [] }
  const found: Finding[] = []
  try {
    const store = await openExisting(place)
    try {
      const migrations = await checkMigrations(store)
      found.push(migrations)
      const vault = createVault(await getSecret(place), place.env.secretPrevious)
      if (migrations.level === 'ok') found.push(await checkSealed(store, vault))
    } finally {
      await store.close()
    }
    if (found.some(({ level }) => level === 'error')) return { found }
    const deps = await openDeps(place)
    await deps.workspaces.refresh()
    return { deps, found }
  } catch (cause) {
    // That is what `checkPostgres` is about to tell, with what to do.
    if (isPostgresUrl(place.database) && cause instanceof StoreUnavailable) return { found }
    return { found: [...found, ...troubles('database', cause)] }
  }
}

function troubles(check: string, cause: unknown): readonly Finding[] {
  const { error } = findings(check)
  const { message, fix, problems } = errorBody(cause)
  const advice = fix ?? 'See the message; the reference documentation names every member.'
  return problems ? problems.map((problem) => error(problem, advice)) : [error(message, advice)]
}
