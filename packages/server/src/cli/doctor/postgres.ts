import { inspectPostgres, type PostgresFacts } from '../../store/postgres/inspect.ts'
import { describePostgres, isPostgresUrl } from '../../store/postgres/url.ts'
import { type Check, type Finding, findings } from './finding.ts'

const OLDEST = 150_000

/** What PostgreSQL says about itself. Its URL is in no finding: there is a password in it. */
export const checkPostgres: Check = async ({ place }) => {
  if (!isPostgresUrl(place.database)) return []
  const { ok, error } = findings('database')
  const where = describePostgres(place.database)
  try {
    const facts = await inspectPostgres(place.database)
    const found = judge(facts)
    return found.length > 0 ? found : [ok(`${where} answers, version ${facts.version}`)]
  } catch (cause) {
    const fix = 'See that the server runs and that PIXY_DATABASE_URL names it, its user and its password.'
    return [error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, fix)]
  }
}

function judge(facts: PostgresFacts): readonly Finding[] {
  const { error, warning } = findings('database')
  const found: Finding[] = []
  const { version, encoding, fsync, synchronousCommit } = facts
  if (facts.versionNumber < OLDEST) {
    found.push(error(`PostgreSQL ${version} is too old`, 'Use version 15 or newer.'))
  }
  if (encoding !== 'UTF8') {
    const fix = "create database pixy encoding 'UTF8' template template0"
    found.push(error(`the database has the encoding ${encoding}`, fix))
  }
  if (fsync !== 'on') {
    found.push(error('fsync is off: a crash of the machine destroys the database', 'Set fsync = on.'))
  }
  if (synchronousCommit === 'off') {
    const fix = 'Set synchronous_commit = on, for this database at least.'
    found.push(error('synchronous_commit is off: a crash loses tokens that were given out', fix))
  }
  if (facts.isStandby) {
    const fix = 'Name the primary, or several hosts of which one takes writes.'
    found.push(error('the server is a standby and takes no writes', fix))
  }
  if (facts.isRemote && !facts.isEncrypted) {
    const fix = 'Add ?sslmode=verify-full to the URL, with sslrootcert where the certificate is your own.'
    found.push(warning('the connection to another machine is not encrypted', fix))
  }
  return found
}
