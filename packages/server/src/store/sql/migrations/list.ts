import type { Migration } from 'kysely/migration'
import { initial } from './0001-initial.ts'
import { clientDeviations } from './0002-client-deviations.ts'
import { pushedRequests } from './0003-pushed-requests.ts'
import { deviceCodes } from './0004-device-codes.ts'
import { linkedIdentities } from './0005-linked-identities.ts'
import type { Ddl } from './ddl.ts'

/**
 * Every change of the schema, in the order of its name. A migration that was released never changes: a later
 * one corrects it.
 */
export const migrations = (ddl: Ddl): Readonly<Record<string, Migration>> => ({
  '0001-initial': initial(ddl),
  '0002-client-deviations': clientDeviations(ddl),
  '0003-pushed-requests': pushedRequests,
  '0004-device-codes': deviceCodes(),
  '0005-linked-identities': linkedIdentities(ddl),
})
