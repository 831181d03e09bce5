import type { RowTest } from './titles.mjs'

/** One behaviour of one of the four systems. */
export interface Row {
  readonly id: string
  readonly system: string
  readonly behaviour: string
  readonly kinds: readonly string[]
  readonly standard: string
  /** What the standard says, where `standard` is `dev`. */
  readonly deviates?: string
  /** What it waits for. */
  readonly due?: string
  /** Nothing that could be tested. */
  readonly note?: boolean
}

export interface CoveredRow extends Row {
  readonly tests: readonly RowTest[]
  readonly strict: readonly RowTest[]
  readonly state: 'covered' | 'due' | 'note' | 'missing'
}

export const dues: Readonly<Record<string, string>>
export function coverage(rows: readonly Row[], tests: readonly RowTest[]): CoveredRow[]

/** Everything that is wrong with rows and tests, a sentence each; none where all is well. */
export function problemsOf(rows: readonly Row[], tests: readonly RowTest[]): string[]
