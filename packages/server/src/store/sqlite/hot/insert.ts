import type { SQLInputValue } from 'node:sqlite'
import type { SqliteEngine } from '../engine.ts'

/** A prepared INSERT that takes rows. `conflict` is what follows VALUES. */
export function prepareInsert<Row extends { readonly [Column in keyof Row]: SQLInputValue }>(
  engine: SqliteEngine,
  table: string,
  columns: readonly (keyof Row & string)[],
  conflict = '',
): (row: Row) => number {
  const names = columns.map((column) => `"${column}"`).join(', ')
  const marks = columns.map(() => '?').join(', ')
  const statement = engine.prepare(`insert into ${table} (${names}) values (${marks}) ${conflict}`)
  return (row) => statement.run(...columns.map((column) => row[column]))
}
