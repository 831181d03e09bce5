import type { Ddl } from '../sql/migrations/ddl.ts'

/** Rows are always apart from their key here. */
export const DDL: Ddl = { clustered: '' }

/**
 * Text is compared byte by byte, as in SQLite, whatever the locale of the database: keys are, and pages of a list must
 * not change with an upgrade of the system's collations. Migrations just say `text`; a test looks at every column.
 */
export function compareBytes(statement: string): string {
  return /^\s*(?:create|alter) table\b/i.test(statement)
    ? statement.replaceAll(/\btext(?=\s*(?:,|not null|\)|$))/gi, 'text collate "C"')
    : statement
}
