import type { DatabaseSync } from 'node:sqlite'

const ROWS = 1_000_000
const ROWS_OF_A_PARTIAL_INDEX = 1000
const WORKSPACES = 10
const ROWS_OF_ANY_OTHER_VALUE = 20

interface Index {
  readonly name: string
  readonly unique: 0 | 1
  readonly origin: 'c' | 'u' | 'pk'
  readonly partial: 0 | 1
}

/**
 * Tells the query planner how the tables look when they are full
 * (https://sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables). It guesses
 * otherwise that `workspace_id` alone finds ten rows, and walks through a whole workspace where an index
 * would lead to one row. Made up, since an empty database has nothing to measure, and the same for everybody.
 */
export function describeTables(db: DatabaseSync): void {
  db.exec('analyze sqlite_schema') // creates sqlite_stat1
  db.exec('delete from sqlite_stat1')
  const insert = db.prepare('insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)')
  for (const { name: table, wr: clustered } of tables(db)) {
    for (const index of db.prepare('select * from pragma_index_list(?)').all(table) as unknown as Index[]) {
      const isTable = clustered === 1 && index.origin === 'pk' // the key *is* the table, and has its name
      insert.run(table, isTable ? table : index.name, statistics(db, index))
    }
  }
  db.exec('analyze sqlite_schema') // reads sqlite_stat1 again
}

function tables(db: DatabaseSync) {
  const sql = `select name, wr from pragma_table_list where schema = 'main' and type = 'table'
    and name not like 'sqlite%' and name not like 'kysely%'`
  return db.prepare(sql).all() as unknown as readonly { readonly name: string; readonly wr: 0 | 1 }[]
}

/** How many rows the index has, and how many are left after each of its columns. */
function statistics(db: DatabaseSync, { name, unique, partial }: Index): string {
  const sql = 'select name from pragma_index_info(?) order by seqno'
  const columns = db.prepare(sql).all(name) as unknown as readonly { readonly name: string }[]
  const rows = partial === 1 ? ROWS_OF_A_PARTIAL_INDEX : ROWS
  const left = columns.map((column, at) => {
    if (at === 0 && column.name === 'workspace_id') return rows / WORKSPACES
    return unique === 1 && at === columns.length - 1 ? 1 : ROWS_OF_ANY_OTHER_VALUE
  })
  return [rows, ...left].join(' ')
}
