import type { Row } from './systems/coverage.mjs'
import type { RowTest } from './systems/titles.mjs'

/** The rows of the table. */
export function readRows(): Row[]

/** Every test of the repository that names rows. */
export function readTests(): RowTest[]

/** What is wrong, a sentence each: rows without tests, and a page that is not what would be written. */
export function checkSystems(): string[]
