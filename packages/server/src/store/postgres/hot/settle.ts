import { StoreUnavailable } from '../../store.ts'
import { ConnectionLost } from '../errors.ts'

/** Between two looks whether the database is back: together as long as a restart takes, and no request hangs. */
const PAUSES = [50, 100, 200, 400, 800, 1500, 2000]

/**
 * Runs what may happen once, and finds out what became of it where the connection broke before the answer came: once
 * the database is back it is run again, and where that comes too late `isOurs` says whether the first run was the one.
 * A client that is told "try again" would otherwise come with a code or token that is spent by now, which reads as a
 * theft and ends its grant.
 *
 * @throws {StoreUnavailable} where the database does not come back soon: then nobody knows
 */
export async function settle(
  run: () => Promise<boolean>,
  isOurs: (lost: StoreUnavailable) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof StoreUnavailable && error.cause instanceof ConnectionLost)) throw error
    return patiently(async () => (await run()) || (await isOurs(error)))
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return work()
}
