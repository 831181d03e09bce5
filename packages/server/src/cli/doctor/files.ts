import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { secretFile } from '../../start/master-secret.ts'
import { databaseFile } from '../place.ts'
import { type Check, type Finding, findings } from './finding.ts'

/** What is in the data folder is for its owner's eyes: keys, hashes, and a socket that may do everything. */
export const checkFiles: Check = async ({ place }) => {
  const { ok, error, skipped } = findings('files')
  if (process.platform === 'win32') return [skipped('file modes are not looked at on Windows')]
  const database = databaseFile(place.database)
  const files = [
    place.data,
    secretFile(place.data),
    join(place.data, 'first-run.json'),
    place.socket,
    ...(database === undefined ? [] : [database]),
  ]
  const open: Finding[] = []
  let there = 0
  for (const file of files) {
    const stats = await stat(file).catch(() => undefined)
    if (!stats) continue
    there += 1
    const others = stats.mode & 0o077
    const wanted = stats.isDirectory() ? '700' : '600'
    if (others !== 0) {
      const mode = (stats.mode & 0o777).toString(8)
      open.push(error(`${file} is open to others (mode ${mode})`, `chmod ${wanted} ${file}`))
    }
  }
  if (there === 0) return [skipped(`there is no data folder ${place.data} yet`)]
  return open.length > 0 ? open : [ok(`${place.data} is its owner’s alone`)]
}
