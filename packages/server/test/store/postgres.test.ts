import { afterAll, describe, expect, it } from 'vitest'
import { describeStore } from '../../src/store/contract/describe-store.ts'
import { openPool } from '../../src/store/postgres/connection.ts'
import { PostgresEngine } from '../../src/store/postgres/engine.ts'
import { plainPostgresStore, postgresStore } from '../../src/store/postgres/store.ts'
import type { Store } from '../../src/store/store.ts'
import { newSchema, type TestSchema } from '../support/postgres/schemas.ts'
import { describeOn } from '../support/stores.ts'

const schemas = new Map<Store, TestSchema>()

function contractOf(name: string, makeStore: typeof postgresStore): void {
  const open = async (schema: TestSchema): Promise<Store> => {
    const store = makeStore(new PostgresEngine(openPool(schema.url)))
    schemas.set(store, schema)
    return store
  }
  describeStore(name, async () => open(await newSchema()), {
    openSame: (store) => open(schemaOf(store)),
    breakCommits,
  })
}

/** Statements succeed, and the transaction fails at its end, as when the disk is full. */
async function breakCommits(store: Store): Promise<() => Promise<void>> {
  const { sql } = schemaOf(store)
  const tables = ['authorization_codes', 'access_tokens', 'clients']
  await sql(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'no space left on device' using errcode = 'disk_full'; end $$`)
  for (const table of tables) {
    await sql(`create constraint trigger refuse after insert or update on ${table}
      deferrable initially deferred for each row execute function refuse()`)
  }
  return async () => {
    await sql('drop function refuse cascade')
  }
}

function schemaOf(store: Store): TestSchema {
  const found = schemas.get(store)
  if (!found) throw new Error('That store was opened elsewhere.')
  return found
}

describeOn('postgres', 'PostgreSQL', () => {
  afterAll(async () => {
    for (const schema of new Set(schemas.values())) await schema.drop()
  })

  contractOf('PostgreSQL', postgresStore)

  // What the hot statements stand in for.
  contractOf('the shared repositories on PostgreSQL', plainPostgresStore)

  describe('the schema', () => {
    it('compares every text byte by byte, whatever the locale of the database', async () => {
      const schema = await newSchema()
      const store = postgresStore(new PostgresEngine(openPool(schema.url)))
      schemas.set(store, schema)
      await store.migrate()
      const columns = await schema.sql(`select table_name, column_name, collation_name
        from information_schema.columns where table_schema = current_schema() and data_type = 'text'`)
      expect(columns.length).toBeGreaterThan(80)
      expect(columns.filter(({ collation_name }) => collation_name !== 'C')).toEqual([])
      await store.close()
    })
  })
})
