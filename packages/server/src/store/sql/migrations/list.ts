import type { Migration } from 'kysely/migration'
import { initial } from './0001-initial.ts'
import type { Ddl } from './ddl.ts'

/**
 * Every change of the schema, in the order of its name. A migration that was released never changes: a later
 * one corrects it.
 */
export const migrations = (ddl: Ddl): Readonly<Record<string, Migration>> => ({
  '0001-initial': initial(ddl),
})
