/** Reads database URLs without ever showing the password that is in them. */

/** What is wrong with a database URL. Its message never quotes the URL. */
export class DatabaseUrlInvalid extends Error {
  override name = 'DatabaseUrlInvalid'
}

export function isPostgresUrl(database: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(database)
}

const DEFAULT_CONNECTIONS = 16
const MOST_CONNECTIONS = 200

/** `pool_max` of the URL: as many connections as this process may hold. */
export function readPoolMax(url: string): number {
  const text = parametersOf(url).get('pool_max')
  if (text === null) return DEFAULT_CONNECTIONS
  const number = Number(text)
  if (Number.isInteger(number) && number >= 2 && number <= MOST_CONNECTIONS) return number
  throw new DatabaseUrlInvalid(
    `pool_max of the database URL is not a whole number from 2 to ${MOST_CONNECTIONS}.`,
  )
}

/** Which database that is, for people: `PostgreSQL pixy on db.internal:5432`. Neither user nor password is in it. */
export function describePostgres(url: string): string {
  // Password and user may hold anything but a slash; an @ in them is the last one before the host.
  const [, host, name] = /^[a-z]+:\/\/(?:[^/]*@)?([^/?@]*)(?:\/([^?]*))?/i.exec(url) ?? []
  const where = host || parametersOf(url).get('host') || 'localhost'
  return name ? `PostgreSQL ${decoded(name)} on ${where}` : `PostgreSQL on ${where}`
}

function parametersOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
