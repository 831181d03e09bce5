import { statfs } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { type Check, findings } from './finding.ts'

const OLDEST = 24

/** Node and the SQLite inside it. */
export const checkRuntime: Check = async () => {
  const { ok, error } = findings('node')
  if (Number.parseInt(process.versions.node, 10) < OLDEST) {
    return [
      error(
        `Node ${process.version} is too old`,
        `Install Node ${OLDEST} or newer, or use npm start, which brings one.`,
      ),
    ]
  }
  const memory = new DatabaseSync(':memory:')
  try {
    const { version } = memory.prepare('select sqlite_version() as version').get() ?? {}
    return [ok(`Node ${process.version}, node:sqlite ${String(version)}`)]
  } finally {
    memory.close()
  }
}

const LEAST_FREE = 200_000_000

/** Room for the database and its log. */
export const checkDisk: Check = async ({ place }) => {
  const { ok, error, skipped } = findings('disk')
  const stats = await statfs(place.data).catch(() => undefined)
  if (!stats) return [skipped('the data folder is not there yet')]
  const free = stats.bavail * stats.bsize
  const shown = `${(free / 1e9).toFixed(1)} GB free`
  if (free >= LEAST_FREE) return [ok(shown)]
  return [error(`${shown} in ${place.data}`, 'Make room: without it sign-ins fail with 503.')]
}
