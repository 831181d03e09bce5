import { join, resolve } from 'node:path'
import { type Environment, readEnvironment } from '../config/environment.ts'
import { readConfigFile } from '../config/read-file.ts'
import { text } from '../config/schema/raw.ts'
import type { Context } from './context.ts'

/** Where an installation keeps its things, as `pixy start` finds them: flags, then environment, then the file. */
export interface Place {
  readonly env: Environment
  /** The configuration file, where there is one. */
  readonly file: string | undefined
  /** The data folder, absolute. */
  readonly data: string
  readonly database: string
  readonly socket: string
  /** The public base URL; a guess where nobody names it. */
  readonly url: string
  /** The socket of the folder belongs to a server on this database. */
  readonly isSocketOurs: boolean
}

/**
 * Reads only those members of the file: a verb must not fail because a secret that it does not need is not at hand.
 *
 * @throws {ConfigError} where the environment or the file cannot be read
 */
export async function findPlace({ terminal, config, data }: Context): Promise<Place> {
  const env = readEnvironment(terminal.env)
  const file = config ?? env.config
  const read = file === undefined ? {} : await readConfigFile(file)
  const namedFolder = data ?? env.data ?? text(read, 'data')
  const namedDatabase = env.database ?? text(read, 'database')
  const folder = resolve(namedFolder ?? './data')
  return {
    env,
    file,
    data: folder,
    database: namedDatabase ?? `sqlite:${join(folder, 'pixy.db')}`,
    socket: join(folder, 'admin.sock'),
    url: env.url ?? text(read, 'url') ?? `http://localhost:${env.port ?? 4000}`,
    // A server in ./data of the working directory need not be the one whose database was named.
    isSocketOurs: namedFolder !== undefined || namedDatabase === undefined,
  }
}

/** The file of an SQLite database, or nothing for another one. */
export function databaseFile(database: string): string | undefined {
  return database.startsWith('sqlite:') ? database.slice('sqlite:'.length) : undefined
}
