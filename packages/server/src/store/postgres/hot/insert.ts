/** The columns of a table with their types: a statement must say them where a value comes from no table. */
export type Columns<Row> = Readonly<Record<keyof Row & string, 'text' | 'bigint' | 'integer'>>

/**
 * `insert … select … from source`, with parameters from number `first` on: nothing is stored where `source` holds no
 * row.
 */
export function insertFrom<Row>(table: string, columns: Columns<Row>, source: string, first: number): string {
  const entries = Object.entries(columns)
  const names = entries.map(([name]) => `"${name}"`).join(', ')
  const values = entries.map(([, type], index) => `$${first + index}::${type}`).join(', ')
  return `insert into ${table} (${names}) select ${values} from ${source}`
}

/** The values of `row` in the order of its columns. */
export function valuesOf<Row>(columns: Columns<Row>, row: Row): readonly unknown[] {
  return (Object.keys(columns) as (keyof Row & string)[]).map((name) => row[name])
}
