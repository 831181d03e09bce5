/** A test whose title starts with numbers of rows. */
export interface RowTest {
  /** From the root of the repository. */
  readonly file: string
  readonly rows: readonly string[]
  /** It shows the standard's answer, not the dialect's. */
  readonly strict: boolean
  /** What the title says behind the numbers. */
  readonly title: string
}

/** The tests of one file that name rows. */
export function titlesOf(file: string, text: string): RowTest[]

/** The rows that a title starts with, and what it says behind them. */
export function rowsOf(title: string): Omit<RowTest, 'file'> | undefined
