/** What differs between the engines when a table is made. */
export interface Ddl {
  /**
   * Ends the definition of a table of short rows, to be kept in the order of its primary key: a look-up is
   * then one descent instead of two. Empty where the engine cannot do that.
   */
  readonly clustered: '' | 'without rowid'
}
