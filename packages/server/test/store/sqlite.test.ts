import { constants, DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { describeStore } from '../../src/store/contract/describe-store.ts'
import { MEMORY } from '../../src/store/sqlite/connection.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { plainSqliteStore, sqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { type Opened, openFile, temporaryFiles } from './files.ts'

/** Every statement that the tests of this file prepare. */
const statements = new Set<string>()
const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function (sql, options) {
  statements.add(sql)
  return prepare.call(this, sql, options)
}
afterAll(() => {
  DatabaseSync.prototype.prepare = prepare
})

const newFile = temporaryFiles()
const opened = new WeakMap<Store, Opened>()

function contractOf(name: string, makeStore: typeof sqliteStore): void {
  const open = async (path: string): Promise<Store> => {
    const file = openFile(path, makeStore)
    opened.set(file.store, file)
    return file.store
  }
  describeStore(name, () => open(newFile()), {
    openSame: (store) => open(behind(store).path),
    breakCommits,
  })
}

async function breakCommits(store: Store): Promise<() => Promise<void>> {
  const { connection } = behind(store).engine
  connection.setAuthorizer((action, argument) =>
    action === constants.SQLITE_TRANSACTION && argument === 'COMMIT'
      ? constants.SQLITE_DENY
      : constants.SQLITE_OK,
  )
  return async () => connection.setAuthorizer(null)
}

function behind(store: Store): Opened {
  const found = opened.get(store)
  if (!found) throw new Error('That store was opened elsewhere.')
  return found
}

contractOf('SQLite in a file', sqliteStore)

describeStore('SQLite in memory', () => openSqlite({ path: MEMORY }))

// What another engine gets before it writes anything of its own.
contractOf('the shared repositories on SQLite', plainSqliteStore)

/** Small tables that are read as a whole, no table at all, and the newest of all events. */
const MAY_BE_SCANNED = /^SCAN (tenants|workspaces|CONSTANT ROW|flow_events USING INDEX flow_events_by_time)/
const ASKS_FOR_ALL = /where "workspace_id" = \?( order by .*)?$/

/** Whether a step of a query plan goes through more rows than the statement is about. */
function walks(step: string, sql: string): boolean {
  if (step.startsWith('SCAN ')) return !MAY_BE_SCANNED.test(step)
  // Every row of a workspace begins with its id.
  return /USING (PRIMARY KEY|INDEX sqlite_\w+) \(workspace_id=\?\)$/.test(step) && !ASKS_FOR_ALL.test(sql)
}

describe('the statements that ran above', () => {
  it('all find their rows by an index', async () => {
    const { store, engine } = openFile(newFile())
    await store.migrate()
    const ours = [...statements].filter(
      (sql) => /^\s*(select|insert|update|delete) /i.test(sql) && !/sqlite_|pragma_|kysely_/.test(sql),
    )
    const walking: string[] = []
    for (const sql of ours) {
      const plan = engine.connection.prepare(`explain query plan ${sql}`).all()
      for (const { detail } of plan) {
        const step = String(detail)
        if (walks(step, sql)) walking.push(`${step}: ${sql}`)
      }
    }
    await store.close()
    expect(ours.length).toBeGreaterThan(80)
    expect(walking).toEqual([])
  })
})
