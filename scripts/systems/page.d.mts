import type { Row } from './coverage.mjs'
import type { RowTest } from './titles.mjs'

/** The whole page, from the rows and the tests that name them. */
export function pageOf(rows: readonly Row[], tests: readonly RowTest[]): string
