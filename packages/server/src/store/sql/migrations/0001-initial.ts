import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { authorizationTables } from './0001-initial/authorizations.ts'
import { configurationTables } from './0001-initial/configuration.ts'
import { operationTables } from './0001-initial/operation.ts'
import { peopleTables } from './0001-initial/people.ts'
import type { Ddl } from './ddl.ts'

export const initial = (ddl: Ddl): Migration => ({
  async up(db: Kysely<unknown>) {
    const statements = [
      ...configurationTables(ddl),
      ...peopleTables(ddl),
      ...authorizationTables(),
      ...operationTables(ddl),
    ]
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})
